/**
 * A worker's side of the queue: takes tasks one at a time, keeps their lease, hands in results.
 *
 * T1 The consumer name is the worker's slot, which outlives its process: a restarted worker finds
 *    what its predecessor left and does it at once.
 * T2 A lease is renewed at a third of its length; a task whose lease is lost is given up.
 * T3 A dead peer's task is taken over after its lease.
 * T4 A task delivered too often is failed for good, so that it cannot kill worker after worker.
 */
import type { TaskAgentName, WorkerSlot } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { TASK_GROUP } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { runScript } from "./run-script.ts";
import { completeScript } from "./scripts/complete.ts";
import { renewScript } from "./scripts/renew.ts";
import type { StreamEntry } from "./stream-reader.ts";
import { fieldsOf, readStreams } from "./stream-reader.ts";

/** How often a task may be delivered. */
export const MAXIMUM_DELIVERIES = 5;

/** A task in hand. */
export interface QueuedTask {
  readonly entryId: string;
  /** The message as it was sent; not yet checked. */
  readonly text: string;
  /** How often it has been delivered, this time included. */
  readonly deliveries: number;
  /** Fires when the lease was lost. */
  readonly lost: AbortSignal;
}

/** What a task queue needs. */
export interface TaskQueueOptions {
  readonly names: Names;
  readonly agent: TaskAgentName;
  readonly slot: WorkerSlot;
  readonly command: RedisConnection;
  readonly blocking: RedisConnection;
  readonly leaseMs: number;
  readonly signal: AbortSignal;
  /** Carries out a task and hands it in; must not reject. */
  readonly onTask: (task: QueuedTask) => Promise<void>;
  readonly onProblem: (cause: unknown) => void;
}

/** Takes tasks until the signal; resolves when the one in hand is done. */
export async function consumeTasks(options: TaskQueueOptions): Promise<void> {
  const stream = options.names.taskStream(options.agent);
  let claimedAt = 0;
  await readStreams({
    blocking: options.blocking,
    streams: [stream],
    group: TASK_GROUP,
    consumer: options.slot, // T1
    count: 1,
    signal: options.signal,
    onEntry: (entry) => carryOut(options, entry),
    async onIdle() {
      if (Date.now() - claimedAt < options.leaseMs / 2) return;
      claimedAt = Date.now();
      for (const entry of await claimAbandoned(options, stream)) await carryOut(options, entry);
    },
    onProblem: options.onProblem,
  });
}

/** Hands in a result; false when the task is no longer ours and the result does not count. */
export async function completeTask(
  options: Pick<TaskQueueOptions, "names" | "agent" | "slot" | "command">,
  entryId: string,
  result: string,
): Promise<boolean> {
  const { names, agent } = options;
  const taken = await runScript(
    options.command,
    completeScript,
    [names.taskStream(agent), names.resultStream],
    [TASK_GROUP, entryId, options.slot, result, names.channel(`result.${agent}`)],
  );
  return taken === 1;
}

async function carryOut(options: TaskQueueOptions, entry: StreamEntry): Promise<void> {
  const lost = new AbortController();
  const renewal = setInterval(() => {
    renew(options, entry).then(
      (held) => {
        if (!held) lost.abort(new Error("the lease was lost"));
      },
      // A renewal that could not be sent is repeated; the lease outlives two of them.
      options.onProblem,
    );
  }, options.leaseMs / 3); // T2
  try {
    const deliveries = await deliveriesOf(options, entry);
    await options.onTask({
      entryId: entry.id,
      text: entry.fields.get("d") ?? "",
      deliveries,
      lost: lost.signal,
    });
  } catch (cause) {
    options.onProblem(cause);
  } finally {
    clearInterval(renewal);
  }
}

async function renew(options: TaskQueueOptions, entry: StreamEntry): Promise<boolean> {
  const held = await runScript(
    options.command,
    renewScript,
    [entry.stream],
    [TASK_GROUP, options.slot, entry.id],
  );
  return held === 1;
}

async function deliveriesOf(options: TaskQueueOptions, entry: StreamEntry): Promise<number> {
  const pending: unknown = await options.command.xpending(
    entry.stream,
    TASK_GROUP,
    entry.id,
    entry.id,
    1,
  );
  const first: unknown = Array.isArray(pending) ? pending[0] : undefined;
  return Array.isArray(first) ? Number(first[3]) : 1;
}

async function claimAbandoned(
  options: TaskQueueOptions,
  stream: string,
): Promise<readonly StreamEntry[]> {
  const reply: unknown = await options.command.call(
    "XAUTOCLAIM",
    stream,
    TASK_GROUP,
    options.slot,
    String(options.leaseMs), // T3
    "0-0",
    "COUNT",
    "1",
  );
  const entries: unknown = Array.isArray(reply) ? reply[1] : [];
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    if (!Array.isArray(entry) || typeof entry[0] !== "string" || entry[1] === null) return [];
    return [{ stream, id: entry[0], fields: fieldsOf(entry[1]) }];
  });
}
