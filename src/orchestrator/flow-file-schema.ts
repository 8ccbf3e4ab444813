/** The form of a flow file: what each key may hold, before the graph is looked at. */
import { z } from "zod";
import { stepIdSchema, TASK_AGENT_NAMES, taskAgentNameSchema } from "../protocol/ids.ts";
import { jsonSchema } from "../protocol/json.ts";
import { conditionSchema } from "./condition.ts";
import { MAXIMUM_INSTANCES, MAXIMUM_STEPS, parameterSchema } from "./flow.ts";
import { DEFAULT_RETRY } from "./retry.ts";

/** How long an attempt may take when the file does not say. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** Longest delay between attempts, milliseconds; what the schema of a retry policy allows. */
const MAXIMUM_DELAY_MS = 3_600_000;

/** Longest an attempt may take, milliseconds. */
const MAXIMUM_TIMEOUT_MS = 86_400_000;

/** Instances of a fan-out at work at the same time when the file does not say. */
const DEFAULT_PARALLEL = 4;

/** A length of time: a number of seconds, or text such as `500ms`, `30s`, `2m`, `1h`. */
const durationMs = z.union([
  z
    .number()
    .nonnegative()
    .transform((seconds) => seconds * 1000),
  z
    .string()
    .regex(/^\d{1,7}(\.\d{1,6})?(ms|s|m|h)$/, "write a time as 500ms, 30s, 2m or 1h")
    .transform((text) => Number.parseFloat(text) * unitMs(text)),
]);

/** The milliseconds in one unit of a time as `durationMs` reads it. */
function unitMs(text: string): number {
  if (text.endsWith("ms")) return 1;
  if (text.endsWith("s")) return 1000;
  return text.endsWith("m") ? 60_000 : 3_600_000;
}

const delayMs = durationMs.refine((ms) => ms <= MAXIMUM_DELAY_MS, "a delay is at most 1h");

const timeoutMs = durationMs
  .refine((ms) => ms >= 1, "a timeout is at least 1ms")
  .refine((ms) => ms <= MAXIMUM_TIMEOUT_MS, "a timeout is at most 24h");

const retryFileSchema = z.strictObject({
  attempts: z.int().min(1).max(20).default(DEFAULT_RETRY.attempts),
  delay: delayMs.default(DEFAULT_RETRY.initialDelayMs),
  factor: z.number().min(1).max(10).default(DEFAULT_RETRY.factor),
  "maximum-delay": delayMs.default(DEFAULT_RETRY.maximumDelayMs),
});

const itemsSchema = z.union([z.string(), z.array(jsonSchema).max(MAXIMUM_INSTANCES)]);

const foreachFileSchema = z.union(
  [
    itemsSchema.transform((items) => ({ items, "max-parallel": DEFAULT_PARALLEL })),
    z.strictObject({
      items: itemsSchema,
      "max-parallel": z.int().min(1).max(MAXIMUM_INSTANCES).default(DEFAULT_PARALLEL),
    }),
  ],
  `foreach is a list of at most ${MAXIMUM_INSTANCES} items, a reference to one, or a map of \`items\` and \`max-parallel\` (1 to ${MAXIMUM_INSTANCES})`,
);

const stepFileSchema = z
  .strictObject({
    agent: z.union(taskAgentNameSchema.options, {
      error: `unknown agent; the agents are ${TASK_AGENT_NAMES.join(", ")} and those of your own`,
    }),
    needs: z
      .union([stepIdSchema.transform((id) => [id]), z.array(stepIdSchema).max(MAXIMUM_STEPS)])
      .default([]),
    /** For agent mcp: `server__tool`; the input is then what the tool is given. */
    tool: z.string().min(1).max(200).optional(),
    input: z.record(z.string(), jsonSchema).default({}),
    retry: retryFileSchema.prefault({}),
    timeout: timeoutMs.default(DEFAULT_TIMEOUT_MS),
    when: conditionSchema.optional(),
    foreach: foreachFileSchema.optional(),
    approval: z
      .union([z.literal(true).transform(() => ""), z.string().min(1).max(2000)], {
        error: "write `approval: true`, or the question a person is to answer",
      })
      .optional(),
    cache: z.boolean("write `cache: true`, or leave it out").default(false),
  })
  .refine(({ agent, tool }) => tool === undefined || agent === "mcp", {
    path: ["tool"],
    error: "only a step of agent mcp names a tool",
  });

/** The map a flow file is, as its YAML says it; the graph is checked apart. */
export const flowFileSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "use lower case letters, digits and dashes"),
  description: z.string().max(2000).default(""),
  params: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,49}$/, "use letters, digits, dash, underscore"),
      parameterSchema,
    )
    .default({}),
  steps: z
    .record(stepIdSchema, stepFileSchema)
    .refine((steps) => Object.keys(steps).length > 0, "a flow needs at least one step")
    .refine(
      (steps) => Object.keys(steps).length <= MAXIMUM_STEPS,
      `a flow has at most ${MAXIMUM_STEPS} steps`,
    ),
});
