/** What an operator can want done again: in the same run, or in a run forked from it. */
import { z } from "zod";
import { stepKeySchema, taskIdSchema } from "./ids.ts";
import { jsonSchema } from "./json.ts";
import { parameterValuesSchema } from "./parameter-values.ts";
import { resultDataSchema } from "./tasks.ts";

/** Wishes without an edit: the same run, next attempts. */
export const sameRunWishSchema = z.discriminatedUnion("kind", [
  /** The step and all its descendants. */
  z.object({ kind: z.literal("from"), stepKey: stepKeySchema }),
  /** The step alone; its descendants become stale. */
  z.object({ kind: z.literal("only"), stepKey: stepKeySchema }),
  /** Every failed step and all their descendants. */
  z.object({ kind: z.literal("failed") }),
  /** Every stale step and all their descendants. */
  z.object({ kind: z.literal("stale") }),
]);
export type SameRunWish = z.infer<typeof sameRunWishSchema>;

/** Wishes with an edit: a new run, forked from the one that stays as it is. */
export const forkWishSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("edit-input"), stepKey: stepKeySchema, input: jsonSchema }),
  z.object({ kind: z.literal("pin-output"), stepKey: stepKeySchema, output: jsonSchema }),
  /** Values that replace the run's; the others stay. */
  z.object({ kind: z.literal("parameters"), parameters: parameterValuesSchema }),
  z.object({ kind: z.literal("flow"), flowText: z.string().max(100_000) }),
]);
export type ForkWish = z.infer<typeof forkWishSchema>;

/** Anything an operator can want done again. */
export type RerunWish = SameRunWish | ForkWish;

/** Whether a wish makes a new run. */
export function isForkWish(wish: RerunWish): wish is ForkWish {
  switch (wish.kind) {
    case "from":
    case "only":
    case "failed":
    case "stale":
      return false;
    case "edit-input":
    case "pin-output":
    case "parameters":
    case "flow":
      return true;
  }
}

/** What a forked run takes over instead of doing it again. */
export const forkSchema = z.object({
  /** Attempts taken over, by step: their results count as if they had been made here. */
  inherited: z.record(
    z.string().max(50),
    z.object({ taskId: taskIdSchema, input: jsonSchema, result: resultDataSchema }),
  ),
  /** Inputs the operator wrote, by step; used in place of what the flow file says. */
  inputs: z.record(z.string().max(50), jsonSchema),
  /** Steps that are neither inherited nor done here, and why. */
  leftOut: z.record(z.string().max(50), z.string().max(1000)),
});
export type Fork = z.infer<typeof forkSchema>;
