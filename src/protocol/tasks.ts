import { z } from "zod";
import { failureSchema } from "./failure.ts";
import { taskAgentNameSchema } from "./ids.ts";
import { jsonSchema } from "./json.ts";

/** Data of `task.<agent>`: the order to carry out one attempt of a step. */
export const taskDataSchema = z.object({
  agent: taskAgentNameSchema,
  /** What the agent works on; each agent has its own schema for it. */
  input: jsonSchema,
});
export type TaskData = z.infer<typeof taskDataSchema>;

const attemptTimes = {
  /** Which worker slot did it; free text for a foreign agent. */
  worker: z.string().max(200),
  /** When the attempt began and ended, milliseconds since the epoch, by the worker's clock. */
  startedAt: z.number().nonnegative(),
  finishedAt: z.number().nonnegative(),
};

/** Data of `result.<agent>`: what an attempt returned, or why it did not. */
export const resultDataSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("succeeded"), output: jsonSchema, ...attemptTimes }),
  z.object({ status: z.literal("failed"), failure: failureSchema, ...attemptTimes }),
]);
export type ResultData = z.infer<typeof resultDataSchema>;
