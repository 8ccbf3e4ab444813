/**
 * Takes what can still be read of a damaged store into a fresh one.
 *
 * S1 The damaged file is only read; a second look at it finds what the first found.
 * S2 A table is read from its beginning up to the damage, from its end back to it, what lies between
 *    by the keys that are known from elsewhere, and pages that nothing leads to by themselves.
 * S3 A row that is no row of its table any more goes to the quarantine table, as it was found.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MIGRATIONS, versionOf } from "./migrations.ts";
import { readOrphans } from "./orphan-pages.ts";
import { quarantiner } from "./quarantine.ts";
import type { CheckedTable } from "./row-json.ts";
import type { RowRule } from "./row-rules.ts";
import { damageOf, ROW_RULES } from "./row-rules.ts";
import type { Row } from "./sqlite.ts";
import { inTransaction, loadSqlite, textOf } from "./sqlite.ts";
import { isDamage } from "./store-errors.ts";

/** What became of a damaged file's rows. */
export interface Salvage {
  /** Rows taken over, by table; a table of which nothing was is left out. */
  readonly taken: Readonly<Partial<Record<CheckedTable, number>>>;
  /** Rows that were found and are set aside (S3). */
  readonly setAside: number;
  /** The tables of which some part could not be read at all. */
  readonly broken: readonly CheckedTable[];
}

/** A damaged file, and the name of a copy that may be made of it for a while. */
export interface DamagedStore {
  readonly path: string;
  readonly scratch: string;
}

/** Fills a fresh store from a damaged file; undefined when nothing of it can be read. */
export function salvageRows(
  from: DamagedStore,
  to: DatabaseSync,
  now: number,
): Salvage | undefined {
  const source = openReadable(from.path);
  if (source === undefined) return undefined;
  try {
    const present = tablesOf(source);
    return inTransaction(to, () => copyRows({ source, from, present }, to, now));
  } catch (cause) {
    if (isDamage(cause)) return undefined;
    throw cause;
  } finally {
    source.close();
  }
}

/** Opens the file so that nothing in it is changed or acts (S1); undefined when it is no database. */
function openReadable(path: string): DatabaseSync | undefined {
  const { DatabaseSync } = loadSqlite();
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(path, { readOnly: true, allowExtension: false });
    source.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    if (versionOf(source) <= MIGRATIONS.length) return source;
  } catch (cause) {
    if (!isDamage(cause)) {
      source?.close();
      throw cause;
    }
  }
  source?.close();
  return undefined;
}

function tablesOf(source: DatabaseSync): ReadonlySet<string> {
  const rows = source.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return new Set(rows.map((row) => textOf(row, "name")));
}

/** An open damaged file. */
interface Source {
  readonly source: DatabaseSync;
  readonly from: DamagedStore;
  /** The names of its tables. */
  readonly present: ReadonlySet<string>;
}

function copyRows({ source, from, present }: Source, to: DatabaseSync, now: number): Salvage {
  const setAside = quarantiner(to, now);
  const taken: Partial<Record<CheckedTable, number>> = {};
  const broken: CheckedTable[] = [];
  let aside = 0;
  for (const rule of ROW_RULES.filter(({ table }) => present.has(table))) {
    const put = putter(to, rule);
    const takeIntact = (row: Row): void => {
      taken[rule.table] = (taken[rule.table] ?? 0) + put(row);
    };
    const isWhole = readRows(source, rule, (row) => {
      const reason = rule.problem(row);
      if (reason === undefined) takeIntact(row);
      else {
        setAside(row, damageOf(rule, row, reason));
        aside += 1;
      }
    });
    if (isWhole) continue;
    broken.push(rule.table);
    // Whether a row that does not fit is of this table cannot be told there.
    readOrphans(from, source, rule.table, (row) => {
      if (rule.problem(row) === undefined) takeIntact(row);
    });
  }
  return { taken, setAside: aside, broken };
}

function putter(to: DatabaseSync, { table, columns }: RowRule): (row: Row) => number {
  const places = columns.map(() => "?").join(", ");
  const statement = to.prepare(
    `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${places})`,
  );
  return (row) => Number(statement.run(...columns.map((column) => row[column] ?? null)).changes);
}

/** Hands out every row that can be read, once; answers whether that was the whole table (S2). */
function readRows(source: DatabaseSync, rule: RowRule, take: (row: Row) => void): boolean {
  const { table, keys } = rule;
  const seen = new Set<string>();
  const takeOnce = (row: Row): void => {
    const key = JSON.stringify(keys.map((name) => row[name]));
    if (seen.has(key)) return;
    seen.add(key);
    take(row);
  };
  const order = (way: "ASC" | "DESC"): string => keys.map((key) => `${key} ${way}`).join(", ");
  if (tryAll(source, `SELECT * FROM ${table} ORDER BY ${order("ASC")}`, [], takeOnce)) return true;
  tryAll(source, `SELECT * FROM ${table} ORDER BY ${order("DESC")}`, [], takeOnce);
  const [first = ""] = keys;
  for (const value of valuesOf(source, rule)) {
    const one = `SELECT * FROM ${table} WHERE ${first} = ? ORDER BY`;
    if (tryAll(source, `${one} ${order("ASC")}`, [value], takeOnce)) continue;
    tryAll(source, `${one} ${order("DESC")}`, [value], takeOnce);
  }
  return false;
}

type Value = string | number;

/** Values of the first key that are known by another way than the table's own pages. */
function valuesOf(source: DatabaseSync, { keys, otherWays }: RowRule): ReadonlySet<Value> {
  const [first = ""] = keys;
  const values = new Set<Value>();
  for (const way of otherWays) {
    tryAll(source, way, [], (row) => {
      // Of run_events the first key is a run's id, as in the tables it is looked up in.
      const value = row[first];
      if (typeof value === "string" || typeof value === "number") values.add(value);
    });
  }
  return values;
}

/** Hands out rows up to the first damage; answers whether there was none. */
function tryAll(
  source: DatabaseSync,
  sql: string,
  values: readonly Value[],
  take: (row: Row) => void,
): boolean {
  const rows = rowsOf(source, sql, values);
  for (;;) {
    let next: IteratorResult<Row>;
    try {
      next = rows.next();
    } catch (cause) {
      if (isDamage(cause)) return false;
      throw cause;
    }
    if (next.done === true) return true;
    take(next.value);
  }
}

function* rowsOf(source: DatabaseSync, sql: string, values: readonly Value[]): Generator<Row> {
  const statement: StatementSync = source.prepare(sql);
  yield* statement.iterate(...values);
}
