/**
 * What happened to a run, in order. The log of these events is the run: folding it gives its
 * state, in the orchestrator (to decide), in a console (to show) and in a saved session.
 */
import { z } from "zod";
import { failureSchema } from "./failure.ts";
import { runIdSchema, sessionIdSchema, stepKeySchema, taskIdSchema } from "./ids.ts";
import { jsonSchema } from "./json.ts";
import { resultDataSchema } from "./tasks.ts";

/** Values of a flow's parameters. */
export const parameterValuesSchema = z.record(
  z.string().max(100),
  z.union([z.string().max(4000), z.number(), z.boolean(), z.record(z.string(), z.number())]),
);
export type ParameterValues = z.infer<typeof parameterValuesSchema>;

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
  forkedFrom: runIdSchema.optional(),
});
export type RunSpec = z.infer<typeof runSpecSchema>;

const at = z.number().nonnegative();

/** One event; `at` is milliseconds since the epoch. */
export const runEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run-requested"), at, spec: runSpecSchema }),
  z.object({
    type: z.literal("result-received"),
    at,
    stepKey: stepKeySchema,
    attempt: z.int().positive(),
    taskId: taskIdSchema,
    result: resultDataSchema,
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
  z.object({ type: z.literal("cancel-requested"), at, commandId: z.string().max(128) }),
  /** A command that could not be carried out; changes nothing. */
  z.object({
    type: z.literal("command-refused"),
    at,
    commandId: z.string().max(128),
    reason: failureSchema,
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
