import type { ChartMark, ChartSeries } from "../../protocol/agent-data.ts";
import type { ChartLine, ChartSpan } from "./braille-grid.ts";
import { joinSpans } from "./braille-grid.ts";
import { cutToColumns, fitColumns } from "./cell-text.ts";
import { legendLines } from "./terminal-legend.ts";
import type { Plot, PlotSeries } from "./terminal-plot.ts";
import { plotLines, yLabelColumns } from "./terminal-plot.ts";
import { drawRanks } from "./terminal-ranks.ts";
import { rangeOf } from "./ticks.ts";
import { groupByUnit } from "./unit-groups.ts";

/** The smallest box a chart is drawn in. */
const SMALLEST_CHART = { width: 20, height: 6 } as const;
/** A panel of its own for each unit needs this many rows to be readable. */
const ROWS_PER_PANEL = 6;

/** What to draw and the box to draw it in, in character cells. */
export interface TerminalChart {
  readonly series: readonly ChartSeries[];
  readonly title?: string;
  readonly xLabel?: string;
  /** How the points are drawn; joined to lines when not given. */
  readonly mark?: ChartMark;
  readonly width: number;
  readonly height: number;
}

interface Panel {
  readonly unit: string;
  readonly series: readonly PlotSeries[];
}

/**
 * Draws series as braille lines with axes, title and legend. Gives exactly `height` lines of
 * exactly `width` columns; in a box under `SMALLEST_CHART` one line that says so.
 * Series of different units get a panel each when there is room.
 */
export function drawTerminalChart(chart: TerminalChart): ChartLine[] {
  const { width, height } = chart;
  if (width < SMALLEST_CHART.width || height < SMALLEST_CHART.height) return tooSmall(chart);
  if (chart.mark === "ranks") return drawRanks(chart);
  const series = chart.series.map(
    (one, index): PlotSeries => ({
      name: one.name,
      unit: one.unit ?? "",
      index,
      points: one.points.filter(([time, value]) => Number.isFinite(time) && Number.isFinite(value)),
    }),
  );
  const panels = groupByUnit(series).map(([unit, members]) => ({ unit, series: members }));
  const legend = legendLines(series, {
    width,
    rows: height >= 14 ? 3 : 1,
    units: panels.length > 1,
  });
  const bodyRows = height - 1 - legend.length;
  const lines = [titleLine(chart, panels), ...body(chart, { panels, rows: bodyRows }), ...legend];
  return lines.map((line) => joinSpans(line));
}

function tooSmall({ width, height }: TerminalChart): ChartLine[] {
  if (height < 1 || width < 1) return [];
  const { width: columns, height: rows } = SMALLEST_CHART;
  return [[{ text: fitColumns(`A chart needs ${columns}×${rows}.`, width) }]];
}

function titleLine({ title, width }: TerminalChart, panels: readonly Panel[]): ChartSpan[] {
  const only = panels.length === 1 ? panels[0]?.unit : undefined;
  const unit = only === undefined || only === "" ? "" : ` (${only})`;
  const room = width - Math.min([...unit].length * 2, Math.floor(width / 2));
  const text = unit === "" ? (title ?? "") : cutToColumns(title ?? "", room) + unit;
  return [{ text: fitColumns(text.trimStart(), width) }];
}

function body(
  { width, xLabel, mark = "line" }: TerminalChart,
  { panels, rows }: { readonly panels: readonly Panel[]; readonly rows: number },
): ChartSpan[][] {
  const all = panels.flatMap((panel) => panel.series);
  const xRange = rangeOf(times(all));
  if (xRange === undefined) return nothingToDraw(width, rows);
  const label = xLabel ?? "";
  const split = panels.length > 1 && rows >= panels.length * ROWS_PER_PANEL;
  const common = { xRange, xLabel: label, mark, width };
  if (!split) return plotLines({ ...common, series: all, rows, xAxis: true });
  const each = Math.floor(rows / panels.length);
  const plots = panels.map((panel, index): Plot => {
    const isLast = index === panels.length - 1;
    const panelRows = (isLast ? rows - each * index : each) - 1;
    return { ...common, series: panel.series, rows: panelRows, xAxis: isLast };
  });
  const labelColumns = Math.max(...plots.map(yLabelColumns));
  return plots.flatMap((plot, index) => {
    const unit = panels[index]?.unit ?? "";
    const heading = { text: fitColumns(unit === "" ? "no unit" : unit, width) };
    return [[heading], ...plotLines({ ...plot, labelColumns })];
  });
}

function* times(series: readonly PlotSeries[]): Generator<number> {
  for (const one of series) for (const [time] of one.points) yield time;
}

function nothingToDraw(width: number, rows: number): ChartSpan[][] {
  const message = "No data to draw.";
  const left = Math.max(0, Math.floor((width - message.length) / 2));
  return Array.from({ length: rows }, (_, row) => [
    { text: fitColumns(row === Math.floor(rows / 2) ? " ".repeat(left) + message : "", width) },
  ]);
}
