/**
 * Keeps the leases of tasks in hand, from a thread of its own: a worker that is busy computing does
 * not lose its task, because the renewal does not wait for its event loop.
 *
 * B1 A lease is renewed at a third of its length.
 * B2 Whoever holds a task is told once when its lease is lost; a renewal that could not be sent is
 *    no loss, it is repeated.
 * B3 A thread that ends is started again, with everything that is held.
 */
import { Worker } from "node:worker_threads";
import type { BusAddress } from "./address.ts";

/** Keeps leases until they are released. */
export interface LeaseKeeper {
  /** Renews the lease of an entry from now on; call what it answers to let go. */
  hold(entry: HeldEntry, onLost: () => void): () => void;
  close(): Promise<void>;
}

/** An entry whose lease is kept. */
export interface HeldEntry {
  readonly stream: string;
  readonly id: string;
}

/** What the thread is told at its start. */
export interface LeaseKeeperOptions {
  readonly address: BusAddress;
  readonly group: string;
  readonly consumer: string;
  readonly leaseMs: number;
}

/** What the thread is told later. */
export type LeaseOrder =
  | { readonly type: "hold"; readonly entry: HeldEntry }
  | { readonly type: "release"; readonly entry: HeldEntry };

/** What the thread tells. */
export type LeaseNews =
  | { readonly type: "lost"; readonly entry: HeldEntry }
  | { readonly type: "problem"; readonly message: string };

/** The thread's program lies beside this one, in the source and in the bundle. */
const THREAD = new URL(
  import.meta.url.endsWith(".ts") ? "./lease-keeper-thread.ts" : "./lease-keeper-thread.js",
  import.meta.url,
);

/** Starts the thread. */
export function startLeaseKeeper(
  options: LeaseKeeperOptions,
  onProblem: (cause: unknown) => void,
): LeaseKeeper {
  const held = new Map<string, { readonly entry: HeldEntry; readonly onLost: () => void }>();
  let closed = false;
  const hear = (news: LeaseNews): void => {
    if (news.type === "problem") {
      onProblem(new Error(news.message));
      return;
    }
    const key = keyOf(news.entry);
    const found = held.get(key);
    held.delete(key);
    found?.onLost(); // B2
  };
  const start = (): Worker => {
    const thread = new Worker(THREAD, { workerData: options });
    thread.unref();
    thread.on("message", hear);
    thread.on("error", onProblem);
    thread.on("exit", () => {
      if (!closed) worker = start(); // B3
    });
    for (const { entry } of held.values()) tell(thread, { type: "hold", entry });
    return thread;
  };
  let worker = start();
  return {
    hold(entry, onLost) {
      const key = keyOf(entry);
      held.set(key, { entry, onLost });
      tell(worker, { type: "hold", entry });
      return () => {
        if (held.delete(key)) tell(worker, { type: "release", entry });
      };
    },
    async close() {
      closed = true;
      await worker.terminate();
    },
  };
}

function tell(thread: Worker, order: LeaseOrder): void {
  thread.postMessage({ ...order, entry: { stream: order.entry.stream, id: order.entry.id } });
}

function keyOf({ stream, id }: HeldEntry): string {
  return `${stream} ${id}`;
}
