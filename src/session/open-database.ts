/**
 * Opens the store's file, whatever state it is in.
 *
 * O1 A damaged file is moved aside and never deleted; a fresh one takes its place.
 * O2 The folder is made for its owner alone (0700), the file likewise (0600). A folder that is
 *    already there keeps its mode: it may be anybody's.
 * O3 Processes that open a fresh file at once wait for each other. SQLite's own timeout does not
 *    cover the change to a write-ahead log: it would fail at once (https://sqlite.org/wal.html).
 */
import { chmodSync, closeSync, existsSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../base/error-message.ts";
import { makeFolder } from "../base/make-folder.ts";
import { migrate } from "./migrations.ts";
import { loadSqlite, textOf } from "./sqlite.ts";
import { explaining, isBusy, isDamage } from "./store-errors.ts";

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
        damage = moveAside({ path, now, inode }, errorMessage(cause)) ?? damage;
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

/** Moves the file aside (O1) unless another process has just done so. */
function moveAside(
  file: { readonly path: string; readonly now: number; readonly inode: number },
  message: string,
): FileDamage | undefined {
  const { path } = file;
  if (!existsSync(path) || statSync(path).ino !== file.inode) return undefined;
  const movedTo = freeName(`${path}.damaged-${fileTime(file.now)}`);
  // The file itself goes last: once its name is free, these names may belong to a fresh file.
  for (const ending of ["-wal", "-shm", ""]) {
    if (existsSync(path + ending)) renameSync(path + ending, movedTo + ending);
  }
  return { file: path, movedTo, message };
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
