import type { SupervisorMessage, WorkerConfig, WorkerMessage } from "../../protocol/control.ts";
import { supervisorMessageSchema } from "../../protocol/control.ts";

/** A worker's end of the channel to its supervisor. */
export interface ParentChannel {
  send(message: WorkerMessage): void;
  /** Resolves with the configuration, once it has come. */
  configured(): Promise<WorkerConfig>;
  /** Calls back when asked to drain, by message or by SIGTERM. */
  onDrain(callback: (restarting: boolean) => void): void;
}

/** Opens the channel of this process and greets. */
export function openParentChannel(): ParentChannel {
  const listeners = new Set<(message: SupervisorMessage) => void>();
  let early: SupervisorMessage | undefined;
  process.on("message", (value: unknown) => {
    const message = supervisorMessageSchema.safeParse(value);
    if (!message.success) return;
    // Asked to leave before anybody listens: it is not forgotten.
    if (message.data.type === "drain") early = message.data;
    for (const listener of listeners) listener(message.data);
  });
  const channel: ParentChannel = {
    send(message) {
      if (process.connected) process.send?.(message);
    },
    configured() {
      return new Promise((resolve) => {
        const listener = (message: SupervisorMessage): void => {
          if (message.type !== "configure") return;
          listeners.delete(listener);
          resolve(message.config);
        };
        listeners.add(listener);
      });
    },
    onDrain(callback) {
      if (early?.type === "drain") callback(early.restarting);
      listeners.add((message) => {
        if (message.type === "drain") callback(message.restarting);
      });
      process.on("SIGTERM", () => callback(false));
      process.on("SIGINT", () => callback(false));
    },
  };
  channel.send({ type: "hello", pid: process.pid });
  return channel;
}
