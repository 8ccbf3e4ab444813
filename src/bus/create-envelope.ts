import { randomUUID } from "node:crypto";
import type { WorkerConfig } from "../../protocol/control.ts";
import type { Envelope, Message } from "../../protocol/envelope.ts";

/** Wraps data in a fresh envelope of this worker. */
export function createEnvelope<Data extends object>(
  sender: { readonly config: Pick<WorkerConfig, "slot"> },
  type: "task" | "result" | "progress" | "control" | "run-event" | "registry" | "heartbeat",
  data: Data,
  attributes: Partial<Envelope> = {},
): Message<Data> {
  return {
    specversion: "1.0",
    id: attributes.id ?? randomUUID(),
    source: sender.config.slot,
    type: `aimie.${type}.v1`,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    ...attributes,
    data,
  };
}
