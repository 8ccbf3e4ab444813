import { randomUUID } from "node:crypto";
import type { Envelope, Message } from "../protocol/envelope.ts";

/** Wraps data in a fresh envelope; `source` is the slot of a worker, or `console`. */
export function createEnvelope<Data extends object>(
  source: string,
  type: "task" | "result" | "progress" | "control" | "run-event" | "registry" | "heartbeat",
  data: Data,
  attributes: Partial<Envelope> = {},
): Message<Data> {
  return {
    specversion: "1.0",
    id: attributes.id ?? randomUUID(),
    source,
    type: `aimie.${type}.v1`,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    ...attributes,
    data,
  };
}
