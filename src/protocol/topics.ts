import type { z } from "zod";
import { runEventDataSchema } from "./run-events.ts";
import { resultDataSchema, taskDataSchema } from "./tasks.ts";
import {
  controlDataSchema,
  heartbeatDataSchema,
  progressDataSchema,
  registryDataSchema,
} from "./telemetry.ts";

/** A name that ends in a dot stands for all topics that begin with it. */
const SCHEMAS: readonly (readonly [topic: string, schema: z.ZodType])[] = [
  ["task.", taskDataSchema],
  ["result.", resultDataSchema],
  ["progress.", progressDataSchema],
  ["control.", controlDataSchema],
  ["event.run", runEventDataSchema],
  ["agent.registry", registryDataSchema],
  ["agent.heartbeat", heartbeatDataSchema],
];

/** The schema of a topic's data; undefined for a topic we do not know. */
export function schemaOfTopic(topic: string): z.ZodType | undefined {
  return SCHEMAS.find(([name]) =>
    name.endsWith(".") ? topic.startsWith(name) : topic === name,
  )?.[1];
}
