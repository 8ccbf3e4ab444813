/**
 * Sessions and their entries in the store.
 *
 * E1 An entry is on the disk when `append` returns, and a later power cut does not take it back.
 * E2 A session's row is the fold of its entries, written in the same transaction.
 * E3 An entry is kept once, by its id; a damaged row is mended by an intact copy of it.
 */
import type { DatabaseSync } from "node:sqlite";
import type { RunId, SessionId } from "../protocol/ids.ts";
import { sessionIdSchema } from "../protocol/ids.ts";
import type { EntryId, SessionEntry } from "./core/entry.ts";
import { entryIdSchema, sessionEntrySchema } from "./core/entry.ts";
import { foldSession } from "./core/fold.ts";
import type { Found } from "./found.ts";
import { foundAmong } from "./found.ts";
import type { ReportDamage, RowDamage } from "./row-json.ts";
import { readEntry, sessionRowProblem } from "./row-rules.ts";
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
  /** Takes in entries of one session that have a copy; answers those that were new. */
  merge(entries: readonly SessionEntry[]): readonly SessionEntry[];
  /** Every session, the deleted ones too. */
  sessionIds(): readonly SessionId[];
  /** Takes all of a deleted session off the disk but the entry that deleted it. */
  purge(sessionId: SessionId): void;
  entries(sessionId: SessionId): SessionLog;
  listSessions(): readonly SessionRow[];
  latestSession(): SessionRow | undefined;
  findSession(nameOrIdPrefix: string): Found<SessionRow>;
  /** What was asked lately in any session: the newest first, each once. */
  recentQuestions(): readonly string[];
  unmirrored(maximum: number): readonly UnmirroredEntry[];
  markMirrored(entryId: EntryId): void;
  /** The copies were lost: all of them, or those of a session that are not in `present`. */
  forgetMirrored(sessionId?: SessionId, present?: ReadonlySet<string>): void;
}

const LIST = `
  SELECT session_id, name, created_at, changed_at,
    (SELECT count(*) FROM runs WHERE runs.session_id = sessions.session_id) AS run_count
  FROM sessions WHERE deleted = 0`;

/** What the sessions of a database are told, and tell. */
interface SessionSurroundings {
  /** Is told of each run that an entry names. */
  expectRun(run: {
    readonly runId: RunId;
    readonly sessionId: SessionId;
    readonly flowName: string;
    readonly at: number;
  }): void;
  readonly report: ReportDamage;
}

