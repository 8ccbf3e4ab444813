/** Log lines of runs: the newest of each run, never more than the limits; not mirrored. */
import type { DatabaseSync } from "node:sqlite";
import type { RunId } from "../protocol/ids.ts";
import type { ReportDamage } from "./row-json.ts";
import type { StoredLogLine } from "./row-rules.ts";
import { readLogLine } from "./row-rules.ts";
import { numberOf } from "./sqlite.ts";

/** Lines kept of one run; what a person may still want to scroll through. */
export const LOG_LINES_PER_RUN_MAX = 2000;

/** Lines kept in all, some 20 MB. */
const LOG_LINES_MAX = 100_000;

/** Longest line in characters; the rest is cut off. */
export const LOG_LINE_LENGTH_MAX = 4000;

/** Lines written between two trimmings; so many the table may be over its limit. */
const TRIM_EVERY_LINES = 100;

/** What the store can do with log lines. */
export interface LogTable {
  appendLog(runId: RunId, line: StoredLogLine): void;
  /** The newest lines of a run, oldest first. */
  logLines(runId: RunId): readonly StoredLogLine[];
}

/** The log lines of an open database. */
export function logTable(database: DatabaseSync, report: ReportDamage): LogTable {
  const insert = database.prepare(
    "INSERT INTO log_lines (run_id, at, task_id, level, text) VALUES (?, ?, ?, ?, ?)",
  );
  const trimRun = database.prepare(`
    DELETE FROM log_lines WHERE run_id = ?1 AND line_id <= (
      SELECT line_id FROM log_lines WHERE run_id = ?1 ORDER BY line_id DESC
      LIMIT 1 OFFSET ${LOG_LINES_PER_RUN_MAX})`);
  const trimAll = database.prepare(
    `DELETE FROM log_lines WHERE line_id <= (SELECT max(line_id) FROM log_lines) - ${LOG_LINES_MAX}`,
  );
  const newest = database.prepare(`
    SELECT * FROM log_lines WHERE run_id = ? ORDER BY line_id DESC
    LIMIT ${LOG_LINES_PER_RUN_MAX}`);
  const untrimmed = new Map<RunId, number>();
  const trim = (): void => {
    for (const runId of untrimmed.keys()) trimRun.run(runId);
    trimAll.run();
    untrimmed.clear();
  };
  let written = 0;
  return {
    appendLog(runId, { at, taskId, level, text }) {
      insert.run(runId, at, taskId, level, text.slice(0, LOG_LINE_LENGTH_MAX));
      untrimmed.set(runId, at);
      written += 1;
      if (written % TRIM_EVERY_LINES === 0) trim();
    },
    logLines: (runId) =>
      newest
        .all(runId)
        .reverse()
        .flatMap((row) => {
          const line = readLogLine(row);
          if (line.ok) return [line.value];
          const key = String(numberOf(row, "line_id"));
          report({ table: "log_lines", key, reason: line.error });
          return [];
        }),
  };
}
