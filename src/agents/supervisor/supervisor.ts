/**
 * Keeps workers alive; owns the process table.
 *
 * P1 A slot has at most one process; a new one starts only after the end of the one before.
 * P2 A stop is a ladder: drain, then SIGTERM to the group, then SIGKILL, each after a deadline
 *    longer than the one inside it.
 * P3 `close` resolves when no process of ours is left; from then on none is started.
 */
import type { WorkerSlot } from "../../protocol/ids.ts";
import type { SupervisorListener, SupervisorPorts, WorkerOrder } from "./supervised-slot.ts";
import { SupervisedSlot } from "./supervised-slot.ts";

/** Keeps a set of workers alive. */
export interface Supervisor {
  /** Stops a slot's process and starts a new one; also revives one that was given up. */
  restart(slot: WorkerSlot): void;
  /** Ends one slot's worker as `close` would and forgets the slot; false when it is not ours. */
  release(slot: WorkerSlot): Promise<boolean>;
  /** Ends all workers; the work in hand may be finished first. Idempotent. */
  close(): Promise<void>;
  /** Ends all processes at once, for the last moment of a crashing parent. */
  killAll(): void;
}

/** Starts the workers and keeps them alive. */
export function startSupervisor(
  orders: readonly WorkerOrder[],
  ports: SupervisorPorts,
  listener: SupervisorListener,
): Supervisor {
  const slots = new Map<WorkerSlot, SupervisedSlot>();
  const waiting = new Set<() => void>();
  let closed = false;
  const watched: SupervisorListener = {
    ...listener,
    onChange(worker) {
      listener.onChange(worker);
      for (const check of [...waiting]) check();
    },
  };
  /** Drains slots; resolves when none of them has a process. P2 */
  const drain = (some: readonly SupervisedSlot[]): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (some.some((slot) => slot.hasProcess)) return; // P3
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      for (const slot of some) slot.apply({ type: "drain-requested" });
      check();
    });
  for (const order of orders) {
    const slot = new SupervisedSlot(order, ports, watched);
    slots.set(order.config.slot, slot);
    slot.spawn();
  }
  return {
    async release(name) {
      const slot = slots.get(name);
      if (slot === undefined) return false;
      await drain([slot]);
      // Restarted meanwhile on the operator's wish: then it stays.
      if (!slot.hasProcess) slots.delete(name);
      return true;
    },
    restart(name) {
      if (closed) return; // P3
      slots.get(name)?.apply({ type: "restart-requested" });
    },
    close() {
      closed = true;
      return drain([...slots.values()]);
    },
    killAll() {
      for (const slot of slots.values()) slot.kill();
    },
  };
}
