/**
 * Shares the batches of an ensemble among threads.
 *
 * T1 Batches are given back in their order, whichever thread is done first.
 * T2 Only a few batches are ahead of the one that is waited for, so that memory stays bounded.
 * T3 When the reader stops, for whatever reason, the threads are ended at once, in the middle of
 *    their work.
 */
import { Worker } from "node:worker_threads";
import type { Result } from "../../base/result.ts";
import type { ModelProblem } from "../xmile/problem.ts";
import type { BatchOrder, BatchValues, EnsembleJob } from "./batch.ts";

/** What a thread answers to an order. */
export interface ThreadAnswer {
  readonly index: number;
  readonly result: Result<BatchValues, ModelProblem>;
}

/** A batch that is done. */
export interface Batch {
  readonly firstRun: number;
  readonly runs: number;
  readonly values: BatchValues;
}

/** The thread's program lies beside this one, in the source and in the bundle. */
const THREAD = new URL(
  import.meta.url.endsWith(".ts") ? "./ensemble-thread.ts" : "./ensemble-thread.js",
  import.meta.url,
);

/** Batches a thread may be given at a time: one to work on, one to go on with. */
const ORDERS_PER_THREAD = 2;

/**
 * Carries out orders in `count` threads and gives their results in order, up to the first problem.
 * Rejects with the signal's reason when it is aborted, and when a thread breaks.
 */
export async function* runBatches(
  job: EnsembleJob,
  orders: readonly BatchOrder[],
  { count, signal }: { readonly count: number; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Result<Batch, ModelProblem>> {
  signal?.throwIfAborted();
  const crew = openCrew(job, Math.min(count, orders.length));
  const stop = () => crew.fail(signal?.reason);
  signal?.addEventListener("abort", stop);
  try {
    const ahead = crew.size * ORDERS_PER_THREAD;
    for (const order of orders.slice(0, ahead)) crew.give(order);
    for (const [place, order] of orders.entries()) {
      const result = await crew.resultOf(order.index); // T1
      const next = orders[place + ahead];
      if (next !== undefined) crew.give(next); // T2
      const { firstRun, runs } = order;
      yield result.ok ? { ok: true, value: { firstRun, runs, values: result.value } } : result;
      if (!result.ok) return;
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await crew.close(); // T3
  }
}

interface Crew {
  readonly size: number;
  give(order: BatchOrder): void;
  resultOf(index: number): Promise<ThreadAnswer["result"]>;
  fail(cause: unknown): void;
  close(): Promise<void>;
}

interface Pending {
  readonly result: Promise<ThreadAnswer["result"]>;
  readonly resolve: (result: ThreadAnswer["result"]) => void;
  readonly reject: (cause: unknown) => void;
}

function newPending(): Pending {
  let resolve: Pending["resolve"] = () => undefined;
  let reject: Pending["reject"] = () => undefined;
  const result = new Promise<ThreadAnswer["result"]>((...both) => {
    [resolve, reject] = both;
  });
  // One that nobody waits for yet must not count as an unhandled rejection.
  result.catch(() => undefined);
  return { result, resolve, reject };
}

function openCrew(job: EnsembleJob, size: number): Crew {
  const pending = new Map<number, Pending>();
  const load = new Map<Worker, number>();
  let broken: { readonly cause: unknown } | undefined;
  const fail = (cause: unknown): void => {
    broken ??= { cause };
    for (const { reject } of pending.values()) reject(cause);
  };
  for (let thread = 0; thread < size; thread += 1) {
    const worker = new Worker(THREAD, { workerData: job });
    load.set(worker, 0);
    worker.on("message", ({ index, result }: ThreadAnswer) => {
      load.set(worker, (load.get(worker) ?? 1) - 1);
      pending.get(index)?.resolve(result);
    });
    worker.on("error", fail);
    worker.on("exit", () => fail(new Error("A thread of the ensemble ended too soon.")));
  }
  return {
    size,
    give(order) {
      const [worker] = [...load].sort(([, left], [, right]) => left - right)[0] ?? [];
      if (worker === undefined) return;
      load.set(worker, (load.get(worker) ?? 0) + 1);
      pending.set(order.index, newPending());
      worker.postMessage(order);
    },
    async resultOf(index) {
      if (broken !== undefined) throw broken.cause;
      const result = await pending.get(index)?.result;
      pending.delete(index);
      if (result === undefined) throw new Error(`Batch ${index} was never given to a thread.`);
      return result;
    },
    fail,
    async close() {
      await Promise.all([...load.keys()].map((worker) => worker.terminate()));
    },
  };
}
