/**
 * Opens the store's file, whatever state it is in.
 *
 * O1 A damaged file is moved aside and never deleted; a fresh one takes its place, with what of the
 *    damaged one can still be read. It is made first, under another name: at no time is there less
 *    than before.
 * O2 The folder is made for its owner alone (0700), the file likewise (0600). A folder that is
 *    already there keeps its mode: it may be anybody's.
 * O3 Processes that open a fresh file at once wait for each other. SQLite's own timeout does not
 *    cover the change to a write-ahead log: it would fail at once (https://sqlite.org/wal.html).
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../base/error-message.ts";
import { makeFolder } from "../base/make-folder.ts";
import { migrate } from "./migrations.ts";
import type { CheckedTable } from "./row-json.ts";
import type { Salvage } from "./salvage.ts";
import { salvageRows } from "./salvage.ts";
import { inTransaction, loadSqlite, textOf } from "./sqlite.ts";
import { explaining, isBusy, isDamage } from "./store-errors.ts";
import { foldedTables, refoldAll } from "./tables.ts";

/** How long a statement waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 5000;

/** How long a process sleeps before it tries to open a locked file again. */
const TRY_AGAIN_MS = 10;

/** How often a file may be found damaged in one opening; a second time is already odd. */
const DAMAGED_FILES_MAX = 3;

/** A file that could not be used, and where it is now. */
export interface FileDamage {
  readonly file: string;
  readonly movedTo: string;
  readonly message: string;
  /** What was taken over; null when nothing of it could be read. */
  readonly salvage: Salvage | null;
}

/** What is told of a damaged file. */
export function describeFileDamage({ file, message, movedTo, salvage }: FileDamage): string {
  const what = message.replaceAll(/\s+/g, " ");
  return `the session store ${file} was damaged (${what}); kept as ${movedTo}; ${describeSalvage(salvage)}`;
}

/** What people call the rows of a table; of the others they need not hear. */
const WORDS = [
  ["entries", "entries"],
  ["run_events", "events of runs"],
  ["log_lines", "log lines"],
] as const satisfies readonly (readonly [CheckedTable, string])[];

function describeSalvage(salvage: Salvage | null): string {
  if (salvage === null) return "nothing of it could be read";
  const { taken, setAside, broken } = salvage;
  const rows = WORDS.map(([table, word]) => `${taken[table] ?? 0} ${word}`);
  const lost = broken.length === 0 ? "" : `; a part of ${broken.join(", ")} could not be read`;
  const aside = setAside === 0 ? "" : `; ${setAside} damaged rows were set aside`;
  return `taken over from it: ${rows.join(", ")}${aside}${lost}`;
}

/** An open file of the newest version. */
export interface OpenDatabase {
  readonly database: DatabaseSync;
  readonly damage: FileDamage | null;
}

/** Opens the file at `path`, made when missing; throws an OperatorError when that cannot be. */
export function openDatabase(options: {
  readonly path: string;
  /** Milliseconds since the epoch; names a file that is moved aside. */
  readonly now: number;
  readonly maximumBytes: number;
}): OpenDatabase {
  const { path, now, maximumBytes } = options;
  return explaining(path, () => {
    let damage: FileDamage | null = null;
    for (let tries = 0; ; tries += 1) {
      const inode = makeFile(path);
      try {
        return { database: openPatiently(path, maximumBytes), damage };
      } catch (cause) {
        if (!isDamage(cause) || tries >= DAMAGED_FILES_MAX) throw cause;
        const found = { path, now, inode, maximumBytes };
        damage = replaceDamaged(found, errorMessage(cause)) ?? damage;
      }
    }
  });
}

/** Makes folder and file (O2); the answer tells this file from a later one of the same name. */
function makeFile(path: string): number {
  makeFolder(dirname(path));
  closeSync(openSync(path, "a", 0o600));
  const found = statSync(path);
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o600);
  return found.ino;
}

/** Opens the file as soon as no other process is making it ready (O3). */
function openPatiently(path: string, maximumBytes: number): DatabaseSync {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return openFile(path, maximumBytes);
    } catch (cause) {
      if (!isBusy(cause) || performance.now() >= deadline) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TRY_AGAIN_MS);
    }
  }
}

function openFile(path: string, maximumBytes: number): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = NORMAL");
    const pageBytes = Number(database.prepare("PRAGMA page_size").get()?.["page_size"] ?? 4096);
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maximumBytes / pageBytes))}`);
    refuseMalformed(database);
    migrate(database, path);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Reads through the whole file, so that damage shows now and not in the middle of a run. */
function refuseMalformed(database: DatabaseSync): void {
  const answer = textOf(database.prepare("PRAGMA quick_check(1)").get() ?? {}, "quick_check");
  if (answer !== "ok") throw Object.assign(new Error(answer), { errcode: 11 });
}

interface DamagedFile {
  readonly path: string;
  readonly now: number;
  readonly inode: number;
  readonly maximumBytes: number;
}

/** Puts a file with what can be salvaged in the place of a damaged one (O1). */
function replaceDamaged(file: DamagedFile, message: string): FileDamage | undefined {
  const rescue = `${file.path}.salvaged-${process.pid}`;
  removeDatabase(rescue);
  try {
    const salvage = salvageInto(rescue, file);
    const movedTo = moveAside(file, salvage === undefined ? undefined : rescue);
    if (movedTo === undefined) return undefined;
    return { file: file.path, movedTo, message, salvage: salvage ?? null };
  } finally {
    removeDatabase(rescue);
  }
}

function salvageInto(
  rescue: string,
  { path, now, maximumBytes }: DamagedFile,
): Salvage | undefined {
  makeFile(rescue);
  const database = openFile(rescue, maximumBytes);
  try {
    const salvage = salvageRows({ path, scratch: `${rescue}-copy` }, database, now);
    if (salvage === undefined) return undefined;
    inTransaction(database, () =>
      refoldAll(
        database,
        foldedTables(database, () => undefined),
      ),
    );
    return salvage;
  } finally {
    database.close(); // The last one out writes all of it into the file itself.
  }
}

/** Gives a file a second name, so that there is always one of the first; some disks cannot. */
function linked(path: string, name: string): boolean {
  try {
    linkSync(path, name);
    return true;
  } catch {
    return false;
  }
}

function removeDatabase(path: string): void {
  for (const ending of ["", ...BESIDE]) rmSync(path + ending, { force: true });
}

/** The files beside a database. */
const BESIDE = ["-wal", "-shm"] as const;

/**
 * Moves the file aside, and another one into its place, unless another process has just done so.
 * Answers where it is now.
 */
function moveAside(file: DamagedFile, successor: string | undefined): string | undefined {
  const { path } = file;
  if (!existsSync(path) || statSync(path).ino !== file.inode) return undefined;
  const movedTo = freeName(`${path}.damaged-${fileTime(file.now)}`);
  // The file itself goes last: once its name is free, these names may belong to a fresh file.
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  for (const ending of BESIDE.filter((one) => existsSync(path + one))) {
    if (log !== undefined && log.size > 0) renameSync(path + ending, movedTo + ending);
    else rmSync(path + ending); // Nothing is in them.
  }
  if (successor === undefined || !linked(path, movedTo)) renameSync(path, movedTo);
  if (successor !== undefined) renameSync(successor, path);
  return movedTo;
}

/** `20261122T093000Z`: a time as file names bear it everywhere. */
function fileTime(now: number): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
}

function freeName(wanted: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!existsSync(name)) return name;
  }
}
