/**
 * Reads columns of a stored table, thinned to what a chart can show.
 *
 * R1 Only the columns asked for are read.
 * R2 Whole rows come evenly spaced, at most `MOST_ROWS` of them; courses keep the first, last,
 *    lowest and highest value of each of `BUCKETS` stretches, so that no peak gets lost.
 */

import { identifier } from "../sql-text.ts";
import type { RowOrder } from "./choose-chart.ts";
import type { Point } from "./decimate.ts";
import type { OpenTable, TableRequest } from "./open-table.ts";
import { numberColumn, openTable } from "./open-table.ts";

/** More rows than any chart can tell apart; beyond, rows are skipped evenly. */
const MOST_ROWS = 200_000;
/** From this many rows on, the table is thinned while it is read. */
const ROWS_READ_WHOLE = 20_000;
/** Stretches of a long course: more than a picture has columns of points. */
const BUCKETS = 2000;

/** Columns by name, all of the same length. */
export type Table = ReadonlyMap<string, readonly number[]>;

/**
 * The named columns of the Parquet file at `path`, those it does not have left out; NULL becomes
 * NaN. Rejects when the file is not a readable Parquet file or the signal aborts.
 */
export async function readTable(
  path: string,
  request: TableRequest & { readonly columns: readonly string[] },
): Promise<Table> {
  return await openTable(path, request, (table) => {
    const wanted = request.columns.filter((column) => table.columns.includes(column)); // R1
    return readColumns(table, wanted);
  });
}

async function readColumns(table: OpenTable, wanted: readonly string[]): Promise<Table> {
  if (wanted.length === 0) return new Map();
  const { rows, source } = table;
  const list = wanted.map((column) => `TRY_CAST(${identifier(column)} AS DOUBLE)`).join(", ");
  const stride = Math.ceil(rows / MOST_ROWS);
  const thinned = // R2
    stride > 1 ? `WHERE file_row_number % ${stride} = 0 OR file_row_number = ${rows - 1}` : "";
  const found = await table.ask(
    `SELECT ${list} FROM ${source} ${thinned} ORDER BY file_row_number`,
  );
  return new Map(wanted.map((name, index) => [name, found.map((row) => numberOf(row[index]))]));
}

/** The courses of variables and how the table's rows follow each other. */
export interface Courses {
  readonly order: RowOrder;
  /** By variable, in order of time; those the table does not have are left out. */
  readonly points: ReadonlyMap<string, readonly Point[]>;
}

/** The courses of the named columns over the column `time`; moments without a value are left out. */
export async function readCourses(
  path: string,
  request: TableRequest & { readonly time: string; readonly columns: readonly string[] },
): Promise<Courses> {
  const { time } = request;
  return await openTable(path, request, async (table) => {
    const wanted = request.columns.filter((column) => table.columns.includes(column));
    if (!table.columns.includes(time)) return { order: "moment", points: new Map() };
    const order = await orderOf(table, time);
    if (table.rows > ROWS_READ_WHOLE) {
      return { order, points: await readThinned(table, time, wanted) };
    }
    const columns = await readColumns(table, [time, ...wanted]);
    const times = columns.get(time) ?? [];
    const points = wanted.map((name) => {
      const values = columns.get(name) ?? [];
      const all = times.map((at, row): Point => [at, values[row] ?? Number.NaN]);
      return [name, all.filter((point) => point.every(Number.isFinite))] as const;
    });
    return { order, points: new Map(points) };
  });
}

async function orderOf({ ask, source }: OpenTable, time: string): Promise<RowOrder> {
  const moment = numberColumn(time);
  const [row = []] = await ask(
    `SELECT count(DISTINCT moment), bool_and(before IS NULL OR moment > before) FROM (
      SELECT ${moment} AS moment, lag(${moment}) OVER (ORDER BY file_row_number) AS before FROM ${source})`,
  );
  if (Number(row[0]) < 2) return "moment";
  return row[1] === true ? "course" : "many";
}

async function readThinned(
  { ask, source, rows }: OpenTable,
  time: string,
  wanted: readonly string[],
): Promise<Courses["points"]> {
  const moment = numberColumn(time);
  const points = new Map<string, readonly Point[]>();
  for (const name of wanted) {
    const found = await ask(
      `SELECT min_by(moment, row), min_by(v, row), max_by(moment, row), max_by(v, row),
        min_by(moment, v), min(v), max_by(moment, v), max(v) FROM (
        SELECT ${moment} AS moment, ${numberColumn(name)} AS v, file_row_number AS row FROM ${source})
      WHERE v IS NOT NULL AND moment IS NOT NULL
      GROUP BY row * ${BUCKETS} // ${rows} ORDER BY min(row)`, // R2
    );
    points.set(name, found.flatMap(cornersOf));
  }
  return points;
}

/** First, last, lowest and highest of a stretch, in order of time. */
function cornersOf(row: readonly unknown[]): readonly Point[] {
  const corners = [0, 2, 4, 6].map((at): Point => [numberOf(row[at]), numberOf(row[at + 1])]);
  corners.sort((left, right) => left[0] - right[0]);
  return corners.filter(
    ([time, value], index) => time !== corners[index - 1]?.[0] || value !== corners[index - 1]?.[1],
  );
}

/** A number of DuckDB; NaN for anything else. */
export function numberOf(value: unknown): number {
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : Number.NaN;
}
