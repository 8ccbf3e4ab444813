/** Gathers what the runs of an ensemble come to: bands over time, spreads, rank correlations. */
import type { RankCorrelation, Spread } from "../../protocol/ensemble-data.ts";
import { MEASURES } from "../../protocol/ensemble-data.ts";
import type { Variable } from "../xmile/model.ts";
import { nextTurn } from "../xmile/next-turn.ts";
import type { CourseTable } from "../xmile/simulate.ts";
import type { ParameterSets } from "./draw-sets.ts";
import { correlationOf, meanOf, quantileHalfWidth, quantileOf, ranksOf } from "./statistics.ts";
import type { Batch } from "./threads.ts";

/** The quantiles of bands and spreads, by the name of their columns. */
const SHARES = { q05: 0.05, q25: 0.25, q50: 0.5, q75: 0.75, q95: 0.95 } as const;

/** What is kept of the runs so far. */
export interface Collection {
  /** Takes the next batch; batches come in order. */
  add(batch: Batch): void;
  readonly runsDone: number;
  /**
   * The largest half-width of the 95 % intervals of the quantiles of all measures, as a share of
   * the largest absolute value of the variable.
   */
  uncertainty(): number;
  spreads(): Spread[];
  correlations(sets: ParameterSets): RankCorrelation[];
  /** The quantiles at each saved time; lets the event loop turn, and ends with the signal. */
  bands(signal?: AbortSignal): Promise<CourseTable>;
}

/** One of the main variables, and where its column stands in a batch. */
export interface MainVariable {
  readonly variable: Variable;
  readonly column: number;
}

interface Kept {
  readonly variable: Variable;
  readonly column: number;
  /** All rows of one run after the other. */
  readonly values: Float64Array;
  readonly measures: Readonly<Record<(typeof MEASURES)[number], Float64Array>>;
  largest: number;
}

/** Room for `runs` runs with a row for each of `times`. */
export function startCollection(
  main: readonly MainVariable[],
  { runs, times }: { readonly runs: number; readonly times: Float64Array },
): Collection {
  const rows = times.length;
  const kept = main.map(
    (one): Kept => ({
      ...one,
      values: new Float64Array(runs * rows),
      measures: { final: new Float64Array(runs), peak: new Float64Array(runs) },
      largest: 0,
    }),
  );
  let done = 0;
  const measuresOf = ({ variable, measures, largest }: Kept) =>
    MEASURES.map((measure) => ({
      variable: variable.name,
      measure,
      largest,
      values: measures[measure].subarray(0, done),
    }));
  const all = () => kept.flatMap(measuresOf);
  return {
    get runsDone() {
      return done;
    },
    add({ firstRun, runs: count, values }) {
      for (const one of kept) {
        const from = one.column * count * rows;
        one.values.set(values.subarray(from, from + count * rows), firstRun * rows);
        for (let run = firstRun; run < firstRun + count; run += 1) measure(one, run, rows);
      }
      done += count;
    },
    uncertainty: () => Math.max(0, ...all().map(uncertaintyOf)),
    spreads: () => all().map(spreadOf),
    correlations: (sets) => correlationsOf(all(), sets),
    bands: (signal) => bandsOf(kept, { times, runs: done }, signal),
  };
}

function measure(kept: Kept, run: number, rows: number): void {
  let peak = Number.NEGATIVE_INFINITY;
  for (let at = run * rows; at < (run + 1) * rows; at += 1) {
    const value = kept.values[at] ?? Number.NaN;
    if (value > peak) peak = value;
    kept.largest = Math.max(kept.largest, Math.abs(value));
  }
  kept.measures.peak[run] = peak;
  kept.measures.final[run] = kept.values[(run + 1) * rows - 1] ?? Number.NaN;
}

interface Measured {
  readonly variable: string;
  readonly measure: (typeof MEASURES)[number];
  readonly largest: number;
  readonly values: Float64Array;
}

function uncertaintyOf({ values, largest }: Measured): number {
  const sorted = values.toSorted();
  const widest = Math.max(
    ...Object.values(SHARES).map((share) => quantileHalfWidth(sorted, share)),
  );
  return largest === 0 ? 0 : widest / largest;
}

function spreadOf({ variable, measure, values }: Measured): Spread {
  return { variable, measure, mean: meanOf(values), ...quantilesOf(values.toSorted()) };
}

function quantilesOf(sorted: Float64Array): Record<keyof typeof SHARES, number> {
  const { q05, q25, q50, q75, q95 } = SHARES;
  return {
    q05: quantileOf(sorted, q05),
    q25: quantileOf(sorted, q25),
    q50: quantileOf(sorted, q50),
    q75: quantileOf(sorted, q75),
    q95: quantileOf(sorted, q95),
  };
}

/** The strongest first; what does not vary has no correlation and no place. */
function correlationsOf(measured: readonly Measured[], sets: ParameterSets): RankCorrelation[] {
  const runs = measured[0]?.values.length ?? 0;
  const parameters = sets.names.map((parameter, index) => ({
    parameter,
    ranks: ranksOf(
      Float64Array.from(
        { length: runs },
        (_, run) => sets.values[run * sets.names.length + index] ?? 0,
      ),
    ),
  }));
  return measured
    .flatMap(({ variable, measure, values }) => {
      const ranks = ranksOf(values);
      return parameters.map((one) => ({
        parameter: one.parameter,
        variable,
        measure,
        rho: correlationOf(one.ranks, ranks),
      }));
    })
    .filter(({ rho }) => Number.isFinite(rho))
    .sort((left, right) => Math.abs(right.rho) - Math.abs(left.rho));
}

/** Values sorted between two turns of the event loop: some 20 ms of work. */
const VALUES_PER_TURN = 200_000;

async function bandsOf(
  kept: readonly Kept[],
  { times, runs }: { readonly times: Float64Array; readonly runs: number },
  signal: AbortSignal | undefined,
): Promise<CourseTable> {
  const names = [...Object.keys(SHARES), "mean"];
  const columns = kept.flatMap(({ variable }) =>
    names.map((name) => ({
      name: `${variable.name} ${name}`,
      label: `${variable.label} ${name}`,
      kind: variable.kind,
      ...(variable.unit === undefined ? {} : { unit: variable.unit }),
      values: new Float64Array(times.length),
    })),
  );
  const perTurn = Math.max(1, Math.floor(VALUES_PER_TURN / (runs * Math.max(1, kept.length))));
  const atTime = new Float64Array(runs);
  for (let row = 0; row < times.length; row += 1) {
    kept.forEach(({ values }, index) => {
      for (let run = 0; run < runs; run += 1) atTime[run] = values[run * times.length + row] ?? 0;
      const mean = meanOf(atTime);
      const { q05, q25, q50, q75, q95 } = quantilesOf(atTime.sort());
      [q05, q25, q50, q75, q95, mean].forEach((value, place) => {
        const column = columns[index * names.length + place];
        if (column !== undefined) column.values[row] = value;
      });
    });
    if (row % perTurn !== 0) continue;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return { time: times, columns };
}
