/**
 * The read loop of a consumer group: a stable consumer name, its own pending entries first.
 *
 * S1 Groups are created at 0, so an entry added before the first reader came is still delivered.
 * S2 After every (re)connection the own pending entries are read again: a reply that was cut may
 *    have delivered entries nobody saw.
 * S3 A replay walks through the pending entries once, however many of them stay pending.
 * S4 A failing read is repeated after a pause that grows; it never spins.
 */
import type { BackoffPolicy } from "../base/backoff.ts";
import { backoffDelayMs } from "../base/backoff.ts";
import { errorMessage } from "../base/error-message.ts";
import { systemRandom } from "../base/random.ts";
import type { RedisConnection } from "./connection.ts";
import { BLOCK_MS } from "./connection.ts";

/** An entry of a stream, its fields as a map. */
export interface StreamEntry {
  readonly stream: string;
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** What a reader needs. */
export interface StreamReaderOptions {
  /** Used by this reader alone. */
  readonly blocking: RedisConnection;
  readonly streams: readonly string[];
  readonly group: string;
  readonly consumer: string;
  /** How many entries may be taken now, at least 1. */
  readonly count: () => number;
  /** How long the next read may block, milliseconds; `BLOCK_MS` when not given. */
  readonly blockMs?: () => number;
  /** Ends the loop; a blocked read is cut by closing its connection. */
  readonly signal: AbortSignal;
  /**
   * Handles what one read brought; the next read waits for it. `replayed` entries had been delivered
   * before. May reject: then everything that is pending is read again.
   */
  readonly onEntries: (entries: readonly StreamEntry[], replayed: boolean) => Promise<void>;
  /** Called before each blocking read. */
  readonly onIdle?: () => Promise<void>;
  /** Called before what is pending is read again. */
  readonly beforeReplay?: () => Promise<void>;
  /** Told when reading begins to fail, and when the reason changes. */
  readonly onProblem: (cause: unknown) => void;
}

const RETRY: BackoffPolicy = { initialMs: 50, factor: 2, maximumMs: 1000, jitter: 0.2 };

/** Reads until the signal; resolves when the loop has ended. Never rejects. */
export async function readStreams(options: StreamReaderOptions): Promise<void> {
  const { blocking, signal } = options;
  let replayOwn = true; // S2
  let failures = 0;
  const problems = tellOnce(options.onProblem);
  const replay = (): void => {
    replayOwn = true;
  };
  blocking.on("ready", replay);
  let prepared = false;
  while (!signal.aborted) {
    try {
      if (!prepared) await ensureGroups(blocking, options.streams, options.group);
      prepared = true;
      if (replayOwn) {
        replayOwn = false;
        await options.beforeReplay?.();
        await replayPending(options);
      }
      await options.onIdle?.();
      const entries = signal.aborted ? [] : await read(options, ">");
      failures = 0;
      problems.isOver();
      await options.onEntries(entries, false);
    } catch (cause) {
      if (signal.aborted) break;
      prepared = false;
      replayOwn = true;
      problems.tell(cause);
      await pause(backoffDelayMs(RETRY, Math.min(failures, 10), systemRandom), signal); // S4
      failures += 1;
    }
  }
  blocking.off("ready", replay);
}

/** Passes on a problem when it begins and when it becomes another. */
function tellOnce(onProblem: StreamReaderOptions["onProblem"]): {
  tell(cause: unknown): void;
  isOver(): void;
} {
  let told = "";
  return {
    tell(cause) {
      const problem = errorMessage(cause);
      if (problem !== told) onProblem(cause);
      told = problem;
    },
    isOver() {
      told = "";
    },
  };
}

/** Creates the streams and their group where they are missing. */
export async function ensureGroups(
  connection: RedisConnection,
  streams: readonly string[],
  group: string,
): Promise<void> {
  for (const stream of streams) {
    try {
      await connection.xgroup("CREATE", stream, group, "0", "MKSTREAM"); // S1
    } catch (cause) {
      if (!(cause instanceof Error) || !cause.message.startsWith("BUSYGROUP")) throw cause;
    }
  }
}

async function replayPending(options: StreamReaderOptions): Promise<void> {
  let after = new Map(options.streams.map((stream) => [stream, "0"]));
  while (!options.signal.aborted) {
    const entries = await read(options, after);
    if (entries.length === 0) return;
    after = new Map(after);
    for (const entry of entries) after.set(entry.stream, entry.id); // S3
    await options.onEntries(entries, true);
  }
}

async function read(
  options: StreamReaderOptions,
  from: ">" | ReadonlyMap<string, string>,
): Promise<readonly StreamEntry[]> {
  const ids = options.streams.map((stream) => (from === ">" ? ">" : (from.get(stream) ?? "0")));
  const block = from === ">" ? ["BLOCK", String(Math.ceil(options.blockMs?.() ?? BLOCK_MS))] : [];
  const reply: unknown = await options.blocking.call(
    "XREADGROUP",
    "GROUP",
    options.group,
    options.consumer,
    "COUNT",
    String(options.count()),
    ...block,
    "STREAMS",
    ...options.streams,
    ...ids,
  );
  return entriesOf(reply);
}

/** The entries of a reply to XREAD or XREADGROUP, in either protocol's shape. */
export function entriesOf(reply: unknown): readonly StreamEntry[] {
  return pairsOf(reply).flatMap(([stream, entries]) =>
    listOf(entries).flatMap((entry) => {
      const [id, fields] = listOf(entry);
      // A pending entry that a stranger deleted has no fields any more; it is handed on empty, so
      // that its reader takes it off the list of what is pending.
      return typeof id === "string" ? [{ stream, id, fields: fieldsOf(fields) }] : [];
    }),
  );
}

/** A flat list of names and values as a map. */
export function fieldsOf(fields: unknown): ReadonlyMap<string, string> {
  return new Map([...fieldPairs(listOf(fields))].map(([name, value]) => [name, String(value)]));
}

function pairsOf(reply: unknown): readonly (readonly [string, unknown])[] {
  if (reply instanceof Map) return [...reply].map(([key, value]) => [String(key), value]);
  if (Array.isArray(reply) && typeof reply[0] === "string") {
    // A RESP3 map in the client's flat form: name, entries, name, entries …
    return [...fieldPairs(reply)];
  }
  if (Array.isArray(reply)) {
    return reply.map((pair) => {
      const [stream, entries] = listOf(pair);
      return [String(stream), entries];
    });
  }
  if (reply !== null && typeof reply === "object") return Object.entries(reply);
  return [];
}

function* fieldPairs(list: readonly unknown[]): Generator<readonly [string, unknown]> {
  for (let index = 0; index + 1 < list.length; index += 2) {
    yield [String(list[index]), list[index + 1]];
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Resolves after a while, or as soon as the signal fires. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal.addEventListener("abort", finish);
  });
}
