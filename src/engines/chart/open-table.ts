/**
 * Opens a stored table in DuckDB.
 *
 * O1 The connection may read the file's folder and nothing else; it cannot be reconfigured.
 * O2 Memory is bounded, whatever the file holds.
 * O3 Aborting interrupts the query; connection and instance are closed in any case.
 */
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { identifier, textLiteral } from "../sql-text.ts";

const MEMORY_LIMIT = "512MB"; // O2

/** A Parquet file that can be asked. */
export interface OpenTable {
  /** The names of its columns, in their order. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** What stands after FROM: its rows with their number, `file_row_number`. */
  readonly source: string;
  ask(sql: string): Promise<readonly (readonly DuckDBValue[])[]>;
}

/** Where a table lies and who may stop reading it. */
export interface TableRequest {
  readonly folder: string;
  readonly signal?: AbortSignal;
}

/**
 * Lets `use` ask the Parquet file at `path`. Rejects when the file is not a readable Parquet file
 * or the signal aborts.
 */
export async function openTable<Found>(
  path: string,
  request: TableRequest,
  use: (table: OpenTable) => Promise<Found>,
): Promise<Found> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  request.signal?.throwIfAborted();
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "2",
    memory_limit: MEMORY_LIMIT,
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  request.signal?.addEventListener("abort", interrupt);
  try {
    await confine(connection, request.folder); // O1
    return await use(await tableOf(connection, path));
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw cause;
  } finally {
    request.signal?.removeEventListener("abort", interrupt); // O3
    connection.closeSync();
    instance.closeSync();
  }
}

async function confine(connection: DuckDBConnection, folder: string): Promise<void> {
  await connection.run(`SET allowed_directories = [${textLiteral(folder)}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

async function tableOf(connection: DuckDBConnection, path: string): Promise<OpenTable> {
  const ask: OpenTable["ask"] = async (sql) => (await connection.runAndReadAll(sql)).getRows();
  const file = textLiteral(path);
  const described = await ask(`DESCRIBE SELECT * FROM read_parquet(${file})`);
  const counted = await ask(`SELECT count(*) FROM read_parquet(${file})`);
  return {
    ask,
    columns: described.map((row) => String(row[0])),
    rows: Number(counted[0]?.[0] ?? 0),
    source: `read_parquet(${file}, file_row_number = true)`,
  };
}

/** A column as a number in SQL; what is no number or not finite is NULL. */
export function numberColumn(name: string): string {
  const value = `TRY_CAST(${identifier(name)} AS DOUBLE)`;
  return `CASE WHEN isfinite(${value}) THEN ${value} END`;
}
