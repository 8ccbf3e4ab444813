/**
 * The local store of sessions: one SQLite file, written by aimie-console alone, open in as many
 * processes as there are consoles. Operator entries survive a power cut, run events a crash; what
 * the file lacks of a run can be read again from the bus.
 */
import type { Clock } from "../base/clock.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { SessionEntry } from "./core/entry.ts";
import { sessionEntrySchema } from "./core/entry.ts";
import type { DamageBook } from "./damage-book.ts";
import { damageBook } from "./damage-book.ts";
import type { EpochTable } from "./epoch-table.ts";
import { epochTable } from "./epoch-table.ts";
import type { LogTable } from "./log-table.ts";
import { logTable } from "./log-table.ts";
import type { FileDamage } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import type { Quarantine } from "./quarantine.ts";
import { countSetAside, damagedRows, setDamagedAside } from "./quarantine.ts";
import type { RunTable } from "./run-table.ts";
import type { SessionTable } from "./session-table.ts";
import { inTransaction } from "./sqlite.ts";
import { explaining } from "./store-errors.ts";
import { foldedTables, refoldAll } from "./tables.ts";

/** Largest file of the store; enough for some hundred thousand runs. */
const STORE_BYTES_MAX = 4 * 1024 ** 3;

/** Where the store is, and what it needs from outside. */
export interface SessionStoreOptions {
  readonly path: string;
  readonly clock: Pick<Clock, "now">;
  /** A new ULID, rising within the process. */
  readonly newUlid: () => string;
  readonly maximumBytes?: number;
}

/** What a caller says of an entry; its id, time and version are the store's to give. */
export type NewEntry = SessionEntry extends infer Entry
  ? Entry extends SessionEntry
    ? Omit<Entry, "v" | "entryId" | "at" | "sessionId">
    : never
  : never;

/**
 * The store. Every method may throw an OperatorError: the disk is full, the file is locked or has
 * become damaged.
 */
export interface SessionStore
  extends SessionTable,
    RunTable,
    LogTable,
    EpochTable,
    Quarantine,
    Pick<DamageBook, "onDamage"> {
  readonly path: string;
  /** The damaged file that was found at opening and moved aside; null when all was well. */
  readonly damage: FileDamage | null;
  /** Appends an entry that happens now. */
  record(sessionId: SessionId, entry: NewEntry): SessionEntry;
  /** Calls `listener` after each `append` of this process, until the answer is called. */
  onAppended(listener: () => void): () => void;
  /** Closes the file; calling it again does nothing. */
  close(): void;
}

/** Opens the store, made when missing; throws an OperatorError when that cannot be. */
export function openSessionStore(options: SessionStoreOptions): SessionStore {
  const { path, clock, newUlid, maximumBytes = STORE_BYTES_MAX } = options;
  const { database, damage } = openDatabase({ path, now: clock.now(), maximumBytes });
  const { report, onDamage } = damageBook();
  const { runs, sessions } = foldedTables(database, report);
  const listeners = new Set<() => void>();
  const append = (entry: SessionEntry): void => {
    explaining(path, () => sessions.append(entry));
    for (const listener of listeners) listener();
  };
  return {
    ...explained(path, {
      ...runs,
      ...sessions,
      ...logTable(database, report),
      ...epochTable(database),
    }),
    ...explained(path, {
      damagedRows: () => damagedRows(database),
      setDamagedAside: () =>
        inTransaction(database, () => {
          const moved = setDamagedAside(database, clock.now());
          if (moved.length > 0) refoldAll(database, { runs, sessions });
          return moved;
        }),
      countSetAside: () => countSetAside(database),
    }),
    onDamage,
    path,
    damage,
    append,
    record(sessionId, entry) {
      const common = { v: 1, entryId: newUlid(), sessionId, at: clock.now() };
      const whole = sessionEntrySchema.parse({ ...entry, ...common });
      append(whole);
      return whole;
    },
    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

/** Wraps each method so that what the operator must mend is said in words. */
function explained<Methods extends object>(path: string, methods: Methods): Methods {
  return new Proxy(methods, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => explaining(path, () => Reflect.apply(method, target, args));
    },
  });
}
