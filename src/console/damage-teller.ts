/** Tells of rows of the local store that cannot be read: the first by name, then that there are more. */
import type { ReportDamage } from "../session/row-json.ts";

/** Rows told of one by one. */
const TOLD_ROWS = 5;

/** Makes what tells, of each row once; `say` is given a sentence without a full stop. */
export function damageTeller(say: (text: string) => void): ReportDamage {
  const told = new Set<string>();
  return ({ table, key, reason }) => {
    if (told.has(`${table} ${key}`)) return;
    told.add(`${table} ${key}`);
    const met = told.size;
    if (met <= TOLD_ROWS)
      say(`a row of ${table} cannot be read and is left out: ${key}: ${reason}`);
    if (met === TOLD_ROWS + 1) say("more rows cannot be read; aimie-console doctor lists them");
  };
}
