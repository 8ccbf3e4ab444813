/** What a row of each table has to be, to count: the tables, the salvage and the doctor ask here. */
import { z } from "zod";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { runStatusSchema } from "../orchestrator/state.ts";
import { runIdSchema, sessionIdSchema, taskIdSchema } from "../protocol/ids.ts";
import { describeIssues } from "../protocol/parse-message.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import { runEventDataSchema } from "../protocol/run-events.ts";
import type { SessionEntry } from "./core/entry.ts";
import { sessionEntrySchema } from "./core/entry.ts";
import type { CheckedTable, RowDamage } from "./row-json.ts";
import { parseRow } from "./row-json.ts";
import type { Row } from "./sqlite.ts";
import { numberOf, textOf } from "./sqlite.ts";

/** A table and how its rows are known and judged. */
export interface RowRule {
  readonly table: CheckedTable;
  readonly columns: readonly string[];
  /** The columns that name a row, in the order of the table. */
  readonly keys: readonly string[];
  /**
   * Where pages of the table cannot be read, another way to its rows: values of the first key, found
   * by an index or in another table.
   */
  readonly otherWays: readonly string[];
  /** What is wrong with a row; undefined when nothing is. */
  problem(row: Row): string | undefined;
}

/** Reads an entry's row: it must hold the entry it is named after. */
export function readEntry(row: Row): Result<SessionEntry, string> {
  const parsed = parseRow(textOf(row, "json"), sessionEntrySchema);
  if (!parsed.ok) return parsed;
  const { entryId, sessionId } = parsed.value;
  return entryId === textOf(row, "entry_id") && sessionId === textOf(row, "session_id")
    ? parsed
    : err(`the row holds entry ${entryId} of session ${sessionId}`);
}

/** Reads an event's row: it must hold the event it is named after. */
export function readEvent(row: Row): Result<RunEventData, string> {
  const parsed = parseRow(textOf(row, "json"), runEventDataSchema);
  if (!parsed.ok) return parsed;
  const { runId, seq } = parsed.value;
  return runId === textOf(row, "run_id") && seq === numberOf(row, "seq")
    ? parsed
    : err(`the row holds event ${seq} of run ${runId}`);
}

const logLineSchema = z.object({
  at: z.number(),
  taskId: taskIdSchema,
  level: z.enum(["info", "warning", "error"]),
  text: z.string(),
});

/** A line of a step's log. */
export type StoredLogLine = z.infer<typeof logLineSchema>;

/** Reads a log line's row. */
export function readLogLine(row: Row): Result<StoredLogLine, string> {
  const { at, task_id: taskId, level, text } = row;
  const line = logLineSchema.safeParse({ at, taskId, level, text });
  return line.success ? ok(line.data) : err(describeIssues(line.error));
}

const entryMarkSchema = z.object({ mirrored: z.number() });

const sessionRowSchema = z.object({
  session_id: sessionIdSchema,
  name: z.string(),
  created_at: z.number(),
  changed_at: z.number(),
  deleted: z.number(),
});

const runRowSchema = z.object({
  run_id: runIdSchema,
  session_id: sessionIdSchema,
  flow_name: z.string(),
  status: z.union([runStatusSchema, z.literal("pending")]),
  requested_at: z.number(),
  finished_at: z.number().nullable(),
  seq: z.number(),
});

const quarantineRowSchema = z.object({
  row_id: z.number(),
  found_at: z.number(),
  place: z.string(),
  row_key: z.string(),
  reason: z.string(),
  content: z.string(),
});

const requestRowSchema = z.object({ run_id: runIdSchema, bus: z.string(), json: z.string() });

const fits =
  (schema: z.ZodType) =>
  (row: Row): string | undefined => {
    const parsed = schema.safeParse(row);
    return parsed.success ? undefined : describeIssues(parsed.error);
  };

const reads =
  (read: (row: Row) => Result<unknown, string>) =>
  (row: Row): string | undefined => {
    const answer = read(row);
    return answer.ok ? undefined : answer.error;
  };

/** What is wrong with a session's row; undefined when nothing is. */
export const sessionRowProblem = fits(sessionRowSchema);

/** What is wrong with a run's row; undefined when nothing is. */
export const runRowProblem = fits(runRowSchema);

const RUNS_BY_SESSION = "SELECT run_id FROM runs INDEXED BY runs_by_session";

/** Every table whose rows are looked at, those first that others are derived from. */
export const ROW_RULES: readonly RowRule[] = [
  {
    table: "entries",
    columns: ["entry_id", "session_id", "json", "mirrored"],
    keys: ["entry_id"],
    otherWays: ["SELECT entry_id FROM entries INDEXED BY entries_by_session"],
    problem: (row) => reads(readEntry)(row) ?? fits(entryMarkSchema)(row),
  },
  {
    table: "sessions",
    columns: Object.keys(sessionRowSchema.shape),
    keys: ["session_id"],
    otherWays: [],
    problem: sessionRowProblem,
  },
  {
    table: "runs",
    columns: Object.keys(runRowSchema.shape),
    keys: ["run_id"],
    otherWays: [RUNS_BY_SESSION],
    problem: runRowProblem,
  },
  {
    table: "run_events",
    columns: ["run_id", "seq", "json"],
    keys: ["run_id", "seq"],
    otherWays: ["SELECT run_id FROM runs", RUNS_BY_SESSION],
    problem: reads(readEvent),
  },
  {
    table: "requests",
    columns: Object.keys(requestRowSchema.shape),
    keys: ["run_id"],
    otherWays: ["SELECT run_id FROM runs", RUNS_BY_SESSION],
    problem: fits(requestRowSchema),
  },
  {
    table: "log_lines",
    columns: ["line_id", "run_id", "at", "task_id", "level", "text"],
    keys: ["line_id"],
    otherWays: ["SELECT line_id FROM log_lines INDEXED BY log_lines_by_run"],
    problem: reads(readLogLine),
  },
  {
    table: "epochs",
    columns: ["bus", "epoch"],
    keys: ["bus"],
    otherWays: [],
    problem: fits(z.object({ bus: z.string(), epoch: z.string() })),
  },
  {
    table: "quarantine",
    columns: Object.keys(quarantineRowSchema.shape),
    keys: ["row_id"],
    otherWays: [],
    problem: fits(quarantineRowSchema),
  },
];

/** The report on a row that cannot be read. */
export function damageOf({ table, keys }: RowRule, row: Row, reason: string): RowDamage {
  return { table, key: keys.map((key) => String(row[key])).join("/"), reason };
}
