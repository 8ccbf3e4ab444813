/**
 * A session as one file: an SQLite database with its entries, the events of its runs, and the
 * artifacts they point to.
 *
 * A1 A file is written beside its name and renamed when it is whole; one that exists is not touched.
 * A2 A file is checked as a whole before anything of it is taken in: what it says it is, its tables,
 *    every row by its schema, every artifact by its hash, and its size.
 * A3 Names of files come from hashes and media types alone, never from the archive.
 * A4 Taking the same file in twice changes nothing.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { z } from "zod";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { Artifact } from "../protocol/artifact.ts";
import { artifactSchema } from "../protocol/artifact.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import { runEventDataSchema } from "../protocol/run-events.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { artifactsIn } from "./core/artifacts-of.ts";
import type { SessionEntry } from "./core/entry.ts";
import { sessionEntrySchema } from "./core/entry.ts";
import { parseRow } from "./row-json.ts";
import type { Row } from "./sqlite.ts";
import { inTransaction, loadSqlite, numberOf, textOf } from "./sqlite.ts";
import type { SessionStore } from "./store.ts";

/** `AIMS`: what an archive calls itself in its header. */
const APPLICATION_ID = 0x41494d53;

/** The version of the format that is written, and the newest that is read. */
const FORMAT_VERSION = 1;

/** Largest archive that is read. */
const ARCHIVE_BYTES_MAX = 1024 ** 3;

/** Most rows of a table that are read. */
const ROWS_MAX = 1_000_000;

const TABLES = ["artifacts", "entries", "run_events"];

/** What was put into an archive, or taken out of it. */
export interface ArchiveReport {
  readonly sessionId: SessionId;
  readonly entries: number;
  readonly runs: number;
  readonly artifacts: number;
  /** Artifacts that runs point to and that are not in the archive. */
  readonly missing: readonly Artifact[];
}

/** Where sessions and their files are. */
export interface ArchivePlaces {
  readonly store: SessionStore;
  readonly artifacts: ArtifactStore;
}

/**
 * Writes a session to a file.
 * @throws OperatorError `usage` when the file exists or cannot be written.
 */
export async function exportSession(
  { store, artifacts }: ArchivePlaces,
  sessionId: SessionId,
  file: string,
): Promise<ArchiveReport> {
  if (existsSync(file)) throw refused(file, "it exists already", "name another file");
  const { entries } = store.entries(sessionId);
  const runs = store.listRuns(sessionId).map((run) => store.runEvents(run.runId).events);
  const wanted = artifactsIn(runs);
  const missing: Artifact[] = [];
  const partial = `${file}.partial`;
  try {
    rmSync(partial, { force: true });
    const database = newArchive(partial);
    try {
      inTransaction(database, () => putRows(database, entries, runs.flat()));
      const put = database.prepare("INSERT INTO artifacts (json, content) VALUES (?, ?)");
      for (const artifact of wanted) {
        if ((await artifacts.verify(artifact)) !== "intact") missing.push(artifact);
        else put.run(JSON.stringify(artifact), readFileSync(artifacts.pathOf(artifact)));
      }
    } finally {
      database.close();
    }
    renameSync(partial, file); // A1
  } catch (cause) {
    rmSync(partial, { force: true });
    throw refused(file, errorMessage(cause), "name a file in a folder that can be written");
  }
  return {
    sessionId,
    entries: entries.length,
    runs: runs.length,
    artifacts: wanted.length - missing.length,
    missing,
  };
}

