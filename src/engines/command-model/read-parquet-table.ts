/** Reads the Parquet file that a program has written as its table. */
import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorMessage } from "../../base/error-message.ts";
import type { Result } from "../../base/result.ts";
import { err } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { OpenTable } from "../chart/open-table.ts";
import { openTable } from "../chart/open-table.ts";
import { identifier } from "../sql-text.ts";
import type { Columns } from "./read-rows.ts";
import { createTableBuilder, unreadable } from "./read-rows.ts";

/** How much is read, and who may stop it. */
export interface ParquetRequest {
  /** Bytes of the file at most. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** Rows asked for at a time; memory is bounded by them and by the size of a table. */
const ROWS_AT_ONCE = 20_000;

/** Never rejects for what is in the file. */
export async function readParquetTable(
  file: string,
  { limit, signal }: ParquetRequest,
): Promise<Result<Columns, Failure>> {
  const problem = await fileProblem(file, limit);
  if (problem !== undefined) return err(unreadable("the file", problem));
  try {
    const request = { folder: dirname(file), ...(signal === undefined ? {} : { signal }) };
    return await openTable(file, request, readColumns);
  } catch (thrown) {
    if (signal?.aborted === true) return err(CANCELLED);
    return err(unreadable("the file", errorMessage(thrown).slice(0, 300)));
  }
}

/** A link could lead to any file of the machine, a pipe to none. */
async function fileProblem(file: string, limit: number): Promise<string | undefined> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return "the program has not written it";
  if (!found.isFile()) return "it is not a plain file";
  return found.size > limit ? `it has more than ${limit / 1_048_576} MiB` : undefined;
}

async function readColumns({ columns, rows, source, ask }: OpenTable) {
  const table = createTableBuilder();
  const problem = table.begin(columns);
  if (problem !== undefined) return err(unreadable("the file", problem));
  const selected = columns.map(identifier).join(", ");
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const found = await ask(
      `SELECT ${selected} FROM ${source} WHERE file_row_number >= ${from}
      AND file_row_number < ${from + ROWS_AT_ONCE} ORDER BY file_row_number`,
    );
    for (const [index, row] of found.entries()) {
      const wrong = table.addRow(row.map(plainNumber));
      if (wrong !== undefined) return err(unreadable(`row ${from + index + 1}`, wrong));
    }
  }
  return table.end();
}

/** Whole numbers of 64 bits come as bigint. */
function plainNumber(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

const CANCELLED: Failure = {
  kind: "cancelled",
  message: "The simulation was cancelled.",
  nextStep: "Run it again when you want its result.",
};
