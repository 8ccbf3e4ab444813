import type { ChartMark } from "../../protocol/agent-data.ts";
import type { BrailleGrid, ChartSpan } from "./braille-grid.ts";
import { brailleCharacter, brailleGrid } from "./braille-grid.ts";
import { columnsOf, cutToColumns, fitColumns } from "./cell-text.ts";
import type { AxisRange, Ticks } from "./ticks.ts";
import { clampValue, niceTicks, rangeOf, withZero } from "./ticks.ts";

/** A tick label on the y axis needs about this many rows, to leave air between two. */
const ROWS_PER_TICK = 3;
const COLUMNS_PER_TICK = 12;
/** From this height on, the x axis has a line of its own above its labels. */
const ROWS_FOR_AXIS_LINE = 6;

/** A series as the terminal draws it; `index` decides its colour. */
export interface PlotSeries {
  readonly name: string;
  readonly unit: string;
  readonly index: number;
  readonly points: readonly (readonly [number, number])[];
}

/** A plot with its axes, and the box it fills. */
export interface Plot {
  readonly series: readonly PlotSeries[];
  readonly xRange: AxisRange;
  readonly xLabel: string;
  readonly mark: ChartMark;
  readonly width: number;
  readonly rows: number;
  /** Whether the x axis is drawn below. */
  readonly xAxis: boolean;
  /** Columns kept for the y axis' labels at least, so that plots above each other line up. */
  readonly labelColumns?: number;
}

interface Frame {
  readonly axisLine: boolean;
  readonly gridRows: number;
  readonly yTicks: Ticks;
  readonly labelColumns: number;
}

/** How many columns the labels of a plot's y axis take. */
export function yLabelColumns(plot: Plot): number {
  return frameOf(plot).labelColumns;
}

function frameOf(plot: Plot): Frame {
  const axisLine = plot.xAxis && plot.rows >= ROWS_FOR_AXIS_LINE;
  const gridRows = plot.rows - (plot.xAxis ? 1 : 0) - (axisLine ? 1 : 0);
  const yRange = withZero(rangeOf(valuesOf(plot.series)) ?? { minimum: 0, maximum: 1 });
  const yTicks = niceTicks(yRange, Math.max(1, Math.floor(gridRows / ROWS_PER_TICK)), true);
  const longest = Math.max(plot.labelColumns ?? 1, ...yTicks.labels.map((label) => label.length));
  return {
    axisLine,
    gridRows,
    yTicks,
    labelColumns: Math.min(longest, Math.floor(plot.width / 2)),
  };
}

/** Draws one plot: exactly `rows` lines of `width` columns. */
export function plotLines(plot: Plot): ChartSpan[][] {
  const { axisLine, gridRows, yTicks, labelColumns } = frameOf(plot);
  const columns = plot.width - labelColumns - 1;
  const xTicks = niceTicks(plot.xRange, Math.max(1, Math.floor(columns / COLUMNS_PER_TICK)));
  const grid = brailleGrid(columns, gridRows);
  const { mark, xRange: x } = plot;
  for (const series of plot.series) drawSeries(grid, series, { mark, x, y: yTicks });
  const labels = labelsByRow(yTicks, gridRows);
  const lines = Array.from({ length: gridRows }, (_, row) => {
    const label = labels.get(row);
    const gutter = fitColumns(label ?? "", labelColumns, "right");
    return [{ text: gutter + (label === undefined ? "│" : "┤") }, ...gridRow(grid, row)];
  });
  const marks = tickColumns(xTicks, columns);
  if (axisLine) lines.push([{ text: axisOf(marks, { columns, labelColumns }) }]);
  if (plot.xAxis) lines.push([{ text: xLabels(marks, { ...plot, labelColumns }) }]);
  return lines;
}

function* valuesOf(series: readonly PlotSeries[]): Generator<number> {
  for (const one of series) for (const [, value] of one.points) yield value;
}

function drawSeries(
  grid: BrailleGrid,
  series: PlotSeries,
  range: { readonly mark: ChartMark; readonly x: AxisRange; readonly y: AxisRange },
): void {
  const dots = series.points.map(([time, value]) => ({
    x: part(range.x, time) * (grid.columns * 2 - 1),
    y: (1 - part(range.y, value)) * (grid.rows * 4 - 1),
  }));
  const foot = (1 - part(range.y, 0)) * (grid.rows * 4 - 1);
  for (const [index, dot] of dots.entries()) {
    const next = range.mark === "bars" ? { x: dot.x, y: foot } : dots[index + 1];
    if (range.mark === "points" || next === undefined) grid.dot(dot, series.index);
    else grid.line(dot, next, series.index);
  }
}

/** Where a value lies in a range, from 0 to 1. */
function part({ minimum, maximum }: AxisRange, value: number): number {
  return (clampValue(value) - minimum) / (maximum - minimum);
}

function gridRow(grid: BrailleGrid, row: number): ChartSpan[] {
  return Array.from({ length: grid.columns }, (_, column) => {
    const { bits, ...owner } = grid.cell(column, row);
    return { text: brailleCharacter(bits), ...(bits === 0 ? {} : owner) };
  });
}

function labelsByRow(ticks: Ticks, rows: number): ReadonlyMap<number, string> {
  const byRow = new Map<number, string>();
  for (const [index, value] of ticks.values.entries()) {
    const dot = Math.round((1 - part(ticks, value)) * (rows * 4 - 1));
    byRow.set(Math.min(rows - 1, dot >> 2), ticks.labels[index] ?? "");
  }
  return byRow;
}

interface TickMark {
  readonly column: number;
  readonly label: string;
}

function tickColumns(ticks: Ticks, columns: number): TickMark[] {
  return ticks.values.map((value, index) => ({
    column: Math.min(columns - 1, Math.round(part(ticks, value) * (columns * 2 - 1)) >> 1),
    label: ticks.labels[index] ?? "",
  }));
}

function axisOf(
  marks: readonly TickMark[],
  { columns, labelColumns }: { readonly columns: number; readonly labelColumns: number },
): string {
  const ticked = new Set(marks.map((mark) => mark.column));
  const line = Array.from({ length: columns }, (_, column) => (ticked.has(column) ? "┬" : "─"));
  return `${" ".repeat(labelColumns)}└${line.join("")}`;
}

/** The x axis' labels under their ticks, those that would collide left out, its name at the end. */
function xLabels(
  marks: readonly TickMark[],
  box: { readonly width: number; readonly labelColumns: number; readonly xLabel: string },
): string {
  const name = cutToColumns(box.xLabel, Math.floor(box.width / 3));
  const nameColumns = columnsOf(name) === 0 ? 0 : columnsOf(name) + 2;
  const room = box.width - nameColumns;
  let line = "";
  for (const { column, label } of marks) {
    const centred = box.labelColumns + 1 + column - Math.floor((label.length - 1) / 2);
    const start = Math.max(0, Math.min(centred, box.width - label.length));
    const gap = line === "" ? 0 : 1;
    if (start < line.length + gap || start + label.length > room) continue;
    line = line.padEnd(start) + label;
  }
  return nameColumns === 0 ? line.padEnd(box.width) : `${line.padEnd(room)}  ${name}`;
}
