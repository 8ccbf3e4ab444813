/**
 * A worker's side of the queue: takes tasks, keeps their lease, hands in results.
 *
 * T1 The consumer name is the worker's slot, which outlives its process: a restarted worker finds
 *    what its predecessor left and does it at once.
 * T2 A lease is renewed by a thread of its own; a task whose lease is lost is given up.
 * T3 A dead peer's task is taken over when its lease is over: the queue is looked at just then.
 * T4 A task delivered too often is failed for good, so that it cannot kill worker after worker.
 * T5 No more tasks are in hand than may be, and each at most once, however often it is read.
 */
import type { TaskAgentName, TaskId, WorkerSlot } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { TASK_GROUP } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { gather, TOGETHER } from "./gather.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { isMissingGroup, runScript } from "./run-script.ts";
import { completeScript } from "./scripts/complete.ts";
import type { StreamEntry } from "./stream-reader.ts";
import { fieldsOf, readStreams } from "./stream-reader.ts";

/** How often a task may be delivered. */
export const MAXIMUM_DELIVERIES = 5;

/** Longest time the queue is not looked at, milliseconds: a reply that was cut is found by then. */
const LOOK_EVERY_MS = 1000;

/** Shortest time between two looks for abandoned tasks, milliseconds. */
const LOOK_AGAIN_MS = 20;

/** Tasks of peers considered when the next look is planned. */
const PEERS_TASKS = 20;

/** A task in hand. */
export interface QueuedTask {
  readonly entryId: string;
  /** The message as it was sent; not yet checked. */
  readonly text: string;
  /** How often it has been delivered, this time included. */
  readonly deliveries: number;
  /** Fires when the lease was lost. */
  readonly lost: AbortSignal;
  /** Hands in its result; false when the task is no longer ours and the result does not count. */
  complete(end: TaskCompletion): Promise<boolean>;
}

/** What a task queue needs. */
export interface TaskQueueOptions {
  readonly names: Names;
  readonly agent: TaskAgentName;
  readonly slot: WorkerSlot;
  readonly command: RedisConnection;
  readonly blocking: RedisConnection;
  readonly leases: LeaseKeeper;
  readonly leaseMs: number;
  /** Tasks in hand at a time; 1 when not given. */
  readonly atOnce?: number;
  readonly signal: AbortSignal;
  /** Carries out a task and hands it in; must not reject. */
  readonly onTask: (task: QueuedTask) => Promise<void>;
  readonly onProblem: (cause: unknown) => void;
}

/** A task's result, ready to be handed in. */
export interface TaskCompletion {
  readonly taskId: TaskId;
  readonly result: string;
  /** Whether a run waits for it; otherwise it is only published. */
  readonly awaited: boolean;
  /** Why the task is given up for good, with its text for the dead letters. */
  readonly givenUp?: { readonly reason: string; readonly text: string };
}

/** A result and the entry of its task. */
export interface HandIn extends TaskCompletion {
  readonly entryId: string;
}

/** Takes tasks until the signal; resolves when those in hand are done. */
export async function consumeTasks(options: TaskQueueOptions): Promise<void> {
  const stream = options.names.taskStream(options.agent);
  const atOnce = options.atOnce ?? 1;
  const inHand = new Map<string, Promise<void>>();
  const handIn = gather(TOGETHER, charactersOf, (ends: readonly HandIn[]) =>
    completeTasks(options, ends),
  );
  const begin = async (entry: StreamEntry, isFirst: boolean): Promise<void> => {
    if (options.signal.aborted || inHand.has(entry.id)) return; // T5
    const work = carryOut(options, entry, { isFirst, handIn }).finally(() =>
      inHand.delete(entry.id),
    );
    inHand.set(entry.id, work);
    while (inHand.size >= atOnce) await Promise.race(inHand.values());
  };
  let lookAt = 0;
  await readStreams({
    blocking: options.blocking,
    streams: [stream],
    group: TASK_GROUP,
    consumer: options.slot, // T1
    count: () => atOnce - inHand.size,
    signal: options.signal,
    blockMs: () => Math.max(1, Math.min(LOOK_EVERY_MS, lookAt - Date.now())),
    async onEntries(entries, replayed) {
      for (const entry of entries) await begin(entry, !replayed);
    },
    async onIdle() {
      if (Date.now() < lookAt) return;
      for (const entry of await claimAbandoned(options, stream)) await begin(entry, false);
      lookAt = Date.now() + (await untilNextLook(options, stream));
    },
    onProblem: options.onProblem,
  });
  await Promise.all(inHand.values());
}

