/**
 * What happened to a run, in order. The log of these events is the run: folding it gives its
 * state, in the orchestrator (to decide), in a console (to show) and in a saved session.
 */
import { z } from "zod";
import { failureSchema } from "./failure.ts";
import { runIdSchema, sessionIdSchema, stepKeySchema, taskIdSchema } from "./ids.ts";
import { jsonSchema } from "./json.ts";
import { parameterValuesSchema } from "./parameter-values.ts";
import { forkSchema, sameRunWishSchema } from "./rerun.ts";
import { resultDataSchema, succeededResultSchema } from "./tasks.ts";

/** Everything a run was asked to do; never changes, so that it can be done again later. */
export const runSpecSchema = z.object({
  runId: runIdSchema,
  sessionId: sessionIdSchema,
  flowName: z.string().max(100),
  /** The flow file's text at the time of the request. */
  flowText: z.string().max(100_000),
  parameters: parameterValuesSchema,
  /** The text of each model the run names, so that the run survives changes of its file. */
  models: z.record(z.string().max(200), z.string().max(150_000)).default({}),
  /** The finished run a question is about. */
  basedOn: runIdSchema.optional(),
  /** Outputs of that run, by step, which the flow can look up as `based-on`. */
  basedOnOutputs: z.record(z.string().max(50), jsonSchema).optional(),
  /** The run this one was forked from; `fork` says what it takes over. */
  forkedFrom: runIdSchema.optional(),
  fork: forkSchema.optional(),
  /** Every step is really done, also where the flow says `cache: true`. */
  noCache: z.boolean().optional(),
});
export type RunSpec = z.infer<typeof runSpecSchema>;

const at = z.number().nonnegative();

/** A hash over what a plan was made from; another hash means that the run has moved on. */
export const planHashSchema = z.string().regex(/^[0-9a-f]{16}$/);

/** Names an attempt of any run. */
export const attemptNameSchema = z.object({
  runId: runIdSchema,
  stepKey: stepKeySchema,
  attempt: z.int().positive(),
});
export type AttemptName = z.infer<typeof attemptNameSchema>;

/** What a person says to a step that waits for approval. */
export const verdictSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("approve") }),
  z.object({ kind: z.literal("reject"), reason: z.string().max(2000) }),
  /** Have an earlier step done again, with a word to it. */
  z.object({ kind: z.literal("push-back"), to: stepKeySchema, feedback: z.string().max(2000) }),
]);
export type Verdict = z.infer<typeof verdictSchema>;

/** One event; `at` is milliseconds since the epoch. */
export const runEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run-requested"), at, spec: runSpecSchema }),
  /** The run's first event in place of a request that nobody has any more: it ends with it. */
  z.object({
    type: z.literal("run-lost"),
    at,
    runId: runIdSchema,
    sessionId: sessionIdSchema,
    flowName: z.string().max(100),
  }),
  z.object({
    type: z.literal("result-received"),
    at,
    stepKey: stepKeySchema,
    attempt: z.int().positive(),
    taskId: taskIdSchema,
    result: resultDataSchema,
  }),
  /** The result of an earlier attempt was taken, of this or another run; nothing was dispatched. */
  z.object({
    type: z.literal("result-reused"),
    at,
    stepKey: stepKeySchema,
    attempt: z.int().positive(),
    from: attemptNameSchema,
    result: succeededResultSchema,
  }),
  /** No earlier result could be taken, and why: the step is dispatched. */
  z.object({
    type: z.literal("reuse-declined"),
    at,
    stepKey: stepKeySchema,
    attempt: z.int().positive(),
    reason: z.string().max(500),
  }),
  /** Kept for the operator to see; changes nothing. */
  z.object({
    type: z.literal("result-ignored"),
    at,
    taskId: taskIdSchema,
    reason: z.enum(["late", "duplicate", "unknown"]),
  }),
  z.object({
    type: z.literal("retry-due"),
    at,
    stepKey: stepKeySchema,
    attempt: z.int().positive(),
  }),
  z.object({
    type: z.literal("timeout-reached"),
    at,
    stepKey: stepKeySchema,
    attempt: z.int().positive(),
  }),
  z.object({
    type: z.literal("rerun-requested"),
    at,
    commandId: z.string().max(128),
    stepKey: stepKeySchema,
  }),
  /** A plan was carried out: its reset set begins anew. */
  z.object({
    type: z.literal("plan-applied"),
    at,
    commandId: z.string().max(128),
    wish: sameRunWishSchema,
    planHash: planHashSchema,
    /** Whether active steps of the reset set are given up first. */
    interrupt: z.boolean(),
  }),
  z.object({ type: z.literal("cancel-requested"), at, commandId: z.string().max(128) }),
  z.object({ type: z.literal("pause-requested"), at, commandId: z.string().max(128) }),
  z.object({ type: z.literal("resume-requested"), at, commandId: z.string().max(128) }),
  z.object({
    type: z.literal("verdict-given"),
    at,
    commandId: z.string().max(128),
    stepKey: stepKeySchema,
    verdict: verdictSchema,
  }),
  /** A command that could not be carried out; changes nothing. */
  z.object({
    type: z.literal("command-refused"),
    at,
    commandId: z.string().max(128),
    reason: failureSchema,
    /** Whether it was refused because the run had moved on since it was looked at. */
    conflict: z.boolean().optional(),
  }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;

/** Data of `event.run`: the event and its place in the run's log, counted from 1. */
export const runEventDataSchema = z.object({
  runId: runIdSchema,
  seq: z.int().positive(),
  event: runEventSchema,
});
export type RunEventData = z.infer<typeof runEventDataSchema>;
