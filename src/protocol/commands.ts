import { z } from "zod";
import { runIdSchema, stepKeySchema } from "./ids.ts";
import { sameRunWishSchema } from "./rerun.ts";
import { planHashSchema, runSpecSchema, verdictSchema } from "./run-events.ts";

/**
 * What an operator may ask of the orchestrator; goes through the command stream. `commandId` makes
 * a repeated order harmless and ties a refusal to its order.
 */
export const commandSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("start-run"), commandId: z.string().max(128), spec: runSpecSchema }),
  z.object({
    type: z.literal("rerun-step"),
    commandId: z.string().max(128),
    runId: runIdSchema,
    stepKey: stepKeySchema,
  }),
  /** Carries out a plan, if the run is still as it was when the plan was made. */
  z.object({
    type: z.literal("apply-plan"),
    commandId: z.string().max(128),
    runId: runIdSchema,
    wish: sameRunWishSchema,
    planHash: planHashSchema,
    interrupt: z.boolean().default(false),
  }),
  z.object({ type: z.literal("cancel-run"), commandId: z.string().max(128), runId: runIdSchema }),
  z.object({ type: z.literal("pause-run"), commandId: z.string().max(128), runId: runIdSchema }),
  z.object({ type: z.literal("resume-run"), commandId: z.string().max(128), runId: runIdSchema }),
  z.object({
    type: z.literal("give-verdict"),
    commandId: z.string().max(128),
    runId: runIdSchema,
    stepKey: stepKeySchema,
    verdict: verdictSchema,
  }),
]);
export type Command = z.infer<typeof commandSchema>;
