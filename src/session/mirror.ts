/**
 * Keeps the local store and its copy elsewhere the same: reads what others added, then copies what
 * was added here; at once after an entry, and every second.
 *
 * M1 Entries are copied in the order of their ids, one at a time; one that failed is tried again
 *    before any later one is.
 * M2 An entry may be copied more than once (after a crash, or by two consoles at once): the port
 *    keeps it once, by its id.
 * M3 A session's copy goes with the session and for no other reason.
 * M4 What is read back is what `mirror-reader.ts` promises.
 */
import type { BackoffPolicy } from "../base/backoff.ts";
import { backoffDelayMs } from "../base/backoff.ts";
import type { CancelTimer, Clock } from "../base/clock.ts";
import { errorMessage } from "../base/error-message.ts";
import { systemRandom } from "../base/random.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { EntryId, SessionEntry } from "./core/entry.ts";
import { foldSession } from "./core/fold.ts";
import type { MirrorSource } from "./mirror-reader.ts";
import { mirrorReader, namesSession, putHeader } from "./mirror-reader.ts";
import type { UnmirroredEntry } from "./session-table.ts";
import type { SessionStore } from "./store.ts";

/** Where the copies go and come from. */
export interface MirrorPort extends MirrorSource {
  /** Adds an entry; one whose id is already there changes nothing. */
  append(sessionId: SessionId, entryId: EntryId, json: string): Promise<void>;
  /** Takes the whole copy of a session away, and keeps the entry that deleted it. */
  remove(sessionId: SessionId, json: string): Promise<void>;
}

/** Entries read from the store at a time. */
const BATCH_ENTRIES_MAX = 100;

/** How often it is asked what others did. */
const LOOK_EVERY_MS = 1000;

/** How long one call of the port may take. */
const CALL_DEADLINE_MS = 10_000;

/** How long closing waits for the call under way. */
const CLOSE_DEADLINE_MS = 1000;

/** How long the mirror rests after a failure. */
const BACKOFF: BackoffPolicy = { initialMs: 500, factor: 2, maximumMs: 30_000, jitter: 0.2 };

/** A mirror at work. */
export interface Mirror {
  /** Tries at once, whatever the backoff says: the connection is back. */
  wake(): void;
  /** Copies everything again: the copies were lost. */
  copyAgain(): void;
  /** Resolves when everything has been copied, or the mirror is closed. */
  idle(): Promise<void>;
  /** Stops; what has not been copied is copied next time. Waits a second for a call under way. */
  close(): Promise<void>;
}

/** What a mirror works with. */
interface MirrorOptions {
  readonly store: Pick<
    SessionStore,
    | "entries"
    | "merge"
    | "sessionIds"
    | "unmirrored"
    | "markMirrored"
    | "forgetMirrored"
    | "onAppended"
  >;
  readonly port: MirrorPort;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
  /** Hears of entries that came from elsewhere. */
  readonly onMerged?: (entries: readonly SessionEntry[]) => void;
}

