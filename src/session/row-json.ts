/** JSON kept in rows: a row that cannot be read is reported, and harms no other. */
import type { z } from "zod";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { describeIssues } from "../protocol/parse-message.ts";

/** A table of the store whose rows are looked at one by one. */
export type CheckedTable =
  | "entries"
  | "sessions"
  | "runs"
  | "run_events"
  | "requests"
  | "log_lines"
  | "epochs"
  | "quarantine";

/** A row that is missing or cannot be read. */
export interface RowDamage {
  readonly table: CheckedTable;
  /** The row's key: an entry id, or `<run>/<seq>`. */
  readonly key: string;
  readonly reason: string;
}

/** Is told of a row that cannot be read. */
export type ReportDamage = (damage: RowDamage) => void;

/** Reads a row's JSON by its schema; the error says in words what is wrong. */
export function parseRow<Value>(json: string, schema: z.ZodType<Value>): Result<Value, string> {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    return err("not JSON");
  }
  const parsed = schema.safeParse(content);
  return parsed.success ? ok(parsed.data) : err(describeIssues(parsed.error));
}
