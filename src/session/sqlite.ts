/** The way to node:sqlite, and the few words for reading its rows. */
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

/** A row as SQLite hands it out. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/**
 * Loads node:sqlite. Node 22 announces it as experimental on every start; that one warning is left
 * out, because it says nothing an operator could act on. All others pass.
 */
export function loadSqlite(): typeof import("node:sqlite") {
  const emitWarning = process.emitWarning;
  const filtered = (...warning: readonly unknown[]): void => {
    if (!String(warning[0]).startsWith("SQLite is an experimental feature")) {
      Reflect.apply(emitWarning, process, warning);
    }
  };
  Reflect.set(process, "emitWarning", filtered);
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Does `work` as one unit that other processes see whole or not at all. */
export function inTransaction<Value>(database: DatabaseSync, work: () => Value): Value {
  database.exec("BEGIN IMMEDIATE");
  try {
    const value = work();
    database.exec("COMMIT");
    return value;
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw cause;
  }
}

/** A column's text; empty when it holds something else, as damaged rows may. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : "";
}

/** A column's number; 0 when it holds something else. */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : 0;
}

/** A column's number; null when it is NULL. */
export function numberOrNull(row: Row, column: string): number | null {
  const value = row[column];
  return typeof value === "number" ? value : null;
}