/** Starts copying; `onProblem` hears of the first failure after each success. */
export function createMirror(options: MirrorOptions): Mirror {
  const { store, clock, onProblem, onMerged = () => undefined } = options;
  const port = timelyPort(options.port, clock);
  const copy = copier({ store, port, onProblem });
  const reader = mirrorReader({
    store,
    source: port,
    onMerged,
    onProblem,
    stopped: () => closed,
  });
  const waiting: (() => void)[] = [];
  let failures = 0;
  let rest: CancelTimer | undefined;
  let look: CancelTimer | undefined;
  let underWay: Promise<void> | undefined;
  let wanted = false;
  let closed = false;
  let abandoned = false;

  const settle = (): void => {
    if (wanted && !closed) start();
    else for (const resolve of waiting.splice(0)) resolve();
    if (!closed && underWay === undefined) look = clock.after(LOOK_EVERY_MS, start);
  };
  const copyAll = async (): Promise<void> => {
    wanted = false;
    await reader.pull(); // M4
    await copyNew(store, copy, () => (abandoned ? "abandoned" : closed ? "closed" : "open"));
    failures = 0;
  };
  const fail = (cause: unknown): void => {
    if (closed) return;
    if (failures === 0) onProblem(`the session mirror is behind: ${errorMessage(cause)}`);
    rest = clock.after(backoffDelayMs(BACKOFF, failures, systemRandom), () => {
      rest = undefined;
      start();
    });
    failures += 1;
  };
  const start = (): void => {
    wanted = true;
    look?.();
    look = undefined;
    if (closed || underWay !== undefined || rest !== undefined) return;
    const done = (next: () => void): void => {
      underWay = undefined;
      next();
    };
    underWay = copyAll().then(
      () => done(settle),
      (cause: unknown) => done(() => fail(cause)),
    );
  };
  const wake = (): void => {
    rest?.();
    rest = undefined;
    reader.startOver();
    start();
  };
  const unsubscribe = store.onAppended(start);
  start();
  return {
    wake,
    copyAgain() {
      store.forgetMirrored();
      wake();
    },
    async idle() {
      if (closed || (underWay === undefined && rest === undefined)) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async close() {
      closed = true;
      unsubscribe();
      rest?.();
      rest = undefined;
      look?.();
      look = undefined;
      await deadline(clock, CLOSE_DEADLINE_MS, underWay);
      abandoned = true;
      settle();
    },
  };
}

/** Copies what has no copy yet, until there is nothing more. */
async function copyNew(
  store: Pick<SessionStore, "unmirrored" | "markMirrored">,
  copy: (one: UnmirroredEntry) => Promise<void>,
  state: () => "open" | "closed" | "abandoned",
): Promise<void> {
  while (state() === "open") {
    const batch = store.unmirrored(BATCH_ENTRIES_MAX);
    if (batch.length === 0) return;
    for (const one of batch) {
      if (state() !== "open") return;
      await copy(one); // M1
      if (state() === "abandoned") return;
      store.markMirrored(one.entryId);
    }
  }
}

/** Copies one entry, with what it means for its session's header. */
function copier({
  store,
  port,
  onProblem,
}: Pick<MirrorOptions, "store" | "port" | "onProblem">): (one: UnmirroredEntry) => Promise<void> {
  return async ({ entryId, entry }) => {
    if (entry === null) {
      onProblem(`entry ${entryId} is damaged and has no copy`);
      return;
    }
    const { sessionId } = entry;
    const json = JSON.stringify(entry);
    if (foldSession(store.entries(sessionId).entries)?.deleted === true) {
      if (entry.type === "session-deleted") await port.remove(sessionId, json); // M3
      return;
    }
    await port.append(sessionId, entryId, json);
    if (namesSession(entry)) await putHeader({ store, source: port }, sessionId);
  };
}

/** The port, each of whose calls has its time. */
function timelyPort(port: MirrorPort, clock: Clock): MirrorPort {
  const inTime = <Value>(call: Promise<Value>): Promise<Value> => answered(clock, call);
  return {
    changes: (beyond) => inTime(port.changes(beyond)),
    read: (sessionId, after) => inTime(port.read(sessionId, after)),
    removal: (sessionId) => inTime(port.removal(sessionId)),
    putHeader: (sessionId, json) => inTime(port.putHeader(sessionId, json)),
    append: (sessionId, entryId, json) => inTime(port.append(sessionId, entryId, json)),
    remove: (sessionId, json) => inTime(port.remove(sessionId, json)),
  };
}

/** Rejects when `call` takes too long: a port that never answers must not stop the mirror. */
function answered<Value>(clock: Clock, call: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(CALL_DEADLINE_MS, () => {
      reject(new Error(`no answer within ${CALL_DEADLINE_MS / 1000} s`));
    });
    call.then(resolve, reject).finally(cancel);
  });
}

/** Resolves when `work` does or the time is up. */
async function deadline(
  clock: Clock,
  limitMs: number,
  work: Promise<void> | undefined,
): Promise<void> {
  if (work === undefined) return;
  let cancel: CancelTimer = () => undefined;
  const timeIsUp = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  await Promise.race([work, timeIsUp]);
  cancel();
}
