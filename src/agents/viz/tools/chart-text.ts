import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ChartLine } from "../../../engines/chart/braille-grid.ts";
import { drawTerminalChart } from "../../../engines/chart/terminal-chart.ts";
import { drawSpecInTerminal } from "../../../engines/chart/terminal-spec.ts";
import type { VizInput, VizOutput } from "../../../protocol/agent-data.ts";
import { folderArtifactStore } from "../../../session/artifact-store.ts";
import type { ToolConfig } from "./config.ts";

const COLUMNS = 78;
const ROWS = 20;
const specSchema = z.record(z.string(), z.json());

/**
 * A drawn chart as plain text, for whoever calls the tool without a screen for pictures: a spec of
 * the user's own as it was drawn, else the series.
 */
export async function chartText(
  input: VizInput,
  output: VizOutput,
  config: ToolConfig,
): Promise<string> {
  if (input.spec !== undefined) {
    const path = folderArtifactStore(config.artifactFolder).pathOf(output.spec);
    const spec = specSchema.parse(JSON.parse(await readFile(path, "utf8")));
    const drawn = await drawSpecInTerminal(spec, { columns: COLUMNS, rows: ROWS });
    if (drawn.ok) return textOf(drawn.value);
  }
  const { series, title, xLabel } = output;
  return textOf(drawTerminalChart({ series, title, xLabel, width: COLUMNS, height: ROWS }));
}

function textOf(lines: readonly ChartLine[]): string {
  return lines.map((line) => line.map((span) => span.text).join("")).join("\n");
}
