/**
 * The store's tables, one step per version of the file.
 *
 * M1 A step that has been released is never changed; a change of the tables is a new step.
 * M2 A step and its version number are one transaction: a file is of one version, never between.
 */
import type { DatabaseSync } from "node:sqlite";
import { OperatorError } from "../base/operator-error.ts";
import { inTransaction, numberOf } from "./sqlite.ts";

/** Brings a file from one version to the next. */
export type Migration = (database: DatabaseSync) => void;

/** Entries, run events and what is derived from them; the log table is bounded by its writer. */
function toVersion1(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE entries (
      entry_id   TEXT PRIMARY KEY,
      session_id TEXT NOT NULL,
      json       TEXT NOT NULL,
      mirrored   INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE INDEX entries_by_session ON entries (session_id, entry_id);
    CREATE INDEX entries_to_mirror ON entries (entry_id) WHERE mirrored = 0;
    CREATE TABLE sessions (
      session_id TEXT PRIMARY KEY,
      name       TEXT NOT NULL,
      created_at REAL NOT NULL,
      changed_at REAL NOT NULL,
      deleted    INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE runs (
      run_id       TEXT PRIMARY KEY,
      session_id   TEXT NOT NULL,
      flow_name    TEXT NOT NULL,
      status       TEXT NOT NULL,
      requested_at REAL NOT NULL,
      finished_at  REAL,
      seq          INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX runs_by_session ON runs (session_id, requested_at);
    CREATE TABLE run_events (
      run_id TEXT NOT NULL,
      seq    INTEGER NOT NULL,
      json   TEXT NOT NULL,
      PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE log_lines (
      line_id INTEGER PRIMARY KEY AUTOINCREMENT,
      run_id  TEXT NOT NULL,
      at      REAL NOT NULL,
      task_id TEXT NOT NULL,
      level   TEXT NOT NULL,
      text    TEXT NOT NULL
    );
    CREATE INDEX log_lines_by_run ON log_lines (run_id, line_id);
  `);
}

/** Requests for runs of which no event was heard yet: they may have to be sent again. */
function toVersion2(database: DatabaseSync): void {
  database.exec(
    "CREATE TABLE requests (run_id TEXT PRIMARY KEY, bus TEXT NOT NULL, json TEXT NOT NULL) STRICT",
  );
}

/** What was last seen of each bus, and the runs under way, found without reading all the others. */
function toVersion3(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE epochs (bus TEXT PRIMARY KEY, epoch TEXT NOT NULL) STRICT;
    CREATE INDEX runs_under_way ON runs (run_id) WHERE finished_at IS NULL;
  `);
}

/** Rows that cannot be read, as they were found; see `quarantine.ts`. */
function toVersion4(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE quarantine (
      row_id   INTEGER PRIMARY KEY,
      found_at REAL NOT NULL,
      place    TEXT NOT NULL,
      row_key  TEXT NOT NULL,
      reason   TEXT NOT NULL,
      content  TEXT NOT NULL
    ) STRICT;
  `);
}

/** The step at index n brings a file to version n + 1. */
export const MIGRATIONS: readonly Migration[] = [toVersion1, toVersion2, toVersion3, toVersion4];

/** The version a file says it has; 0 for a new one. */
export function versionOf(database: DatabaseSync): number {
  return numberOf(database.prepare("PRAGMA user_version").get() ?? {}, "user_version");
}

/** Brings a file to the newest version; refuses one that a newer aimie-console wrote. */
export function migrate(
  database: DatabaseSync,
  path: string,
  steps: readonly Migration[] = MIGRATIONS,
): void {
  refuseStrangers(database, path, steps.length);
  for (const [index, step] of steps.entries()) {
    if (versionOf(database) > index) continue;
    inTransaction(database, () => {
      if (versionOf(database) > index) return; // Another process was faster.
      step(database);
      database.exec(`PRAGMA user_version = ${index + 1}`); // M2
    });
  }
}

function refuseStrangers(database: DatabaseSync, path: string, newest: number): void {
  // Counted before the version is read: tables that another process makes have theirs by then (M2).
  const tables = database.prepare("SELECT count(*) AS tables FROM sqlite_master").get() ?? {};
  const version = versionOf(database);
  if (version > newest) {
    throw new OperatorError({
      code: "usage",
      message: `${path} was written by a newer aimie-console (file version ${version}, known ${newest})`,
      nextStep: "update aimie-console, or choose another folder for its sessions",
    });
  }
  if (version === 0 && numberOf(tables, "tables") > 0) {
    throw new OperatorError({
      code: "usage",
      message: `${path} is a database of another program`,
      nextStep: "choose another file for the sessions",
    });
  }
}
