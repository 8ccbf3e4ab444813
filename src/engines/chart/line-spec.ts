import type { VariableSummary } from "../../protocol/agent-data.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { panelHeight, stacked, WIDTH, wholeSpec } from "./chart-spec.ts";
import { axisName } from "./describe.ts";
import { colourOf, dashOf } from "./theme.ts";
import { rangeOf, withZero } from "./ticks.ts";
import { groupByUnit } from "./unit-groups.ts";

/** Panels of small multiples that stand beside each other, and from how many on. */
const COLUMNS_OF_MANY = 2;
const MANY_PANELS = 4;
const SMALLEST_OF_MANY = 100;

/** A line chart to be: texts, and the lines it has. */
export interface LineChart {
  readonly title: string;
  readonly description: string;
  readonly xLabel: string;
  /** Their ranges decide whether an axis begins at zero. */
  readonly variables: readonly VariableSummary[];
  /** A panel for each unit, or for each variable. */
  readonly split: "unit" | "variable";
  /** The names of two runs drawn over each other: the second one's lines are dashed. */
  readonly runs?: readonly [string, string];
}

interface Panel {
  readonly members: readonly VariableSummary[];
  readonly filter: { readonly field: string; readonly equal: string };
  readonly yTitle: string;
  readonly xTitle: string | null;
  readonly width: number;
  readonly height: number;
}

/**
 * A line chart of variables over time, one colour (and from the eighth on a dash) for each. The
 * rows it draws are `{time, value, series, unit, run}`, where `series` is the variable's label.
 */
export function lineSpec(chart: LineChart): ChartSpec {
  const panels = chart.split === "unit" ? panelsByUnit(chart) : panelsByVariable(chart);
  const specs = panels.map((panel) => panelOf(panel, chart, panels.length > 1));
  const body =
    chart.split === "variable" && panels.length >= MANY_PANELS
      ? { concat: specs, columns: COLUMNS_OF_MANY, spacing: 18 }
      : stacked(specs);
  return wholeSpec(chart, body);
}

function panelsByUnit({ variables, xLabel }: LineChart): readonly Panel[] {
  const byUnit = groupByUnit(variables);
  const [only] = variables;
  return byUnit.map(([unit, members], index) => ({
    members,
    filter: { field: "unit", equal: unit },
    // A single variable is named by the axis, several by the legend.
    yTitle:
      variables.length === 1 && only !== undefined
        ? axisName(only.label, only.unit)
        : unit || "Value",
    xTitle: index === byUnit.length - 1 ? xLabel : null,
    width: WIDTH,
    height: panelHeight(byUnit.length),
  }));
}

function panelsByVariable({ variables, xLabel }: LineChart): readonly Panel[] {
  const isGrid = variables.length >= MANY_PANELS;
  const inRow = isGrid ? COLUMNS_OF_MANY : 1;
  const rows = Math.ceil(variables.length / inRow);
  return variables.map((one, index) => ({
    members: [one],
    filter: { field: "series", equal: one.label },
    yTitle: axisName(one.label, one.unit),
    xTitle: index >= variables.length - inRow ? xLabel : null,
    width: isGrid ? Math.floor((WIDTH - 80) / COLUMNS_OF_MANY) : WIDTH,
    height: panelHeight(rows, isGrid ? SMALLEST_OF_MANY : undefined),
  }));
}

function panelOf(panel: Panel, chart: LineChart, isFiltered: boolean): ChartSpec {
  const range = rangeOf(panel.members.flatMap((one) => [one.minimum, one.maximum]));
  const zero = range !== undefined && withZero(range) !== range;
  const x = {
    field: "time",
    type: "quantitative",
    title: panel.xTitle,
    scale: { zero: false, nice: false },
    axis: { tickCount: panel.width < WIDTH ? 5 : 10, labelFlush: false },
  };
  const y = {
    field: "value",
    type: "quantitative",
    title: panel.yTitle,
    scale: { zero, nice: true },
    axis: { tickCount: Math.max(3, Math.floor(panel.height / 55)), minExtent: 48 },
  };
  return {
    width: panel.width,
    height: panel.height,
    ...(isFiltered ? { transform: [{ filter: { ...panel.filter } }] } : {}),
    mark: "line",
    encoding: { x, y, ...seriesEncoding(chart) },
  };
}

/** Colour by variable, dash by run or, from the eighth variable on, by variable. */
function seriesEncoding({ variables, runs, split }: LineChart): ChartSpec {
  const domain = variables.map((variable) => variable.label);
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
  const shown = variables.length > 1 && split === "unit" ? legend : null;
  const channel = { field: "series", type: "nominal", sort: null };
  const range = variables.map((_, index) => colourOf(index));
  const dashes = variables.map((_, index) => [...dashOf(index)]);
  const byRun = {
    ...{ field: "run", type: "nominal", sort: null, legend },
    scale: { domain: [...(runs ?? [])], range: [0, 1].map((run) => [...dashOf(run, 1)]) },
  };
  return {
    color: { ...channel, legend: shown, scale: { domain, range } },
    strokeDash:
      runs === undefined ? { ...channel, legend: shown, scale: { domain, range: dashes } } : byRun,
  };
}
