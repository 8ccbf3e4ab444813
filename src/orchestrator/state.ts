/** The state of a run: what its events, folded, amount to. */
import { z } from "zod";
import type { JsonValue } from "../base/json-value.ts";
import { failureSchema } from "../protocol/failure.ts";
import { stepKeySchema, taskIdSchema } from "../protocol/ids.ts";
import { jsonSchema } from "../protocol/json.ts";
import { attemptNameSchema, runSpecSchema } from "../protocol/run-events.ts";
import { resultDataSchema } from "../protocol/tasks.ts";
import { flowSchema } from "./flow.ts";

/** One carrying-out of a step; `result` is null while it is under way. Never overwritten. */
export const attemptSchema = z.object({
  attempt: z.int().positive(),
  taskId: taskIdSchema,
  input: jsonSchema,
  dispatchedAt: z.number(),
  result: resultDataSchema.nullable(),
  /** The task of the run this one was forked from that really did it. */
  inheritedFrom: taskIdSchema.optional(),
  /** The attempt that really did it, where its result was taken from the cache. */
  cachedFrom: attemptNameSchema.optional(),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** Where a step stands; `attempt` is the number of the attempt that put it there. */
export const stepProgressSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("waiting") }),
  /** Its needs are met; an earlier result is looked for, for the attempt that is to come. */
  z.object({ status: z.literal("ready"), attempt: z.int().positive() }),
  z.object({ status: z.literal("dispatched"), attempt: z.int().positive(), taskId: taskIdSchema }),
  z.object({ status: z.literal("retrying"), attempt: z.int().positive(), dueAt: z.number() }),
  z.object({ status: z.literal("cancelling"), attempt: z.int().positive(), taskId: taskIdSchema }),
  z.object({ status: z.literal("succeeded"), attempt: z.int().positive() }),
  z.object({ status: z.literal("failed"), attempt: z.int().positive() }),
  z.object({ status: z.literal("cancelled") }),
  z.object({ status: z.literal("blocked"), by: stepKeySchema }),
  /** A fan-out: its instances are being done; `attempt` closes when all of them have. */
  z.object({ status: z.literal("running"), attempt: z.int().positive(), taskId: taskIdSchema }),
  /** Its needs are met; a person has to agree before it is dispatched. */
  z.object({ status: z.literal("awaiting-approval"), since: z.number() }),
  /** Not to be done; `deadEnd` tells whether steps that need it can be done all the same. */
  z.object({ status: z.literal("skipped"), reason: z.string(), deadEnd: z.boolean() }),
  /** It succeeded (or was skipped: attempt 0), but a step before it has been done again since. */
  z.object({ status: z.literal("stale"), attempt: z.int().nonnegative(), by: stepKeySchema }),
]);
export type StepProgress = z.infer<typeof stepProgressSchema>;

/** A step of a run: where it stands, and everything that was tried. */
export const stepStateSchema = z.object({
  progress: stepProgressSchema,
  attempts: z.array(attemptSchema).readonly(),
  /** Attempts made before the last rerun; they do not count against the retry policy. */
  attemptsForgiven: z.int().nonnegative(),
  /** Whether a person has agreed to it since it was last reset. */
  approved: z.boolean().default(false),
  /** What a person said when pushing work back to this step; empty when nobody did. */
  feedback: z.string().default(""),
  /** Whether an earlier result was looked for. */
  lookedUp: z.boolean().optional(),
});
export type StepState = z.infer<typeof stepStateSchema>;

export const runStatusSchema = z.enum([
  "running",
  "paused",
  "waiting",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
]);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** What never changes in a run: what was asked, and the flow its text says. */
export const runOriginSchema = z.object({
  spec: runSpecSchema,
  flow: flowSchema,
  requestedAt: z.number(),
});

/** A run. Steps are keyed by step instance. */
export const runStateSchema = z.object({
  origin: runOriginSchema,
  status: runStatusSchema,
  /** Why the run failed as a whole, when no step tells. */
  failure: failureSchema.nullable(),
  steps: z.record(stepKeySchema, stepStateSchema),
  /** When it last began: at the request, or at a rerun. */
  startedAt: z.number(),
  /** When the run last ended; null while it is under way. */
  finishedAt: z.number().nullable(),
  /** Results that changed nothing: late, duplicate or unknown. */
  ignoredResults: z.int().nonnegative(),
  /** Whether anything in it was done again: then nothing more is taken from the cache. */
  doneAnew: z.boolean().optional(),
});
export type RunState = z.infer<typeof runStateSchema>;

/** Whether nothing more will happen to a run by itself. */
export function hasEnded(status: RunStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

/** Whether a step is being carried out or about to be again. */
export function isActive(progress: StepProgress): boolean {
  return (
    progress.status === "ready" ||
    progress.status === "dispatched" ||
    progress.status === "running" ||
    progress.status === "retrying" ||
    progress.status === "cancelling"
  );
}

/** Whether a run takes orders that stop or hold it: it is neither over nor about to be. */
export function isUnderWay(status: RunStatus): boolean {
  return status === "running" || status === "paused" || status === "waiting";
}

/** A step that nothing has happened to yet. */
export const FRESH_STEP: StepState = {
  progress: { status: "waiting" },
  attempts: [],
  attemptsForgiven: 0,
  approved: false,
  feedback: "",
};

/** The last attempt of a step; undefined when none was made. */
export function lastAttempt(step: StepState): Attempt | undefined {
  return step.attempts[step.attempts.length - 1];
}

/** The output a step offers to those that need it; undefined unless it succeeded. */
export function outputOf(step: StepState): JsonValue | undefined {
  if (step.progress.status !== "succeeded") return undefined;
  const result = lastAttempt(step)?.result;
  return result?.status === "succeeded" ? result.output : undefined;
}
