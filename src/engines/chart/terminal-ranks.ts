import type { ChartSeries } from "../../protocol/agent-data.ts";
import type { ChartLine, ChartSpan } from "./braille-grid.ts";
import { joinSpans } from "./braille-grid.ts";
import { columnsOf, fitColumns } from "./cell-text.ts";

/** Columns of a number such as `-0.83` with its distance. */
const NUMBER_COLUMNS = 7;

/**
 * Draws a tornado: a row for each series, its first value from -1 to 1 as a bar from the middle.
 * Exactly `height` lines of `width` columns; series that have no room are left out.
 */
export function drawRanks(chart: {
  readonly series: readonly ChartSeries[];
  readonly title?: string;
  readonly xLabel?: string;
  readonly width: number;
  readonly height: number;
}): ChartLine[] {
  const { width, height, title = "", xLabel = "" } = chart;
  const shown = chart.series.slice(0, height - 2);
  const longest = Math.max(1, ...shown.map(({ name }) => columnsOf(name)));
  const label = Math.min(longest, Math.floor(width / 3));
  const half = Math.max(1, Math.floor((width - label - NUMBER_COLUMNS - 3) / 2));
  const rows = shown.map(({ name, points }, index): ChartLine => {
    const value = points[0]?.[1] ?? Number.NaN;
    const rho = Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0;
    const bar = "█".repeat(Math.round(Math.abs(rho) * half));
    const left = fitColumns(rho < 0 ? bar : "", half, "right");
    const right = fitColumns(rho < 0 ? "" : bar, half);
    const number = fitColumns(
      Number.isFinite(value) ? rho.toFixed(2) : "",
      NUMBER_COLUMNS,
      "right",
    );
    const sides: ChartSpan[] = [
      { text: ` ${left}`, series: index },
      { text: "│" },
      { text: right, series: index },
    ];
    return line([{ text: fitColumns(name, label) }, ...sides, { text: number }], width);
  });
  const blank: ChartLine = [{ text: " ".repeat(width) }];
  const filler = Array.from({ length: height - 2 - rows.length }, () => blank);
  const head: ChartLine = [{ text: fitColumns(title, width) }];
  return [head, ...rows, ...filler, [{ text: fitColumns(xLabel, width) }]];
}

/** Pieces as one line that fills the width. */
function line(spans: readonly ChartSpan[], width: number): ChartLine {
  const used = spans.reduce((sum, { text }) => sum + columnsOf(text), 0);
  return joinSpans([...spans, { text: " ".repeat(Math.max(0, width - used)) }]);
}
