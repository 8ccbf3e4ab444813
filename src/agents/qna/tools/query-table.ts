/**
 * A run's table for those who write SQL themselves: what its columns are, and one SELECT over it.
 *
 * Q1 A query reads the run's table and nothing else: no file, no setting, no other query.
 */
import { z } from "zod";
import { err, type Result } from "../../../base/result.ts";
import type { SandboxRows } from "../../../engines/analyst/duckdb-sandbox.ts";
import { TABLE_NAME, TIME_COLUMN } from "../../../engines/analyst/table.ts";
import type { SimulationOutput } from "../../../protocol/agent-data.ts";
import { simulationOutputSchema } from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import { type QnaToolContext, withData } from "./tool-logic.ts";

/** The order to query a run's table. */
export const queryTableInputSchema = z.object({
  simulation: simulationOutputSchema.describe("the output of a simulation"),
  sql: z
    .string()
    .min(1)
    .max(4000)
    .describe(
      `one SELECT in DuckDB's SQL over the table ${TABLE_NAME}; its columns are those that ` +
        "describe_run lists, names in double quotes",
    ),
});

/** The first rows of what a query found. */
export const queryTableOutputSchema = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.number(), z.string(), z.boolean(), z.null()]))),
  /** Whether there are more rows than these. */
  isCut: z.boolean(),
});

/** Rows that are given back; who wants all of them wants an aggregate. */
const MAXIMUM_ROWS = 50;

/** Functions that reach beyond the table (Q1). */
const BEYOND =
  /\b(?:read_\w+|\w*_scan|scan_\w+|glob|sniff_\w+|parquet_\w+|duckdb_\w+|pragma_\w+|query|query_table|current_setting|getenv|which_secret|sql_auto_complete|json_execute\w*)\s*\(/iu;

/** A file in the place of a table (Q1). */
const FILE = /(?:\bfrom|\bjoin|,)\s*(?:'|"[^"]*[/.\\][^"]*")/iu;

/** Queries the run's table; a query that is wrong is a failure that says how. */
export async function queryTable(
  { simulation, sql }: z.infer<typeof queryTableInputSchema>,
  context: QnaToolContext,
): Promise<Result<SandboxRows, Failure>> {
  const own = columnsOf(simulation).reduce((text, name) => text.replaceAll(`"${name}"`, "x"), sql);
  if (BEYOND.test(own) || FILE.test(own)) {
    return err({ kind: "invalid-input", message: `Only the table ${TABLE_NAME} can be read.` });
  }
  return await withData(simulation, context, (sandbox, dataPath) =>
    sandbox.queryRows(
      { sql, tableName: TABLE_NAME, dataPath, signal: context.signal },
      MAXIMUM_ROWS,
    ),
  );
}

/** What is known of a run without its rows; small, and nothing in it is computed here. */
export function describeRun(simulation: SimulationOutput): Omit<SimulationOutput, "data"> & {
  readonly table: string;
  readonly columns: readonly string[];
} {
  const { data: _, ...facts } = simulation;
  return { ...facts, table: TABLE_NAME, columns: columnsOf(simulation) };
}

function columnsOf({ variables, data }: SimulationOutput): readonly string[] {
  return (
    data.columns?.map(({ name }) => name) ?? [TIME_COLUMN, ...variables.map(({ name }) => name)]
  );
}
