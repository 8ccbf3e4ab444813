import type { JsonValue } from "../../base/json-value.ts";
import type { SimulationOutput, VariableSummary } from "../../protocol/agent-data.ts";
import { CHART_CONFIG, colourOf, dashOf } from "./theme.ts";
import { rangeOf, withZero } from "./ticks.ts";
import { groupByUnit } from "./unit-groups.ts";

/** The name under which a spec finds its data. */
export const TABLE = "table";
const WIDTH = 720;
const HEIGHT = 380;
const SMALLEST_PANEL = 130;
const MOST_DESCRIPTION = 2000;

/** A Vega-Lite spec. */
export type ChartSpec = { readonly [key: string]: JsonValue };

/** What will be drawn, in words and as a spec that finds its rows in the dataset `table`. */
export interface ChartPlan {
  readonly title: string;
  readonly description: string;
  readonly xLabel: string;
  readonly spec: ChartSpec;
}

/** A row of the table a chosen spec draws: one point of one series. */
export interface ChartRow {
  readonly [field: string]: number | string | null;
}

/**
 * A line chart of the variables over time: one panel for each unit, one colour (and from the
 * eighth on a dash) for each variable. The rows it draws are `{time, value, series, unit}`, where
 * `series` is the variable's label.
 */
export function chooseSpec(
  simulation: SimulationOutput,
  variables: readonly VariableSummary[],
  wantedTitle?: string,
): ChartPlan {
  const title = (wantedTitle ?? defaultTitle(simulation, variables)).slice(0, 200);
  const { timeUnit } = simulation.model;
  const xLabel = timeUnit === "" ? "Time" : `Time (${timeUnit})`;
  const description = describe(simulation, variables, title);
  const byUnit = groupByUnit(variables);
  const height = Math.max(SMALLEST_PANEL, Math.floor(HEIGHT / Math.max(1, byUnit.length)));
  const panels = byUnit.map(([unit, members], index) =>
    panelOf(members, {
      unit,
      height,
      xTitle: index === byUnit.length - 1 ? xLabel : null,
      all: variables,
    }),
  );
  const [only] = panels;
  const body = panels.length === 1 && only !== undefined ? only : { vconcat: panels, spacing: 18 };
  return {
    title,
    description,
    xLabel,
    spec: {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      title,
      description,
      data: { name: TABLE },
      ...body,
      config: CHART_CONFIG,
    },
  };
}

function defaultTitle(simulation: SimulationOutput, variables: readonly VariableSummary[]): string {
  const [only] = variables;
  const { title } = simulation.model;
  return variables.length === 1 && only !== undefined ? `${title}: ${only.label}` : title;
}

function panelOf(
  variables: readonly VariableSummary[],
  panel: {
    readonly unit: string;
    readonly height: number;
    readonly xTitle: string | null;
    readonly all: readonly VariableSummary[];
  },
): ChartSpec {
  const range = rangeOf(variables.flatMap((one) => [one.minimum, one.maximum]));
  const zero = range !== undefined && withZero(range) !== range;
  const x = {
    field: "time",
    type: "quantitative",
    title: panel.xTitle,
    scale: { zero: false, nice: false },
    axis: { tickCount: 10, labelFlush: false },
  };
  const y = {
    field: "value",
    type: "quantitative",
    title: yTitle(panel.all, panel.unit),
    scale: { zero, nice: true },
    axis: { tickCount: Math.max(3, Math.floor(panel.height / 55)), minExtent: 48 },
  };
  return {
    width: WIDTH,
    height: panel.height,
    ...(panel.all.length > variables.length
      ? { transform: [{ filter: { field: "unit", equal: panel.unit } }] }
      : {}),
    mark: "line",
    encoding: { x, y, ...seriesEncoding(panel.all) },
  };
}

/** A single variable is named by the axis, several by the legend. */
function yTitle(all: readonly VariableSummary[], unit: string): string {
  const [only] = all;
  if (all.length !== 1 || only === undefined) return unit === "" ? "Value" : unit;
  return unit === "" ? only.label : `${only.label} (${unit})`;
}

/** Colour and dash by series; the legend names all series once, above the panels. */
function seriesEncoding(all: readonly VariableSummary[]): ChartSpec {
  const domain = all.map((variable) => variable.label);
  const legend = {
    title: null,
    orient: "top",
    direction: "horizontal",
    columns: 3,
    symbolType: "stroke",
    symbolStrokeWidth: 3,
    symbolSize: 260,
    columnPadding: 18,
  };
  const shown = all.length > 1 ? legend : null;
  const channel = { field: "series", type: "nominal", sort: null, legend: shown };
  const range = all.map((_, index) => colourOf(index));
  const dashes = all.map((_, index) => dashOf(index));
  return {
    color: { ...channel, scale: { domain, range } },
    strokeDash: { ...channel, scale: { domain, range: dashes } },
  };
}

/** What the chart shows, for people who cannot see it. */
function describe(
  simulation: SimulationOutput,
  variables: readonly VariableSummary[],
  title: string,
): string {
  const unit = simulation.model.timeUnit === "" ? "" : ` ${simulation.model.timeUnit}`;
  const from = `from ${round(simulation.startTime)} to ${round(simulation.stopTime)}${unit}`;
  const courses = variables.map((variable) => courseOf(variable));
  return `${title}: a line chart ${from}. ${courses.join(" ")}`.slice(0, MOST_DESCRIPTION);
}

function courseOf(variable: VariableSummary): string {
  const { label, initial, final, minimum, maximum } = variable;
  const unit = variable.unit === undefined ? "" : ` ${variable.unit}`;
  if (minimum === maximum) return `${label} stays at ${round(initial)}${unit}.`;
  const ends = [initial, final];
  const peak = ends.includes(maximum) ? [] : [highest(variable)];
  const low = ends.includes(minimum) ? [] : [lowest(variable)];
  const between = [...peak, ...low].map((text) => `, ${text}`).join("");
  return `${label} goes from ${round(initial)} to ${round(final)}${unit}${between}.`;
}

function highest({ maximum, maximumTime }: VariableSummary): string {
  return `highest ${round(maximum)} at time ${round(maximumTime)}`;
}

function lowest({ minimum, minimumTime }: VariableSummary): string {
  return `lowest ${round(minimum)} at time ${round(minimumTime)}`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}
