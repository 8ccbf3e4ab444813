/**
 * Reads columns of a Parquet file through DuckDB.
 *
 * R1 The connection may read the file's folder and nothing else; it cannot be reconfigured.
 * R2 Only the columns asked for are read, and at most `MOST_ROWS` rows, evenly spaced.
 * R3 Aborting interrupts the query; connection and instance are closed in any case.
 */
import type { DuckDBConnection } from "@duckdb/node-api";

/** More rows than any chart can tell apart; beyond, rows are skipped evenly. */
const MOST_ROWS = 200_000;
const MEMORY_LIMIT = "512MB";

/** Columns by name, all of the same length. */
export type Table = ReadonlyMap<string, readonly number[]>;

/** The names of a Parquet file's numeric columns and the number of its rows. */
interface Shape {
  readonly columns: readonly string[];
  readonly rows: number;
}

/**
 * The named columns of the Parquet file at `path`, those it does not have left out; NULL becomes
 * NaN. Rejects when the file is not a readable Parquet file or the signal aborts.
 */
export async function readTable(
  path: string,
  request: {
    readonly folder: string;
    readonly columns: readonly string[];
    readonly signal?: AbortSignal;
  },
): Promise<Table> {
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
    await confine(connection, request.folder); // R1
    const shape = await shapeOf(connection, path);
    const wanted = request.columns.filter((column) => shape.columns.includes(column));
    return await readColumns(connection, { path, wanted, rows: shape.rows });
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw cause;
  } finally {
    request.signal?.removeEventListener("abort", interrupt); // R3
    connection.closeSync();
    instance.closeSync();
  }
}

async function confine(connection: DuckDBConnection, folder: string): Promise<void> {
  await connection.run(`SET allowed_directories = [${literal(folder)}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

async function shapeOf(connection: DuckDBConnection, path: string): Promise<Shape> {
  const file = literal(path);
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${file})`);
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${file})`);
  return {
    columns: described.getRows().map((row) => String(row[0])),
    rows: Number(counted.getRows()[0]?.[0] ?? 0),
  };
}

async function readColumns(
  connection: DuckDBConnection,
  {
    path,
    wanted,
    rows,
  }: { readonly path: string; readonly wanted: string[]; readonly rows: number },
): Promise<Table> {
  if (wanted.length === 0) return new Map();
  const list = wanted.map((column) => `TRY_CAST(${identifier(column)} AS DOUBLE)`).join(", ");
  const source = `read_parquet(${literal(path)}, file_row_number = true)`;
  const stride = Math.ceil(rows / MOST_ROWS);
  const thinned = // R2
    stride > 1 ? `WHERE file_row_number % ${stride} = 0 OR file_row_number = ${rows - 1}` : "";
  const reader = await connection.runAndReadAll(
    `SELECT ${list} FROM ${source} ${thinned} ORDER BY file_row_number`,
  );
  const columns = reader.getColumns();
  return new Map(
    wanted.map((name, index) => [
      name,
      (columns[index] ?? []).map((value) => (typeof value === "number" ? value : Number.NaN)),
    ]),
  );
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