function charactersOf({ result, givenUp }: HandIn): number {
  return result.length + (givenUp?.text.length ?? 0);
}

/** Hands in results; for each false when the task is no longer ours and the result does not count. */
export async function completeTasks(
  options: Pick<TaskQueueOptions, "names" | "agent" | "slot" | "command">,
  ends: readonly HandIn[],
): Promise<readonly boolean[]> {
  const { names, agent } = options;
  const keys = [
    names.taskStream(agent),
    names.resultStream,
    names.openTasks(agent),
    names.deadLetterStream,
  ];
  const argv: (string | number)[] = [TASK_GROUP, options.slot, names.channel(`result.${agent}`)];
  for (const { entryId, taskId, result, awaited, givenUp } of ends) {
    argv.push(entryId, taskId, awaited ? 1 : 0, result);
    argv.push(givenUp?.reason ?? "", givenUp?.text ?? "");
  }
  try {
    const reply = await runScript(options.command, completeScript, keys, argv);
    const answers: readonly unknown[] = Array.isArray(reply) ? reply : [];
    return ends.map((_, index) => answers[index] === 1);
  } catch (cause) {
    if (isMissingGroup(cause)) return ends.map(() => false); // The bus has lost its data, the tasks with it.
    throw cause;
  }
}

async function carryOut(
  options: TaskQueueOptions,
  entry: StreamEntry,
  {
    isFirst,
    handIn,
  }: { readonly isFirst: boolean; readonly handIn: (end: HandIn) => Promise<boolean> },
): Promise<void> {
  const lost = new AbortController();
  const release = options.leases.hold(entry, () => lost.abort(new Error("the lease was lost"))); // T2
  try {
    const deliveries = isFirst ? 1 : await deliveriesOf(options, entry);
    if (deliveries === undefined) return;
    const text = entry.fields.get("d") ?? "";
    await options.onTask({
      entryId: entry.id,
      text,
      deliveries,
      lost: lost.signal,
      complete: (end) => handIn({ ...end, entryId: entry.id }),
    });
  } catch (cause) {
    options.onProblem(cause);
  } finally {
    release();
  }
}

/** How often an entry was delivered; undefined when it is not ours any more. */
async function deliveriesOf(
  options: TaskQueueOptions,
  { stream, id }: StreamEntry,
): Promise<number | undefined> {
  const [first] = await pendingOf(options, stream, [id, id, 1]);
  return first?.consumer === options.slot ? first.deliveries : undefined;
}

/** T3: when the first of the peers' tasks will have been left alone for a lease. */
async function untilNextLook(options: TaskQueueOptions, stream: string): Promise<number> {
  const pending = await pendingOf(options, stream, ["-", "+", PEERS_TASKS]);
  const idle = pending.flatMap((one) => (one.consumer === options.slot ? [] : [one.idleMs]));
  const nextMs = options.leaseMs - Math.max(0, ...idle);
  return Math.min(Math.max(nextMs + 1, LOOK_AGAIN_MS), options.leaseMs / 2, LOOK_EVERY_MS);
}

interface Pending {
  readonly consumer: string;
  readonly idleMs: number;
  readonly deliveries: number;
}

async function pendingOf(
  { command }: TaskQueueOptions,
  stream: string,
  [from, to, most]: readonly [string, string, number],
): Promise<readonly Pending[]> {
  const reply: unknown = await command.xpending(stream, TASK_GROUP, from, to, most);
  return (Array.isArray(reply) ? reply : []).flatMap((one: unknown) =>
    Array.isArray(one)
      ? [{ consumer: String(one[1]), idleMs: Number(one[2]), deliveries: Number(one[3]) }]
      : [],
  );
}

/** Over the blocking connection: when its reply is cut, what was claimed is read again. */
async function claimAbandoned(
  options: TaskQueueOptions,
  stream: string,
): Promise<readonly StreamEntry[]> {
  const reply: unknown = await options.blocking.call(
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
