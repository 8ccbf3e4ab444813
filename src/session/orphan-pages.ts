/**
 * Rows on pages that nothing leads to any more, because a page above them is damaged: in a copy of
 * the file each such page is put where its table begins, and SQLite reads it from there.
 *
 * P1 The copy is changed, the file is not.
 * P2 Pages that were given back are left out: what was deleted does not come back.
 */
import { closeSync, copyFileSync, fstatSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Row } from "./sqlite.ts";
import { loadSqlite, numberOf, textOf } from "./sqlite.ts";
import { isDamage } from "./store-errors.ts";

/** Pages looked at most; a larger file gives what its tables lead to. */
const MAXIMUM_PAGES = 100_000;

/** What the first byte of a page with rows says (https://sqlite.org/fileformat2.html#b_tree_pages). */
const ROWS_BY_ROWID: ReadonlySet<number> = new Set([0x0d]);
const ROWS_BY_KEY: ReadonlySet<number> = new Set([0x0a, 0x02]);

/** Where a table begins, and on what pages its rows are. */
interface TablePlace {
  readonly root: number;
  readonly kinds: ReadonlySet<number>;
}

/** Hands out the rows of all pages that may be a table's, also rows of other tables. */
export function readOrphans(
  file: { readonly path: string; readonly scratch: string },
  source: DatabaseSync,
  table: string,
  take: (row: Row) => void,
): void {
  const place = placeOf(source, table);
  if (place === undefined) return;
  const { path, scratch } = file;
  copyFileSync(path, scratch); // P1
  const copy = openSync(scratch, "r+");
  try {
    writeSync(copy, Buffer.from([1, 1]), 0, 2, 18); // No write-ahead log: the copy has none.
    const size = pageSizeOf(copy);
    const pages = Math.floor(fstatSync(copy).size / size);
    if (pages > MAXIMUM_PAGES) return;
    const free = freePages(copy, size, pages);
    for (let page = 2; page <= pages; page += 1) {
      const bytes = readPage(copy, size, page);
      if (page === place.root || free.has(page) || !place.kinds.has(bytes[0] ?? 0)) continue;
      writeSync(copy, bytes, 0, size, (place.root - 1) * size);
      readTable(scratch, table, take);
    }
  } finally {
    closeSync(copy);
    rmSync(scratch, { force: true });
  }
}

function placeOf(source: DatabaseSync, table: string): TablePlace | undefined {
  const row = source
    .prepare("SELECT rootpage, sql FROM sqlite_master WHERE type = 'table' AND name = ?")
    .get(table);
  if (row === undefined) return undefined;
  const kinds = textOf(row, "sql").includes("WITHOUT ROWID") ? ROWS_BY_KEY : ROWS_BY_ROWID;
  return { root: numberOf(row, "rootpage"), kinds };
}

function pageSizeOf(file: number): number {
  const size = readAt(file, 16, 2).readUInt16BE();
  return size === 1 ? 65_536 : size;
}

/** The pages of the list of free ones (P2). */
function freePages(file: number, size: number, pages: number): ReadonlySet<number> {
  const free = new Set<number>();
  let trunk = readAt(file, 32, 4).readUInt32BE();
  while (trunk > 0 && trunk <= pages && !free.has(trunk)) {
    free.add(trunk);
    const bytes = readPage(file, size, trunk);
    const count = Math.min(bytes.readUInt32BE(4), size / 4 - 2);
    for (let index = 0; index < count; index += 1) free.add(bytes.readUInt32BE(8 + 4 * index));
    trunk = bytes.readUInt32BE(0);
  }
  return free;
}

function readPage(file: number, size: number, page: number): Buffer {
  return readAt(file, (page - 1) * size, size);
}

function readAt(file: number, place: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, place);
  return bytes;
}

function readTable(path: string, table: string, take: (row: Row) => void): void {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path, { readOnly: true, allowExtension: false });
  try {
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    const rows = database.prepare(`SELECT * FROM ${table} NOT INDEXED`).iterate();
    for (const row of rows) take(row);
  } catch (cause) {
    if (!isDamage(cause)) throw cause; // This page leads no further.
  } finally {
    database.close();
  }
}
