/**
 * Copies the entries of the local store to where other machines can find them. The local store
 * leads; the mirror follows when it can.
 *
 * M1 Entries are copied in the order of their ids, one at a time; one that failed is tried again
 *    before any later one is.
 * M2 An entry may be copied more than once (after a crash, or by two consoles at once): the port
 *    keeps it once, by its id.
 * M3 A session's copy goes with the session and for no other reason.
 */
import type { BackoffPolicy } from "../base/backoff.ts";
import { backoffDelayMs } from "../base/backoff.ts";
import type { CancelTimer, Clock } from "../base/clock.ts";
import { errorMessage } from "../base/error-message.ts";
import { systemRandom } from "../base/random.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { EntryId, SessionEntry } from "./core/entry.ts";
import { foldSession } from "./core/fold.ts";
import type { UnmirroredEntry } from "./session-table.ts";
import type { SessionStore } from "./store.ts";

/** Where the copies go. */
export interface MirrorPort {
  /** Sets what a list of sessions shows of one. */
  putHeader(sessionId: SessionId, json: string): Promise<void>;
  /** Adds an entry; one whose id is already there changes nothing. */
  append(sessionId: SessionId, entryId: EntryId, json: string): Promise<void>;
  /** Takes the whole copy of a session away. */
  remove(sessionId: SessionId): Promise<void>;
}

/** Entries read from the store at a time. */
const BATCH_ENTRIES_MAX = 100;

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

/** Starts copying; `onProblem` hears of the first failure after each success. */
export function createMirror(options: {
  readonly store: Pick<
    SessionStore,
    "entries" | "unmirrored" | "markMirrored" | "forgetMirrored" | "onAppended"
  >;
  readonly port: MirrorPort;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}): Mirror {
  const { store, clock, onProblem } = options;
  const copy = copier(options);
  const waiting: (() => void)[] = [];
  let failures = 0;
  let rest: CancelTimer | undefined;
  let underWay: Promise<void> | undefined;
  let wanted = false;
  let closed = false;
  let abandoned = false;

  const settle = (): void => {
    if (wanted && !closed) start();
    else for (const resolve of waiting.splice(0)) resolve();
  };
  const copyAll = async (): Promise<void> => {
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) await copyBatch(batch);
  };
  const copyBatch = async (batch: readonly UnmirroredEntry[]): Promise<void> => {
    for (const one of batch) {
      if (closed) return;
      await copy(one); // M1
      if (abandoned) return;
      store.markMirrored(one.entryId);
      failures = 0;
    }
  };
  const nextBatch = (): readonly UnmirroredEntry[] => {
    wanted = false;
    return closed ? [] : store.unmirrored(BATCH_ENTRIES_MAX);
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
      await deadline(clock, CLOSE_DEADLINE_MS, underWay);
      abandoned = true;
      settle();
    },
  };
}

/** Copies one entry, with what it means for its session's header. */
function copier({
  store,
  port,
  clock,
  onProblem,
}: Parameters<typeof createMirror>[0]): (one: UnmirroredEntry) => Promise<void> {
  return async ({ entryId, entry }) => {
    if (entry === null) {
      onProblem(`entry ${entryId} is damaged and has no copy`);
      return;
    }
    const session = foldSession(store.entries(entry.sessionId).entries);
    if (session?.deleted === true) {
      if (entry.type === "session-deleted") await inTime(clock, port.remove(entry.sessionId)); // M3
      return;
    }
    await inTime(clock, port.append(entry.sessionId, entryId, JSON.stringify(entry)));
    if (!namesSession(entry) || session === undefined) return;
    const { sessionId, name, createdAt } = session;
    await inTime(clock, port.putHeader(sessionId, JSON.stringify({ sessionId, name, createdAt })));
  };
}

function namesSession(entry: SessionEntry): boolean {
  return entry.type === "session-created" || entry.type === "session-renamed";
}

/** Rejects when `call` takes too long: a port that never answers must not stop the mirror. */
function inTime(clock: Clock, call: Promise<void>): Promise<void> {
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
