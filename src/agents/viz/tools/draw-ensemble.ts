/** Charts of many runs: bands of quantiles, and which parameter matters most. */
import type { Result } from "../../../base/result.ts";
import { ok } from "../../../base/result.ts";
import type { ChartRow } from "../../../engines/chart/chart-spec.ts";
import type { Point } from "../../../engines/chart/decimate.ts";
import { evenIndices } from "../../../engines/chart/decimate.ts";
import {
  axisName,
  joinTexts,
  shortNumber,
  spanOf,
  unitText,
} from "../../../engines/chart/describe.ts";
import { bandSpec, tornadoSpec } from "../../../engines/chart/ensemble-specs.ts";
import type { Band, Correlation, Quantile } from "../../../engines/chart/read-ensemble.ts";
import { readBands, readCorrelations } from "../../../engines/chart/read-ensemble.ts";
import { rangeOf, withZero } from "../../../engines/chart/ticks.ts";
import type { VariableSummary } from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { ChartOrder, Drawing } from "./drawing.ts";
import { terminalSeries, timeLabel, titleOf, unusable } from "./drawing.ts";

/** Panels that can be read above each other; a band has three lines in the terminal. */
const MOST_PANELS = 4;
const MOST_PARAMETERS = 12;
const ROWS_OF_REPORT = 40;

interface VariableBand extends Band {
  readonly variable: VariableSummary;
}

/** A band of quantiles over time for each variable. */
export async function drawBands(order: ChartOrder): Promise<Result<Drawing, Failure>> {
  const { input, tables } = order;
  const table = input.bands;
  if (table === undefined) return unusable("There is no table of quantiles.");
  const names = order.variables.map((one) => one.name);
  const found = await readBands(tables.pathOf(table), { ...tables, variables: names });
  const bands = order.variables
    .flatMap((variable): VariableBand[] => {
      const band = found.get(variable.name);
      return band === undefined ? [] : [{ ...band, variable }];
    })
    .slice(0, MOST_PANELS);
  if (bands.length === 0) {
    return unusable(`The table of quantiles has none of ${names.join(", ").slice(0, 500)}.`);
  }
  const [first] = bands;
  const single = bands.length === 1 ? first?.variable : undefined;
  const title = titleOf(input, single === undefined ? "" : `: ${single.label}`);
  const xLabel = timeLabel(input);
  const { simulation } = input;
  const span = spanOf({ ...simulation, timeUnit: simulation.model.timeUnit });
  const description = joinTexts([
    `${title}: bands of many runs ${span}, with the median, the middle half and 9 runs of 10.`,
    ...bands.map(bandText),
  ]);
  return ok({
    ...{ title, description, xLabel, mark: "line" },
    spec: bandSpec({ title, description, xLabel }, bands.map(panelOf)),
    rows: bands.flatMap(bandRows),
    series: terminalSeries(bands.flatMap(bandLines)),
    tables: bands.map((band) => bandTable(band, xLabel)),
  });
}

function panelOf({ variable, quantiles }: VariableBand) {
  const range = rangeOf([...quantiles.values()].flat().filter(Number.isFinite));
  return {
    series: variable.label,
    yTitle: axisName(variable.label, variable.unit),
    quantiles: [...quantiles.keys()],
    zero: range !== undefined && withZero(range) !== range,
  };
}

function bandRows({ variable, time, quantiles }: VariableBand): readonly ChartRow[] {
  return time.map((at, row) => {
    const values = [...quantiles].map(([name, values]): [string, number | null] => {
      const value = values[row] ?? Number.NaN;
      return [name, Number.isFinite(value) ? value : null];
    });
    return { time: at, series: variable.label, ...Object.fromEntries(values) };
  });
}

const LINES: readonly (readonly [Quantile, string])[] = [
  ["q50", "median"],
  ["q05", "5 %"],
  ["q95", "95 %"],
];

function bandLines({ variable, time, quantiles }: VariableBand) {
  return LINES.flatMap(([quantile, text]) => {
    const values = quantiles.get(quantile);
    if (values === undefined) return [];
    const points = time.map((at, row): Point => [at, values[row] ?? Number.NaN]);
    return [
      {
        name: `${variable.label} ${text}`,
        unit: variable.unit,
        points: points.filter((point) => point.every(Number.isFinite)),
      },
    ];
  });
}