function newArchive(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${FORMAT_VERSION};
    CREATE TABLE entries (json TEXT NOT NULL);
    CREATE TABLE run_events (json TEXT NOT NULL);
    CREATE TABLE artifacts (json TEXT NOT NULL, content BLOB NOT NULL);
  `);
  return database;
}

function putRows(
  database: DatabaseSync,
  entries: readonly SessionEntry[],
  events: readonly RunEventData[],
): void {
  const putEntry = database.prepare("INSERT INTO entries (json) VALUES (?)");
  for (const entry of entries) putEntry.run(JSON.stringify(entry));
  const putEvent = database.prepare("INSERT INTO run_events (json) VALUES (?)");
  for (const event of events) putEvent.run(JSON.stringify(event));
}

/**
 * Takes a session in from a file.
 * @throws OperatorError `usage` for a file that is not an archive or is damaged; `conflict` when
 *   the session was deleted here.
 */
export async function importSession(
  { store, artifacts }: ArchivePlaces,
  file: string,
): Promise<ArchiveReport> {
  const database = openArchive(file);
  try {
    const { sessionId, entries, events } = readLog(database, file);
    const wanted = new Map(artifactsIn(events).map((one) => [one.sha256, one]));
    const present = checkArtifacts(database, file, wanted); // A2
    refuseDeleted(store, sessionId);
    const get = database.prepare("SELECT content FROM artifacts WHERE rowid = ?");
    for (const [sha256, rowid] of present) {
      const artifact = wanted.get(sha256);
      const content = get.get(rowid)?.["content"];
      if (artifact !== undefined && content instanceof Uint8Array) {
        await artifacts.take(artifact, content); // A3
      }
    }
    for (const entry of entries) store.append(entry); // A4
    for (const data of events) store.recordRunEvent(data, sessionId);
    return {
      sessionId,
      entries: entries.length,
      runs: new Set(events.map(({ runId }) => runId)).size,
      artifacts: present.size,
      missing: [...wanted.values()].filter(({ sha256 }) => !present.has(sha256)),
    };
  } finally {
    database.close();
  }
}

function refuseDeleted(store: SessionStore, sessionId: SessionId): void {
  const { entries } = store.entries(sessionId);
  if (!entries.some((entry) => entry.type === "session-deleted")) return;
  throw new OperatorError({
    code: "conflict",
    message: `session ${sessionId} was deleted here, and deleted sessions do not come back`,
    nextStep: "import it with another state folder (XDG_STATE_HOME)",
  });
}

/** Opens a file that says it is an archive, with nothing in it that could act. */
function openArchive(file: string): DatabaseSync {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw refused(file, "there is no such file", "check the path");
  if (found.size > ARCHIVE_BYTES_MAX) throw refused(file, "it is larger than 1 GiB");
  const { DatabaseSync } = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, allowExtension: false });
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    checkHeader(database, file);
    return database;
  } catch (cause) {
    database?.close();
    throw cause instanceof OperatorError ? cause : refused(file, errorMessage(cause));
  }
}

function checkHeader(database: DatabaseSync, file: string): void {
  const pragma = (name: string): number =>
    numberOf(database.prepare(`PRAGMA ${name}`).get() ?? {}, name);
  if (pragma("application_id") !== APPLICATION_ID)
    throw refused(file, "it is another kind of file");
  const version = pragma("user_version");
  if (version < 1 || version > FORMAT_VERSION) {
    throw refused(file, `it has format version ${version}`, "update aimie-console");
  }
  const check = textOf(database.prepare("PRAGMA quick_check(1)").get() ?? {}, "quick_check");
  if (check !== "ok") throw refused(file, check);
  const objects = database.prepare("SELECT type, name FROM sqlite_master ORDER BY name").all();
  const named = objects.map((row) => `${textOf(row, "type")} ${textOf(row, "name")}`);
  if (named.join() !== TABLES.map((table) => `table ${table}`).join()) {
    throw refused(file, "it holds other tables than an exported session");
  }
}

interface ArchivedLog {
  readonly sessionId: SessionId;
  readonly entries: readonly SessionEntry[];
  readonly events: readonly RunEventData[];
}

function readLog(database: DatabaseSync, file: string): ArchivedLog {
  const entries = readRows(database, file, "entries", sessionEntrySchema);
  const events = readRows(database, file, "run_events", runEventDataSchema);
  const [first] = entries;
  if (first === undefined) throw refused(file, "it has no entries");
  const { sessionId } = first;
  const runs = new Set(
    entries.flatMap((entry) => (entry.type === "run-started" ? [entry.runId] : [])),
  );
  const strange =
    entries.some((entry) => entry.sessionId !== sessionId || entry.type === "session-deleted") ||
    events.some((data) => !runs.has(data.runId));
  if (strange) throw refused(file, "it holds entries or runs of another session");
  return { sessionId, entries, events };
}

function readRows<Value>(
  database: DatabaseSync,
  file: string,
  table: string,
  schema: z.ZodType<Value>,
): readonly Value[] {
  const rows = database.prepare(`SELECT rowid, json FROM ${table} LIMIT ${ROWS_MAX + 1}`).all();
  if (rows.length > ROWS_MAX) throw refused(file, `it has more than ${ROWS_MAX} rows in ${table}`);
  return rows.map((row) => readRow(file, table, row, schema));
}

function readRow<Value>(file: string, table: string, row: Row, schema: z.ZodType<Value>): Value {
  const parsed = parseRow(textOf(row, "json"), schema);
  if (parsed.ok) return parsed.value;
  throw refused(file, `row ${numberOf(row, "rowid")} of ${table}: ${parsed.error}`);
}

/** The rows of the artifacts that the runs point to; every one has the hash it is named by. */
function checkArtifacts(
  database: DatabaseSync,
  file: string,
  wanted: ReadonlyMap<string, Artifact>,
): ReadonlyMap<string, number> {
  const present = new Map<string, number>();
  const rows = database.prepare("SELECT rowid, json, content FROM artifacts");
  for (const row of rows.iterate()) {
    const { sha256 } = readRow(file, "artifacts", row, artifactSchema);
    const content = row["content"];
    const hash =
      content instanceof Uint8Array && createHash("sha256").update(content).digest("hex");
    if (hash !== sha256) throw refused(file, `artifact ${sha256} has other content`);
    if (!wanted.has(sha256)) throw refused(file, `no run points to artifact ${sha256}`);
    present.set(sha256, numberOf(row, "rowid"));
  }
  return present;
}

function refused(file: string, why: string, nextStep = "export the session again"): OperatorError {
  return new OperatorError({ code: "usage", message: `${file} cannot be used: ${why}`, nextStep });
}
