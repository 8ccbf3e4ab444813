/**
 * Counts rows of a stored table into the cells a chart can show, over all its rows.
 */
import type { OpenTable, TableRequest } from "./open-table.ts";
import { numberColumn, openTable } from "./open-table.ts";
import { numberOf } from "./read-table.ts";

/** A bar of a histogram. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A place of a scatter chart, and how many rows lie there. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly count: number;
}

/** Rows drawn one by one; more are counted into a grid of spots. */
const MOST_SPOTS = 2000;
const GRID = { columns: 72, rows: 40 } as const;

/** The histogram of a column; empty when it has no finite value. Edges are round numbers. */
export async function readBins(
  path: string,
  request: TableRequest & { readonly column: string },
): Promise<readonly Bin[]> {
  return await openTable(path, request, async ({ ask, source, columns }) => {
    if (!columns.includes(request.column)) return [];
    const values = `(SELECT ${numberColumn(request.column)} AS v FROM ${source})`;
    const [row = []] = await ask(`SELECT min(v), max(v), count(v) FROM ${values}`);
    const [least, most, count] = row.map(numberOf);
    if (least === undefined || most === undefined || !count) return [];
    const { from, width } = binsFor(least, most, count);
    const found = await ask(
      `SELECT floor((v - ${from}) / ${width}) AS bin, count(*) FROM ${values}
      WHERE v IS NOT NULL GROUP BY bin ORDER BY bin`,
    );
    return found.map(([bin, rows]) => {
      const start = from + numberOf(bin) * width;
      return { from: start, to: start + width, count: numberOf(rows) };
    });
  });
}

/** Bins of round width, as many as Sturges' rule wants or up to 60 (H. A. Sturges, 1926). */
export function binsFor(
  least: number,
  most: number,
  count: number,
): { readonly from: number; readonly width: number } {
  const span = most - least;
  const scale = Math.max(Math.abs(least), Math.abs(most), 1e-290);
  // Values that are all (nearly) the same make one bar.
  if (!(span > scale * 1e-9)) return { from: least - scale * 0.05, width: scale * 0.1 };
  const wanted = Math.min(60, Math.max(5, Math.ceil(Math.log2(count) + 1) * 2));
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const width = ([1, 2, 2.5, 5].find((one) => one * power >= raw) ?? 10) * power;
  return { from: Math.floor(least / width) * width, width };
}

/** The places of two columns' values. */
export async function readSpots(
  path: string,
  request: TableRequest & { readonly x: string; readonly y: string },
): Promise<readonly Spot[]> {
  return await openTable(path, request, async (table) => {
    const { x, y } = request;
    if (![x, y].every((column) => table.columns.includes(column))) return [];
    const pairs = `(SELECT ${numberColumn(x)} AS x, ${numberColumn(y)} AS y, file_row_number AS row
      FROM ${table.source})`;
    const there = "x IS NOT NULL AND y IS NOT NULL";
    if (table.rows > MOST_SPOTS) return await gridSpots(table, `${pairs} WHERE ${there}`);
    const found = await table.ask(`SELECT x, y FROM ${pairs} WHERE ${there} ORDER BY row`);
    return found.map(([left, right]) => ({ x: numberOf(left), y: numberOf(right), count: 1 }));
  });
}

/** The middle of each cell of the grid that has rows, with their number. */
async function gridSpots({ ask }: OpenTable, pairs: string): Promise<readonly Spot[]> {
  const [row = []] = await ask(`SELECT min(x), max(x), min(y), max(y) FROM ${pairs}`);
  const [left = 0, right = 0, low = 0, high = 0] = row.map(numberOf);
  const width = (right - left) / GRID.columns || 1;
  const height = (high - low) / GRID.rows || 1;
  const found = await ask(
    `SELECT avg(x), avg(y), count(*) FROM ${pairs}
    GROUP BY floor((x - (${left})) / ${width}), floor((y - (${low})) / ${height}) ORDER BY 1, 2`,
  );
  return found.map(([x, y, count]) => ({ x: numberOf(x), y: numberOf(y), count: numberOf(count) }));
}
