/** Charts without time on their x axis: scatter, phase plot, histogram. */
import type { Result } from "../../../base/result.ts";
import { ok } from "../../../base/result.ts";
import type { Point } from "../../../engines/chart/decimate.ts";
import { evenIndices } from "../../../engines/chart/decimate.ts";
import {
  axisName,
  courseText,
  joinTexts,
  shortNumber,
  spanOf,
  unitText,
} from "../../../engines/chart/describe.ts";
import { histogramSpec, phaseSpec, scatterSpec } from "../../../engines/chart/plane-specs.ts";
import type { Bin } from "../../../engines/chart/read-cells.ts";
import { readBins, readSpots } from "../../../engines/chart/read-cells.ts";
import { readTable } from "../../../engines/chart/read-table.ts";
import type { VariableSummary } from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { ChartOrder, Drawing } from "./drawing.ts";
import { terminalSeries, titleOf, unusable } from "./drawing.ts";

const MOST_PHASE_POINTS = 3000;
const MOST_HISTOGRAMS = 4;
const TIME = "time";

/** The words that all charts of one variable over another share. */
function planeOf({ input }: ChartOrder, x: VariableSummary, y: VariableSummary) {
  return {
    title: titleOf(input, `: ${y.label} over ${x.label}`),
    xTitle: axisName(x.label, x.unit),
    yTitle: axisName(y.label, y.unit),
    xLabel: axisName(x.label, x.unit),
  };
}

/** One variable over another, row by row or counted into a grid. */
export async function drawScatter(order: ChartOrder): Promise<Result<Drawing, Failure>> {
  const { input, variables, tables } = order;
  const [x, y] = variables;
  if (x === undefined || y === undefined) return unusable("A scatter chart needs two variables.");
  const path = tables.pathOf(input.simulation.data);
  const spots = await readSpots(path, { ...tables, x: x.name, y: y.name });
  if (spots.length === 0)
    return unusable(`The table has no values of "${x.name}" and "${y.name}".`);
  const plane = planeOf(order, x, y);
  const isCounted = spots.some(({ count }) => count > 1);
  const total = spots.reduce((sum, { count }) => sum + count, 0);
  const points = spots.map((spot): Point => [spot.x, spot.y]);
  const description = joinTexts([
    `${plane.title}: a scatter chart of ${total} rows.`,
    ...(isCounted ? ["A larger circle stands for more rows."] : []),
    rangeText(
      x,
      points.map(([value]) => value),
    ),
    rangeText(
      y,
      points.map(([, value]) => value),
    ),
  ]);
  const spec = scatterSpec({ ...plane, description }, isCounted);
  return ok({
    ...{ ...plane, description, spec, mark: "points" },
    rows: spots.map((spot) => ({ ...spot })),
    series: terminalSeries([{ name: y.label, unit: y.unit, points }], "even"),
    tables: [],
  });
}

function rangeText({ label, unit }: VariableSummary, values: readonly number[]): string {
  const least = values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const most = values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  return `${label} lies from ${shortNumber(least)} to ${shortNumber(most)}${unitText(unit)}.`;
}

/** The path of two variables through their plane. */
export async function drawPhase(order: ChartOrder): Promise<Result<Drawing, Failure>> {
  const { input, variables, tables } = order;
  const { simulation } = input;
  const [x, y] = variables;
  if (x === undefined || y === undefined) return unusable("A phase plot needs two variables.");
  const path = tables.pathOf(simulation.data);
  const table = await readTable(path, { ...tables, columns: [TIME, x.name, y.name] });
  const column = (name: string) => table.get(name) ?? [];
  const [times, across, up] = [column(TIME), column(x.name), column(y.name)];
  const all = times.map((time, row) => [time, across[row] ?? Number.NaN, up[row] ?? Number.NaN]);
  const finite = all.filter((row) => row.every(Number.isFinite));
  const kept = evenIndices(finite.length, MOST_PHASE_POINTS).flatMap((at) =>
    finite.slice(at, at + 1),
  );
  if (kept.length === 0) return unusable(`The table has no values of "${x.name}" and "${y.name}".`);
  const plane = planeOf(order, x, y);
  const span = spanOf({ ...simulation, timeUnit: simulation.model.timeUnit });
  const description = joinTexts([
    `${plane.title}: a phase plot, the path of both ${span}.`,
    courseText(x),
    courseText(y),
  ]);
  return ok({
    ...{ ...plane, description, mark: "line" },
    spec: phaseSpec({ ...plane, description }),
    rows: kept.map(([time = 0, left = 0, right = 0], at) => ({
      ...{ time, x: left, y: right },
      end: at === 0 ? "start" : at === kept.length - 1 ? "end" : "",
    })),
    series: terminalSeries(
      [{ name: y.label, unit: y.unit, points: kept.map(([, a = 0, b = 0]): Point => [a, b]) }],
      "even",
    ),
    tables: [],
  });
}

/** How often each variable has which values, over all rows. */
export async function drawHistogram(order: ChartOrder): Promise<Result<Drawing, Failure>> {
  const { input, tables } = order;
  const variables = order.variables.slice(0, MOST_HISTOGRAMS);
  const path = tables.pathOf(input.simulation.data);
  const found: { readonly variable: VariableSummary; readonly bins: readonly Bin[] }[] = [];
  for (const variable of variables) {
    const bins = await readBins(path, { ...tables, column: variable.name });
    if (bins.length === 0) return unusable(`The table has no values of "${variable.name}".`);
    found.push({ variable, bins });
  }
  const [only] = variables;
  const single = variables.length === 1 ? only : undefined;
  const title = titleOf(input, single === undefined ? "" : `: ${single.label}`);
  const description = joinTexts([
    `${title}: ${found.length === 1 ? "a histogram" : `${found.length} histograms`}.`,
    ...found.map(({ variable, bins }) => binsText(variable, bins)),
  ]);
  const panels = found.map(({ variable: { label, unit } }) => ({
    series: label,
    xTitle: axisName(label, unit),
  }));
  return ok({
    ...{ title, description, mark: "bars" },
    xLabel: single === undefined ? "Value" : axisName(single.label, single.unit),
    spec: histogramSpec({ title, description }, panels),
    rows: found.flatMap(({ variable, bins }) =>
      bins.map((bin) => ({ ...bin, series: variable.label })),
    ),
    series: terminalSeries(
      found.map(({ variable, bins }) => ({
        name: found.length === 1 ? "rows" : variable.label,
        points: bins.map(({ from, to, count }): Point => [(from + to) / 2, count]),
      })),
    ),
    tables: found.map(({ variable, bins }) => ({
      caption: `How often ${variable.label} has which values`,
      columns: ["from", "to", "rows"],
      rows: bins.map(({ from, to, count }) => [
        Number(from.toPrecision(6)),
        Number(to.toPrecision(6)),
        count,
      ]),
    })),
  });
}

function binsText({ label, unit }: VariableSummary, bins: readonly Bin[]): string {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const most = bins.reduce((best, bin) => (bin.count > best.count ? bin : best), bins[0] ?? NONE);
  const [from, to] = [shortNumber(bins[0]?.from ?? 0), shortNumber(bins.at(-1)?.to ?? 0)];
  const peak = `most often ${shortNumber(most.from)} to ${shortNumber(most.to)}, ${most.count} times`;
  return `${label}: ${total} values from ${from} to ${to}${unitText(unit)}, ${peak}.`;
}

const NONE: Bin = { from: 0, to: 0, count: 0 };
