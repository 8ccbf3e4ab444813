/**
 * Queries over Parquet files, with nothing else within reach.
 *
 * S1 The database is in memory and can read one folder only; its settings are locked before the
 *    first query, so that no query can widen them.
 * S2 A query is one SELECT; what would write, attach, load or set is refused unrun.
 * S3 A query ends: by its result, by the signal, or by the time limit.
 * S4 Each query has a connection of its own and sees its table under a name, not under a path.
 */
import { isAbsolute, relative, resolve, sep } from "node:path";
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  StatementType,
} from "@duckdb/node-api";
import { errorMessage } from "../../base/error-message.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { identifier, textLiteral } from "../sql-text.ts";

const MEMORY_LIMIT = "512MB";
const THREADS = "2";
/** A question takes milliseconds; what takes longer is not a question. */
const TIMEOUT_MS = 20_000;
/** Longest text of a cell. */
const MAXIMUM_TEXT = 500;
/** Why a query gave no rows. */
export interface SandboxProblem {
  readonly kind: "refused" | "failed" | "timeout" | "cancelled";
  readonly message: string;
}

/** One query: its text, the file it reads and the name it reads it by. */
interface SandboxQuery {
  readonly sql: string;
  readonly tableName: string;
  readonly dataPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** The first rows of a result, as a table. */
export interface SandboxRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CellValue[])[];
  /** Whether the result has more rows than these. */
  readonly isCut: boolean;
}

type CellValue = number | string | boolean | null;

/** A row of numbers by column name. */
type SandboxRow = Readonly<Record<string, number | null>>;

/** A database that can read one folder and do nothing else. */
export interface Sandbox {
  /** Runs one SELECT and gives its first row; never rejects for what a query can do wrong. */
  queryRow(query: SandboxQuery): Promise<Result<SandboxRow, SandboxProblem>>;
  /** Runs one SELECT and gives its first `limit` rows; never rejects for what a query can do wrong. */
  queryRows(query: SandboxQuery, limit: number): Promise<Result<SandboxRows, SandboxProblem>>;
  /** Frees the database; idempotent. */
  close(): void;
}

/** Opens a database that can read `folder` and nothing else. */
export async function openSandbox(folder: string): Promise<Sandbox> {
  const root = resolve(folder);
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    temp_directory: "",
    // A file that has been repaired must not be read from memory.
    enable_external_file_cache: "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  await lock(instance, root);
  let isOpen = true;
  const query = async <Rows>(
    query: SandboxQuery,
    read: ReadRows<Rows>,
  ): Promise<Result<Rows, SandboxProblem>> => {
    if (!isWithin(root, query.dataPath)) {
      return err({ kind: "refused", message: "The file is outside the artifact folder." });
    }
    const connection = await instance.connect();
    try {
      return await runQuery(connection, query, read);
    } finally {
      connection.closeSync();
    }
  };
  return {
    queryRow: (one) => query(one, readFirstRow),
    queryRows: (one, limit) => query(one, (statement) => readRows(statement, limit)),
    close: () => {
      if (isOpen) instance.closeSync();
      isOpen = false;
    },
  };
}

/** Shuts every door but one, then throws the key away (S1). */
async function lock(instance: DuckDBInstance, root: string): Promise<void> {
  const connection = await instance.connect();
  try {
    await connection.run(`SET allowed_directories = [${textLiteral(root + sep)}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
  } finally {
    connection.closeSync();
  }
}

function isWithin(root: string, path: string): boolean {
  const inside = relative(root, resolve(path));
  return inside !== "" && !isAbsolute(inside) && inside.split(sep)[0] !== "..";
}

/** Reads what is wanted of a checked statement's result. */
type ReadRows<Rows> = (statement: DuckDBPreparedStatement) => Promise<Result<Rows, SandboxProblem>>;

async function runQuery<Rows>(
  connection: DuckDBConnection,
  { sql, tableName, dataPath, signal, timeoutMs = TIMEOUT_MS }: SandboxQuery,
  read: ReadRows<Rows>,
): Promise<Result<Rows, SandboxProblem>> {
  const limit = AbortSignal.timeout(timeoutMs);
  const over = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const interrupt = () => connection.interrupt();
  over.addEventListener("abort", interrupt);
  try {
    over.throwIfAborted();
    const source = `read_parquet(${textLiteral(resolve(dataPath))})`;
    await connection.run(`CREATE TEMP VIEW ${identifier(tableName)} AS SELECT * FROM ${source}`);
    return await runSelect(connection, { sql, over, read });
  } catch (thrown) {
    if (signal?.aborted) return err({ kind: "cancelled", message: "The query was cancelled." });
    const message = `The query took longer than ${timeoutMs / 1000} s.`;
    return err(
      limit.aborted
        ? { kind: "timeout", message }
        : { kind: "failed", message: errorMessage(thrown) },
    );
  } finally {
    over.removeEventListener("abort", interrupt);
  }
}

async function runSelect<Rows>(
  connection: DuckDBConnection,
  {
    sql,
    over,
    read,
  }: { readonly sql: string; readonly over: AbortSignal; readonly read: ReadRows<Rows> },
): Promise<Result<Rows, SandboxProblem>> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1 || !/^\s*(?:SELECT|WITH)\b/iu.test(sql)) return err(NOT_ONE_SELECT);
  const statement = await statements.prepare(0);
  try {
    if (statement.statementType !== StatementType.SELECT) return err(NOT_ONE_SELECT); // S2
    // An interrupt that came while no query ran has been lost; S3 must hold all the same.
    over.throwIfAborted();
    return await read(statement);
  } finally {
    statement.destroySync();
  }
}

async function readFirstRow(
  statement: DuckDBPreparedStatement,
): Promise<Result<SandboxRow, SandboxProblem>> {
  const reader = await statement.streamAndReadUntil(1);
  const [row] = reader.getRowObjectsJS();
  return row === undefined
    ? err({ kind: "failed", message: "The query found no rows." })
    : ok(rowOf(row));
}

async function readRows(
  statement: DuckDBPreparedStatement,
  limit: number,
): Promise<Result<SandboxRows, SandboxProblem>> {
  const reader = await statement.streamAndReadUntil(limit + 1);
  const all = reader.getRowsJS();
  return ok({
    columns: reader.deduplicatedColumnNames(),
    rows: all.slice(0, limit).map((row) => row.map(cellOf)),
    isCut: all.length > limit,
  });
}

const NOT_ONE_SELECT: SandboxProblem = {
  kind: "refused",
  message: "Only a single SELECT is allowed.",
};

function rowOf(row: Readonly<Record<string, unknown>>): SandboxRow {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, numberOf(value)]));
}

/** What JSON can carry of a cell; a number that is none (NaN, infinite) is null. */
function cellOf(value: unknown): CellValue {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean") return value;
  return value === null || value === undefined ? null : String(value).slice(0, MAXIMUM_TEXT);
}

function numberOf(value: unknown): number | null {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" ? value : null;
}