/** The sessions of an open database; `refold` derives a session's row and its runs' anew. */
export function sessionTable(
  database: DatabaseSync,
  surroundings: SessionSurroundings,
): SessionTable & { readonly refold: (sessionId: SessionId) => void } {
  const { report } = surroundings;
  const byTime = database.prepare(`${LIST} ORDER BY changed_at DESC, session_id DESC`);
  const listSessions = (): readonly SessionRow[] =>
    byTime.all().flatMap((row) => sessionRowsOf(row, report));
  const everyId = database.prepare("SELECT DISTINCT session_id FROM entries ORDER BY session_id");
  return {
    ...entryLog(database, surroundings),
    ...mirrorMarks(database),
    ...questionsOf(database),
    listSessions,
    sessionIds: () => everyId.all().flatMap((row) => idsOf(textOf(row, "session_id"))),
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
  { expectRun, report }: SessionSurroundings,
): Pick<ReturnType<typeof sessionTable>, "append" | "entries" | "merge" | "purge" | "refold"> {
  const insert = database.prepare(
    "INSERT INTO entries (entry_id, session_id, json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const select = database.prepare(
    "SELECT entry_id, session_id, json FROM entries WHERE session_id = ? ORDER BY entry_id",
  );
  const put = database.prepare(`
    INSERT INTO sessions (session_id, name, created_at, changed_at, deleted)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (session_id) DO UPDATE SET name = excluded.name,
      created_at = excluded.created_at,
      changed_at = max(sessions.changed_at, excluded.changed_at), deleted = excluded.deleted`);
  const entries = (sessionId: SessionId): SessionLog => logOf(select.all(sessionId), report);
  const refold = (sessionId: SessionId): void => {
    const session = foldSession(entries(sessionId).entries); // E2
    if (session === undefined) return;
    const { name, createdAt, changedAt, deleted } = session;
    put.run(sessionId, name, createdAt, changedAt, deleted ? 1 : 0);
  };
  const expectRunOf = (entry: SessionEntry): void => {
    if (entry.type === "run-started") expectRun(entry);
    if (entry.type === "question-asked") expectRun({ ...entry, flowName: "ask" });
  };
  return {
    entries,
    refold(sessionId) {
      refold(sessionId);
      entries(sessionId).entries.forEach(expectRunOf);
    },
    append(entry) {
      const checked = sessionEntrySchema.parse(entry);
      durably(database, () => {
        insert.run(checked.entryId, checked.sessionId, JSON.stringify(checked));
        refold(checked.sessionId);
        expectRunOf(checked);
      });
    },
    merge(copies) {
      const take = entryTaker(database);
      return durably(database, () => {
        const fresh = copies.filter(take);
        for (const sessionId of new Set(fresh.map((entry) => entry.sessionId))) refold(sessionId);
        fresh.forEach(expectRunOf);
        return fresh;
      });
    },
    purge(sessionId) {
      durably(database, () => purgeSession(database, sessionId));
    },
  };
}

/** Does `work` as one unit that a power cut does not take back (E1). */
function durably<Value>(database: DatabaseSync, work: () => Value): Value {
  database.exec("PRAGMA synchronous = FULL");
  try {
    return inTransaction(database, work);
  } finally {
    database.exec("PRAGMA synchronous = NORMAL");
  }
}

/** Takes in an entry that has a copy; answers whether it was new or has been mended (E3). */
function entryTaker(database: DatabaseSync): (entry: SessionEntry) => boolean {
  const find = database.prepare(
    "SELECT entry_id, session_id, json FROM entries WHERE entry_id = ?",
  );
  const put = database.prepare(`
    INSERT INTO entries (entry_id, session_id, json, mirrored) VALUES (?, ?, ?, 1)
    ON CONFLICT DO UPDATE SET session_id = excluded.session_id, json = excluded.json, mirrored = 1`);
  const mark = database.prepare("UPDATE entries SET mirrored = 1 WHERE entry_id = ?");
  return (entry) => {
    const known = find.get(entry.entryId);
    const intact = known !== undefined && readEntry(known).ok;
    if (intact) mark.run(entry.entryId);
    else put.run(entry.entryId, entry.sessionId, JSON.stringify(entry));
    return !intact;
  };
}

function purgeSession(database: DatabaseSync, sessionId: SessionId): void {
  const ofRuns = "WHERE run_id IN (SELECT run_id FROM runs WHERE session_id = ?)";
  for (const statement of [
    `DELETE FROM run_events ${ofRuns}`,
    `DELETE FROM log_lines ${ofRuns}`,
    `DELETE FROM requests ${ofRuns}`,
    "DELETE FROM runs WHERE session_id = ?",
    `DELETE FROM entries WHERE session_id = ? AND (NOT json_valid(json)
      OR json_extract(json, '$.type') <> 'session-deleted')`,
  ]) {
    database.prepare(statement).run(sessionId);
  }
}

/** The entries that are looked through for questions, so that a large store opens as fast. */
const SEARCHED_ENTRIES = 5000;

/** Most questions that are remembered. */
const REMEMBERED_QUESTIONS = 200;

function questionsOf(database: DatabaseSync): Pick<SessionTable, "recentQuestions"> {
  const select = database.prepare(`
    SELECT entry_id, session_id, json FROM
      (SELECT * FROM entries ORDER BY entry_id DESC LIMIT ${SEARCHED_ENTRIES})
    WHERE json LIKE '%"question-asked"%' ORDER BY entry_id DESC LIMIT ${REMEMBERED_QUESTIONS}`);
  return {
    recentQuestions() {
      const asked = select.all().flatMap((row) => {
        const parsed = readEntry(row); // Damage is told of where the session is opened.
        return parsed.ok && parsed.value.type === "question-asked" ? [parsed.value.question] : [];
      });
      return [...new Set(asked)];
    },
  };
}

function mirrorMarks(
  database: DatabaseSync,
): Pick<SessionTable, "unmirrored" | "markMirrored" | "forgetMirrored"> {
  const select = database.prepare(
    "SELECT entry_id, session_id, json FROM entries WHERE mirrored = 0 ORDER BY entry_id LIMIT ?",
  );
  const mark = database.prepare("UPDATE entries SET mirrored = 1 WHERE entry_id = ?");
  const marked = database.prepare(
    "SELECT entry_id FROM entries WHERE session_id = ? AND mirrored = 1",
  );
  const unmark = database.prepare("UPDATE entries SET mirrored = 0 WHERE entry_id = ?");
  return {
    unmirrored: (maximum) =>
      select.all(maximum).map((row) => {
        const parsed = readEntry(row);
        const entryId = entryIdSchema.parse(textOf(row, "entry_id"));
        return { entryId, entry: parsed.ok ? parsed.value : null };
      }),
    markMirrored(entryId) {
      mark.run(entryId);
    },
    forgetMirrored(sessionId, present = new Set()) {
      if (sessionId === undefined) {
        database.exec("UPDATE entries SET mirrored = 0");
        return;
      }
      inTransaction(database, () => {
        for (const row of marked.all(sessionId)) {
          const entryId = textOf(row, "entry_id");
          if (!present.has(entryId)) unmark.run(entryId);
        }
      });
    },
  };
}

function logOf(rows: readonly Row[], report: ReportDamage): SessionLog {
  const entries: SessionEntry[] = [];
  const damage: RowDamage[] = [];
  for (const row of rows) {
    const parsed = readEntry(row);
    if (parsed.ok) entries.push(parsed.value);
    else damage.push({ table: "entries", key: textOf(row, "entry_id"), reason: parsed.error });
  }
  damage.forEach(report);
  return { entries, damage };
}

/** A session's row; none for one whose id is damaged. */
function sessionRowsOf(row: Row, report: ReportDamage): readonly SessionRow[] {
  const reason = sessionRowProblem({ ...row, deleted: 0 });
  if (reason !== undefined) {
    report({ table: "sessions", key: String(row["session_id"]), reason });
  }
  return idsOf(textOf(row, "session_id")).map((sessionId) => ({
    sessionId,
    name: textOf(row, "name"),
    createdAt: numberOf(row, "created_at"),
    changedAt: numberOf(row, "changed_at"),
    runCount: numberOf(row, "run_count"),
  }));
}

function idsOf(text: string): readonly SessionId[] {
  const sessionId = sessionIdSchema.safeParse(text);
  return sessionId.success ? [sessionId.data] : [];
}
