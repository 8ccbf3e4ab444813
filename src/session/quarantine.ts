/**
 * Rows that cannot be read, set aside.
 *
 * Q1 A row leaves its table only for the quarantine table, with all it holds; nothing is deleted.
 * Q2 What is derived from the rows that are left is folded anew by the caller, in the same
 *    transaction.
 */
import type { DatabaseSync } from "node:sqlite";
import type { RowDamage } from "./row-json.ts";
import type { RowRule } from "./row-rules.ts";
import { damageOf, ROW_RULES } from "./row-rules.ts";
import type { Row } from "./sqlite.ts";
import { numberOf } from "./sqlite.ts";

/** What the store can do with rows that cannot be read. */
export interface Quarantine {
  /** Every row that cannot be read; reads the whole file. */
  damagedRows(): readonly RowDamage[];
  /** Sets every such row aside (Q1); answers them. */
  setDamagedAside(): readonly RowDamage[];
  /** How many rows have been set aside in this file. */
  countSetAside(): number;
}

/** Puts rows into the quarantine table. */
export function quarantiner(
  database: DatabaseSync,
  now: number,
): (row: Row, damage: RowDamage) => void {
  const put = database.prepare(
    "INSERT INTO quarantine (found_at, place, row_key, reason, content) VALUES (?, ?, ?, ?, ?)",
  );
  return (row, { table, key, reason }) => {
    put.run(now, table, key, reason, JSON.stringify(row, bytesAsHex));
  };
}

/** The rows of an open database that cannot be read. */
export function damagedRows(database: DatabaseSync): readonly RowDamage[] {
  return ROW_RULES.flatMap((rule) =>
    damagedOf(database, rule).map(({ row, reason }) => damageOf(rule, row, reason)),
  );
}

/** Sets them aside, inside the caller's transaction; answers them. */
export function setDamagedAside(database: DatabaseSync, now: number): readonly RowDamage[] {
  const put = quarantiner(database, now);
  const moved: RowDamage[] = [];
  for (const rule of ROW_RULES) {
    const where = rule.keys.map((key) => `${key} IS ?`).join(" AND ");
    const remove = database.prepare(`DELETE FROM ${rule.table} WHERE ${where}`);
    for (const { row, reason } of damagedOf(database, rule)) {
      const damage = damageOf(rule, row, reason);
      put(row, damage);
      remove.run(...rule.keys.map((key) => row[key] ?? null));
      moved.push(damage);
    }
  }
  return moved;
}

/** How many rows are in the quarantine table. */
export function countSetAside(database: DatabaseSync): number {
  return numberOf(database.prepare("SELECT count(*) AS rows FROM quarantine").get() ?? {}, "rows");
}

function damagedOf(
  database: DatabaseSync,
  { table, problem }: RowRule,
): readonly { readonly row: Row; readonly reason: string }[] {
  const damaged: { row: Row; reason: string }[] = [];
  for (const row of database.prepare(`SELECT * FROM ${table}`).iterate()) {
    const reason = problem(row);
    if (reason !== undefined) damaged.push({ row, reason });
  }
  return damaged;
}

function bytesAsHex(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { hex: Buffer.from(value).toString("hex") } : value;
}
