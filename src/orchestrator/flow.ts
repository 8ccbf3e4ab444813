/** The step graph of a flow, as data: what a flow file says once it has been validated. */
import { z } from "zod";
import { stepIdSchema, taskAgentNameSchema } from "../protocol/ids.ts";
import { jsonSchema } from "../protocol/json.ts";
import { conditionSchema } from "./condition.ts";

/** Most steps a flow may have. */
export const MAXIMUM_STEPS = 200;

/** How a failed attempt is repeated: up to `attempts` in all, with exponential backoff. */
export const retryPolicySchema = z.object({
  attempts: z.int().min(1).max(20),
  /** Delay before the second attempt, milliseconds. */
  initialDelayMs: z.number().min(0).max(3_600_000),
  factor: z.number().min(1).max(10),
  maximumDelayMs: z.number().min(0).max(3_600_000),
});
export type RetryPolicy = z.infer<typeof retryPolicySchema>;

const described = { description: z.string().max(500).optional() };

/** A parameter of a flow: its type, its default and what values it accepts. */
export const parameterSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("string"),
    default: z.string().max(4000).optional(),
    "max-length": z.int().positive().max(4000).optional(),
    ...described,
  }),
  z.strictObject({
    type: z.literal("number"),
    default: z.number().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    unit: z.string().max(50).optional(),
    ...described,
  }),
  z.strictObject({
    type: z.literal("integer"),
    default: z.int().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    unit: z.string().max(50).optional(),
    ...described,
  }),
  z.strictObject({ type: z.literal("boolean"), default: z.boolean().optional(), ...described }),
  z.strictObject({
    type: z.literal("choice"),
    choices: z.array(z.string().max(200)).min(1).max(100),
    default: z.string().max(200).optional(),
    ...described,
  }),
  /** The name of a catalogued model. */
  z.strictObject({
    type: z.literal("model"),
    default: z.string().max(200).optional(),
    ...described,
  }),
  /** Numbers by name, for instance a model's constants: `--set parameters.contact_rate=8`. */
  z.strictObject({
    type: z.literal("numbers"),
    default: z.record(z.string().max(200), z.number()).optional(),
    ...described,
  }),
  /** Texts or numbers in order, for instance to fan out over. */
  z.strictObject({
    type: z.literal("list"),
    default: z
      .array(z.union([z.string().max(4000), z.number()]))
      .max(1000)
      .optional(),
    ...described,
  }),
]);
export type Parameter = z.infer<typeof parameterSchema>;

/** Most instances of a fan-out. */
export const MAXIMUM_INSTANCES = 200;

/** A step done once per item of a list. */
const foreachSchema = z.object({
  /** A list, or a reference to one. */
  items: z.union([z.string(), z.array(jsonSchema).max(MAXIMUM_INSTANCES)]),
  /** Most instances at work at the same time. */
  maximumParallel: z.int().positive(),
});

/** One place in the graph. */
export const stepSchema = z.object({
  id: stepIdSchema,
  agent: taskAgentNameSchema,
  needs: z.array(stepIdSchema).readonly(),
  /** JSON with `${{ … }}` look-ups in its strings. */
  input: z.record(z.string(), jsonSchema),
  retry: retryPolicySchema,
  /** How long an attempt may take from dispatch, waiting in the queue included. */
  timeoutMs: z.number().positive(),
  /** Done only if this holds when its needs are met. */
  when: conditionSchema.optional(),
  foreach: foreachSchema.optional(),
  /** A person has to agree first; the text says to what. */
  approval: z.string().optional(),
  /** An earlier result of the same work may be taken in place of doing it. */
  cache: z.boolean().optional(),
});
export type Step = z.infer<typeof stepSchema>;

/** A validated flow; steps in the order of the file. */
export const flowSchema = z.object({
  name: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), parameterSchema),
  steps: z.array(stepSchema).max(MAXIMUM_STEPS).readonly(),
});
export type Flow = z.infer<typeof flowSchema>;

/** Something wrong with a flow file. `line` counts from 1. */
export interface FlowProblem {
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}
