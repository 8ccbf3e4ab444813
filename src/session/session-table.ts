/**
 * Sessions and their entries in the store.
 *
 * E1 An entry is on the disk when `append` returns, and a later power cut does not take it back.
 * E2 A session's row is the fold of its entries, written in the same transaction.
 */
import type { DatabaseSync } from "node:sqlite";
import type { RunId, SessionId } from "../protocol/ids.ts";
import { sessionIdSchema } from "../protocol/ids.ts";
import type { EntryId, SessionEntry } from "./core/entry.ts";
import { entryIdSchema, sessionEntrySchema } from "./core/entry.ts";
import { foldSession } from "./core/fold.ts";
import type { Found } from "./found.ts";
import { foundAmong } from "./found.ts";
import type { RowDamage } from "./row-json.ts";
import { parseRow } from "./row-json.ts";
import type { Row } from "./sqlite.ts";
import { inTransaction, numberOf, textOf } from "./sqlite.ts";

/** A session, as a list shows it. */
export interface SessionRow {
  readonly sessionId: SessionId;
  readonly name: string;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly runCount: number;
}

/** The readable entries of a session in order, and the rows that are not. */
export interface SessionLog {
  readonly entries: readonly SessionEntry[];
  readonly damage: readonly RowDamage[];
}

/** An entry that has no copy yet; null where the row cannot be read. */
export interface UnmirroredEntry {
  readonly entryId: EntryId;
  readonly entry: SessionEntry | null;
}

/** What the store can do with sessions. */
export interface SessionTable {
  append(entry: SessionEntry): void;
  entries(sessionId: SessionId): SessionLog;
  listSessions(): readonly SessionRow[];
  latestSession(): SessionRow | undefined;
  findSession(nameOrIdPrefix: string): Found<SessionRow>;
  unmirrored(maximum: number): readonly UnmirroredEntry[];
  markMirrored(entryId: EntryId): void;
  forgetMirrored(): void;
}

const LIST = `
  SELECT session_id, name, created_at, changed_at,
    (SELECT count(*) FROM runs WHERE runs.session_id = sessions.session_id) AS run_count
  FROM sessions WHERE deleted = 0`;

/** The sessions of an open database. */
export function sessionTable(
  database: DatabaseSync,
  expectRun: (run: {
    readonly runId: RunId;
    readonly sessionId: SessionId;
    readonly flowName: string;
    readonly at: number;
  }) => void,
): SessionTable {
  const byTime = database.prepare(`${LIST} ORDER BY changed_at DESC, session_id DESC`);
  const listSessions = (): readonly SessionRow[] => byTime.all().map(sessionRowOf);
  return {
    ...entryLog(database, expectRun),
    ...mirrorMarks(database),
    listSessions,
    latestSession: () => listSessions()[0],
    findSession(wanted) {
      const sessions = listSessions();
      const exact = sessions.filter((one) => one.sessionId === wanted);
      const named = sessions.filter((one) => one.name === wanted);
      const prefix = wanted.toLowerCase();
      const begun = sessions.filter((one) => one.sessionId.toLowerCase().startsWith(prefix));
      const best = [exact, named, prefix === "" ? [] : begun].find((group) => group.length > 0);
      return foundAmong(best ?? []);
    },
  };
}

function entryLog(
  database: DatabaseSync,
  expectRun: Parameters<typeof sessionTable>[1],
): Pick<SessionTable, "append" | "entries"> {
  const insert = database.prepare(
    "INSERT INTO entries (entry_id, session_id, json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const select = database.prepare(
    "SELECT entry_id, json FROM entries WHERE session_id = ? ORDER BY entry_id",
  );
  const put = database.prepare(`
    INSERT INTO sessions (session_id, name, created_at, changed_at, deleted)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (session_id) DO UPDATE SET name = excluded.name,
      created_at = excluded.created_at,
      changed_at = max(sessions.changed_at, excluded.changed_at), deleted = excluded.deleted`);
  const entries = (sessionId: SessionId): SessionLog => logOf(select.all(sessionId));
  const write = (entry: SessionEntry): void => {
    insert.run(entry.entryId, entry.sessionId, JSON.stringify(entry));
    const session = foldSession(entries(entry.sessionId).entries); // E2
    if (session === undefined) return;
    const { sessionId, name, createdAt, changedAt, deleted } = session;
    put.run(sessionId, name, createdAt, changedAt, deleted ? 1 : 0);
    if (entry.type === "run-started") expectRun(entry);
    if (entry.type === "question-asked") expectRun({ ...entry, flowName: "ask" });
  };
  return {
    entries,
    append(entry) {
      const checked = sessionEntrySchema.parse(entry);
      database.exec("PRAGMA synchronous = FULL"); // E1
      try {
        inTransaction(database, () => write(checked));
      } finally {
        database.exec("PRAGMA synchronous = NORMAL");
      }
    },
  };
}

function mirrorMarks(
  database: DatabaseSync,
): Pick<SessionTable, "unmirrored" | "markMirrored" | "forgetMirrored"> {
  const select = database.prepare(
    "SELECT entry_id, json FROM entries WHERE mirrored = 0 ORDER BY entry_id LIMIT ?",
  );
  const mark = database.prepare("UPDATE entries SET mirrored = 1 WHERE entry_id = ?");
  return {
    unmirrored: (maximum) =>
      select.all(maximum).map((row) => {
        const parsed = parseRow(textOf(row, "json"), sessionEntrySchema);
        const entryId = entryIdSchema.parse(textOf(row, "entry_id"));
        return { entryId, entry: parsed.ok ? parsed.value : null };
      }),
    markMirrored(entryId) {
      mark.run(entryId);
    },
    forgetMirrored() {
      database.exec("UPDATE entries SET mirrored = 0");
    },
  };
}

function logOf(rows: readonly Row[]): SessionLog {
  const entries: SessionEntry[] = [];
  const damage: RowDamage[] = [];
  for (const row of rows) {
    const parsed = parseRow(textOf(row, "json"), sessionEntrySchema);
    if (parsed.ok) entries.push(parsed.value);
    else damage.push({ table: "entries", key: textOf(row, "entry_id"), reason: parsed.error });
  }
  return { entries, damage };
}

function sessionRowOf(row: Row): SessionRow {
  return {
    sessionId: sessionIdSchema.parse(textOf(row, "session_id")),
    name: textOf(row, "name"),
    createdAt: numberOf(row, "created_at"),
    changedAt: numberOf(row, "changed_at"),
    runCount: numberOf(row, "run_count"),
  };
}
