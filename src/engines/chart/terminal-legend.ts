import type { ChartSpan } from "./braille-grid.ts";
import { columnsOf, cutToColumns } from "./cell-text.ts";
import type { PlotSeries } from "./terminal-plot.ts";

const MARK = "━━ ";
const GAP = "  ";
/** Labels are shortened to make all fit, but not below this many columns. */
const SHORTEST_LABEL = 5;

interface Entry {
  readonly index: number;
  readonly text: string;
  readonly columns: number;
}

/**
 * Which colour is which series: entries packed into at most `rows` lines of `width` columns; those
 * that do not fit are counted at the end. With `units` each entry names its unit.
 */
export function legendLines(
  series: readonly PlotSeries[],
  box: { readonly width: number; readonly rows: number; readonly units: boolean },
): ChartSpan[][] {
  const whole = box.width - MARK.length;
  const perLine = Math.ceil(series.length / box.rows);
  const share = Math.floor((box.width + GAP.length) / Math.max(1, perLine)) - GAP.length;
  const short = Math.max(SHORTEST_LABEL, share - MARK.length);
  for (const columns of [whole, Math.min(whole, short)]) {
    const entries = series.map((one) => entryOf(one, columns, box.units));
    const lines = pack(entries, box.width);
    if (lines.length <= box.rows) return lines.map((line) => spansOf(line, box.width, ""));
  }
  const entries = series.map((one) => entryOf(one, Math.min(whole, short), box.units));
  return cutLegend(entries, box);
}

function entryOf(series: PlotSeries, columns: number, units: boolean): Entry {
  const label = units && series.unit !== "" ? `${series.name} (${series.unit})` : series.name;
  const text = cutToColumns(label, columns);
  return { index: series.index, text, columns: MARK.length + columnsOf(text) };
}

/** The entries that fit, and how many did not. */
function cutLegend(
  entries: readonly Entry[],
  box: { readonly width: number; readonly rows: number },
): ChartSpan[][] {
  const lines = pack(entries, box.width);
  const shown = lines.slice(0, box.rows);
  const last = shown.at(-1) ?? [];
  for (;;) {
    const hidden = entries.length - shown.flat().length;
    const more = `+${hidden} more`;
    if (last.length === 0 || usedColumns(last) + GAP.length + more.length <= box.width) {
      return shown.map((line) => spansOf(line, box.width, line === last ? more : ""));
    }
    last.pop();
  }
}

function pack(entries: readonly Entry[], width: number): Entry[][] {
  const lines: Entry[][] = [];
  for (const entry of entries) {
    const line = lines.at(-1);
    if (line !== undefined && usedColumns([...line, entry]) <= width) line.push(entry);
    else lines.push([entry]);
  }
  return lines;
}

function usedColumns(line: readonly Entry[]): number {
  const gaps = Math.max(0, line.length - 1) * GAP.length;
  return line.reduce((sum, entry) => sum + entry.columns, gaps);
}

function spansOf(line: readonly Entry[], width: number, more: string): ChartSpan[] {
  const spans: ChartSpan[] = line.flatMap((entry, position) => [
    { text: position === 0 ? "" : GAP },
    { text: MARK + entry.text, series: entry.index },
  ]);
  const tail = more === "" ? "" : (line.length > 0 ? GAP : "") + more;
  const filler = " ".repeat(Math.max(0, width - usedColumns(line) - tail.length));
  return [...spans, { text: tail + filler }];
}
