/** The rows that could not be read: each is told of once in a process, whoever met it first. */
import type { ReportDamage, RowDamage } from "./row-json.ts";

/** Rows kept at most; a store with more is told of by the doctor. */
const MAXIMUM_ROWS = 1000;

/** What was met, for those who want to tell of it. */
export interface DamageBook {
  readonly report: ReportDamage;
  /** Calls `listener` for what was met before and for what will be, until the answer is called. */
  onDamage(listener: ReportDamage): () => void;
}

/** An empty book. */
export function damageBook(): DamageBook {
  const met = new Map<string, RowDamage>();
  const listeners = new Set<ReportDamage>();
  return {
    report(damage) {
      const key = `${damage.table} ${damage.key}`;
      if (met.has(key) || met.size >= MAXIMUM_ROWS) return;
      met.set(key, damage);
      for (const listener of listeners) listener(damage);
    },
    onDamage(listener) {
      for (const damage of met.values()) listener(damage);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