function bandText({ variable, time, quantiles }: VariableBand): string {
  const median = quantiles.get("q50") ?? [];
  const [low, high] = [quantiles.get("q05") ?? [], quantiles.get("q95") ?? []];
  const peak = median.reduce((best, value, at) => (value > (median[best] ?? 0) ? at : best), 0);
  const between = (at: number) => {
    const [least, most] = [low.at(at), high.at(at)];
    if (least === undefined || most === undefined) return "";
    return `, 9 of 10 from ${shortNumber(least)} to ${shortNumber(most)}`;
  };
  const unit = unitText(variable.unit);
  const [end, top] = [shortNumber(median.at(-1) ?? 0), shortNumber(median[peak] ?? 0)];
  const when = shortNumber(time[peak] ?? 0);
  return `${variable.label}: highest median ${top}${unit} at time ${when}${between(peak)}; at the end ${end}${unit}${between(-1)}.`;
}

function bandTable({ variable, time, quantiles }: VariableBand, xLabel: string) {
  const kept = evenIndices(time.length, ROWS_OF_REPORT);
  const columns = [time, ...quantiles.values()];
  return {
    caption: `Quantiles of ${axisName(variable.label, variable.unit)}`,
    columns: [xLabel, ...quantiles.keys()],
    rows: kept.map((row) =>
      columns.map((values) => Number((values[row] ?? Number.NaN).toPrecision(6))),
    ),
  };
}

interface Ranking {
  readonly subject: string;
  readonly bars: readonly Correlation[];
}

/** Bars of each parameter's influence, the strongest first. */
export async function drawTornado(order: ChartOrder): Promise<Result<Drawing, Failure>> {
  const { input, tables } = order;
  if (input.sensitivity === undefined) return unusable("There is no table of rank correlations.");
  const all = await readCorrelations(tables.pathOf(input.sensitivity), tables);
  const rankings = rankingsOf(all, order.variables);
  if (rankings.length === 0) {
    const names = order.variables.map((one) => one.name).join(", ");
    return unusable(`The table of rank correlations has no rows of ${names.slice(0, 500)}.`);
  }
  const title = titleOf(input, ": which parameter matters most");
  const description = joinTexts([
    `${title}: rank correlations from -1 to 1.`,
    ...rankings.map(({ subject, bars }) => {
      const texts = bars.slice(0, 5).map(({ parameter, rho }) => `${parameter} ${rho.toFixed(2)}`);
      return `${subject}: ${texts.join(", ")}.`;
    }),
  ]);
  const [strongest] = rankings;
  const panels = rankings.map(({ subject, bars }) => ({
    subject,
    parameters: bars.map((bar) => bar.parameter),
  }));
  return ok({
    ...{ title, description, mark: "ranks" },
    xLabel: `Rank correlation with ${strongest?.subject ?? ""}`.slice(0, 200),
    spec: tornadoSpec({ title, description }, panels),
    rows: rankings.flatMap(({ subject, bars }) =>
      bars.map(({ parameter, rho }) => ({ subject, parameter, rho })),
    ),
    series: terminalSeries(
      (strongest?.bars ?? []).map(({ parameter, rho }, at) => ({
        name: parameter,
        points: [[at + 1, rho]],
      })),
    ),
    tables: rankings.map(({ subject, bars }) => ({
      caption: `Rank correlation of each parameter with ${subject}`,
      columns: ["parameter", "rho"],
      rows: bars.map(({ parameter, rho }) => [parameter, Number(rho.toPrecision(4))]),
    })),
  });
}

/** The correlations by what they are with, each strongest first; wanted variables first. */
function rankingsOf(
  all: readonly Correlation[],
  wanted: readonly VariableSummary[],
): readonly Ranking[] {
  return wanted
    .flatMap(({ name, label }) => {
      const own = all.filter(({ variable }) => variable === name || variable === label);
      const measures = [...new Set(own.map(({ measure }) => measure))];
      return measures.map((measure) => ({
        subject: `${label}, ${measure}`,
        bars: own
          .filter((one) => one.measure === measure)
          .toSorted((left, right) => Math.abs(right.rho) - Math.abs(left.rho))
          .slice(0, MOST_PARAMETERS),
      }));
    })
    .slice(0, MOST_PANELS);
}
