/** Reads what ensembles of runs leave: quantiles over time, and rank correlations. */
import { identifier } from "../sql-text.ts";
import { evenIndices } from "./decimate.ts";
import type { TableRequest } from "./open-table.ts";
import { openTable } from "./open-table.ts";
import { numberOf, readTable } from "./read-table.ts";

/** The columns of a variable in a table of quantiles: `<variable> q05`. */
export const QUANTILES = ["q05", "q25", "q50", "q75", "q95", "mean"] as const;
export type Quantile = (typeof QUANTILES)[number];

/** Moments of a band: more cannot be seen. */
const MOST_MOMENTS = 600;
const MOST_CORRELATIONS = 10_000;

/** The quantiles of a variable; all lists have the length of `time`. */
export interface Band {
  readonly time: readonly number[];
  readonly quantiles: ReadonlyMap<Quantile, readonly number[]>;
}

/** The bands of the named variables; those without a median in the table are left out. */
export async function readBands(
  path: string,
  request: TableRequest & { readonly variables: readonly string[] },
): Promise<ReadonlyMap<string, Band>> {
  const wanted = request.variables.flatMap((name) => QUANTILES.map((one) => `${name} ${one}`));
  const table = await readTable(path, { ...request, columns: ["time", ...wanted] });
  const times = table.get("time") ?? [];
  const kept = evenIndices(times.length, MOST_MOMENTS);
  const thin = (values: readonly number[]) => kept.map((row) => values[row] ?? Number.NaN);
  const bands = request.variables.flatMap((name): (readonly [string, Band])[] => {
    const quantiles = QUANTILES.flatMap((one): (readonly [Quantile, readonly number[]])[] => {
      const values = table.get(`${name} ${one}`);
      return values === undefined ? [] : [[one, thin(values)]];
    });
    const isThere = quantiles.some(([one]) => one === "q50");
    return isThere ? [[name, { time: thin(times), quantiles: new Map(quantiles) }]] : [];
  });
  return new Map(bands);
}

/** How strongly a parameter moves a measure of a variable: Spearman's rho, from -1 to 1. */
export interface Correlation {
  readonly parameter: string;
  readonly variable: string;
  readonly measure: string;
  readonly rho: number;
}

/** The rank correlations of a table, in its order; rows without a number are left out. */
export async function readCorrelations(
  path: string,
  request: TableRequest,
): Promise<readonly Correlation[]> {
  return await openTable(path, request, async ({ ask, columns, source }) => {
    const wanted = ["parameter", "variable", "measure", "rho"];
    const missing = wanted.find((name) => !columns.includes(name));
    if (missing !== undefined) throw new Error(`it has no column "${missing}"`);
    const list = wanted.map(identifier).join(", ");
    const rows = await ask(
      `SELECT ${list} FROM ${source} ORDER BY file_row_number LIMIT ${MOST_CORRELATIONS}`,
    );
    const found = rows.map(([parameter, variable, measure, rho]) => ({
      parameter: String(parameter),
      variable: String(variable),
      measure: String(measure),
      rho: numberOf(rho),
    }));
    return found.filter(({ rho }) => Number.isFinite(rho));
  });
}
