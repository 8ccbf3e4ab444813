import type { ChartLine } from "../../../engines/chart/braille-grid.ts";
import { drawTerminalChart } from "../../../engines/chart/terminal-chart.ts";
import type { VizOutput } from "../../../protocol/agent-data.ts";

/** The size of a chart as text, in characters. */
export const TEXT_BOX = { columns: 78, rows: 20 } as const;

/** A drawn chart as plain text, for whoever calls the tool without a screen for pictures. */
export function textOf({
  series,
  title,
  xLabel,
  mark,
}: Pick<VizOutput, "series" | "title" | "xLabel" | "mark">): string {
  const { columns: width, rows: height } = TEXT_BOX;
  const lines = drawTerminalChart({ series, title, xLabel, mark: mark ?? "line", width, height });
  return lines.map(plainText).join("\n");
}

function plainText(line: ChartLine): string {
  return line.map((span) => span.text).join("");
}
