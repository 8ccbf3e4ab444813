/** The tables whose rows are derived from others, and how all of them are derived anew. */
import type { DatabaseSync } from "node:sqlite";
import { runIdSchema } from "../protocol/ids.ts";
import type { ReportDamage } from "./row-json.ts";
import { runTable } from "./run-table.ts";
import { sessionTable } from "./session-table.ts";
import { textOf } from "./sqlite.ts";

/** Runs and sessions of one database. */
export interface FoldedTables {
  readonly runs: ReturnType<typeof runTable>;
  readonly sessions: ReturnType<typeof sessionTable>;
}

/** The runs and sessions of an open database. */
export function foldedTables(database: DatabaseSync, report: ReportDamage): FoldedTables {
  const runs = runTable(database, report);
  return { runs, sessions: sessionTable(database, { expectRun: runs.expectRun, report }) };
}

/** Derives every session's and every run's row from the entries and events that can be read. */
export function refoldAll(database: DatabaseSync, { runs, sessions }: FoldedTables): void {
  for (const sessionId of sessions.sessionIds()) sessions.refold(sessionId);
  const known = database.prepare("SELECT run_id FROM runs UNION SELECT run_id FROM run_events");
  for (const row of known.all()) {
    const runId = runIdSchema.safeParse(textOf(row, "run_id"));
    if (runId.success) runs.refold(runId.data);
  }
}
