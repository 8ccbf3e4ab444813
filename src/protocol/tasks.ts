import { z } from "zod";
import { failureSchema } from "./failure.ts";
import { taskAgentNameSchema } from "./ids.ts";
import { jsonSchema } from "./json.ts";

/** Data of `task.<agent>`: the order to carry out one attempt of a step. */
export const taskDataSchema = z.object({
  agent: taskAgentNameSchema,
  /** What the agent works on; each agent has its own schema for it. */
  input: jsonSchema,
  /** Whether the result may be taken for a later attempt: it then has to name its `definition`. */
  cache: z.literal(true).optional(),
});
export type TaskData = z.infer<typeof taskDataSchema>;

const attemptTimes = {
  /** Which worker slot did it; free text for a foreign agent. */
  worker: z.string().max(200),
  /** When the attempt began and ended, milliseconds since the epoch, by the worker's clock. */
  startedAt: z.number().nonnegative(),
  finishedAt: z.number().nonnegative(),
};

/** What an attempt returned. */
export const succeededResultSchema = z.object({
  status: z.literal("succeeded"),
  output: jsonSchema,
  ...attemptTimes,
  /**
   * A hash of what the agent worked with besides its input: its version and its settings. Said where
   * the task says `cache`; without it the result is taken for no other attempt.
   */
  definition: z.string().max(100).optional(),
});

/** Data of `result.<agent>`: what an attempt returned, or why it did not. */
export const resultDataSchema = z.discriminatedUnion("status", [
  succeededResultSchema,
  z.object({ status: z.literal("failed"), failure: failureSchema, ...attemptTimes }),
]);
export type ResultData = z.infer<typeof resultDataSchema>;
