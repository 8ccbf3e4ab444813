/** Checks the local store: whether each of its rows can be read, and what damage left behind. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorMessage } from "../../base/error-message.ts";
import { OperatorError } from "../../base/operator-error.ts";
import { describeFileDamage } from "../../session/open-database.ts";
import type { RowDamage } from "../../session/row-json.ts";
import type { SessionStore } from "../../session/store.ts";
import type { Finding } from "./finding.ts";
import { fail, fine, warn } from "./finding.ts";

/** Rows that are named; the rest is counted. */
const NAMED_ROWS = 5;

/** What the checks need of a store. */
type CheckedStore = Pick<
  SessionStore,
  "path" | "damage" | "damagedRows" | "setDamagedAside" | "countSetAside" | "close"
>;

/** Checks the store of a folder, which is not made when missing; `fix` sets damaged rows aside. */
export function checkStore(
  path: string,
  open: () => CheckedStore,
  fix: boolean,
): readonly Finding[] {
  if (!existsSync(path)) return [fine("sessions", "there is no store yet; the first run makes it")];
  let store: CheckedStore;
  try {
    store = open();
  } catch (cause) {
    const remedy = cause instanceof OperatorError ? cause.nextStep : "see the message";
    return [fail("sessions", errorMessage(cause), remedy)];
  }
  try {
    return [...judgeFile(store), ...judgeRows(store, fix), ...judgeAside(store)];
  } finally {
    store.close();
  }
}

function judgeFile({ path, damage }: CheckedStore): readonly Finding[] {
  const kept = readdirSync(dirname(path)).filter((name) =>
    new RegExp(`^${basename(path).replaceAll(".", "\\.")}\\.damaged-\\w+(-\\d+)?$`).test(name),
  );
  const names = kept.map((name) => join(dirname(path), name)).join(", ");
  const remedy = "delete it when nothing is missing";
  return [
    ...(damage === null ? [] : [warn("sessions", describeFileDamage(damage), remedy)]),
    ...(kept.length === 0 || damage !== null
      ? []
      : [warn("sessions", `a damaged store was replaced and is kept: ${names}`, remedy)]),
  ];
}

function judgeRows(store: CheckedStore, fix: boolean): readonly Finding[] {
  const damaged = fix ? store.setDamagedAside() : store.damagedRows();
  if (damaged.length === 0) return [fine("sessions", "each row of the store can be read")];
  const text = `${damaged.length} rows cannot be read: ${rowNames(damaged)}`;
  if (fix) return [fine("sessions", `${text}; set aside, so that intact copies take their places`)];
  return [warn("sessions", text, "aimie-console doctor --fix sets them aside; nothing is deleted")];
}

function rowNames(damaged: readonly RowDamage[]): string {
  const named = damaged.slice(0, NAMED_ROWS).map(({ table, key }) => `${table} ${key}`);
  const more = damaged.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function judgeAside(store: CheckedStore): readonly Finding[] {
  const count = store.countSetAside();
  if (count === 0) return [];
  return [fine("sessions", `${count} damaged rows are kept in the table quarantine`)];
}
