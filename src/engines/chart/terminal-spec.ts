import type { JsonValue } from "../../base/json-value.ts";
import { isJsonArray } from "../../base/json-value.ts";
import type { Result } from "../../base/result.ts";
import { ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { ChartLine } from "./braille-grid.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { openView } from "./render.ts";
import { TerminalCanvas } from "./terminal-canvas.ts";
import { rasterize } from "./terminal-raster.ts";
import { PALETTE } from "./theme.ts";

/** Pixels of a character cell while Vega lays out: its guess of a 10 px letter is 8 px wide. */
const CELL = { width: 8, height: 16 } as const;
const FONT_SIZE = 10;
/** Cells around the panels of a composed chart, for axes, titles and legends. */
const MARGIN = { columns: 14, rows: 5 } as const;

/** Sizes and distances in whole cells, so that letters and lines come to lie on the grid. */
const TERMINAL_CONFIG: Readonly<Record<string, ChartSpec>> = {
  axis: {
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titlePadding: 2,
    labelPadding: 4,
    tickSize: 0,
    grid: false,
    domain: true,
    ticks: false,
  },
  axisX: {
    labelPadding: 12,
    titlePadding: 6,
    labelAngle: 0,
    labelOverlap: "greedy",
    labelSeparation: 16,
  },
  axisY: { tickCount: 5, domain: true },
  legend: { labelFontSize: FONT_SIZE, titleFontSize: FONT_SIZE, rowPadding: 6, symbolSize: 100 },
  title: { fontSize: FONT_SIZE, subtitleFontSize: FONT_SIZE, offset: 8 },
  header: { labelFontSize: FONT_SIZE, titleFontSize: FONT_SIZE },
  text: { fontSize: FONT_SIZE },
};

/**
 * Any checked Vega-Lite spec with its data inside, as exactly `rows` lines of `columns` columns of
 * braille and text; series numbers are places in the charts' palette.
 */
export async function drawSpecInTerminal(
  spec: ChartSpec,
  box: { readonly columns: number; readonly rows: number },
): Promise<Result<ChartLine[], Failure>> {
  const view = await openView(sized(spec, box));
  if (!view.ok) return view;
  try {
    const canvas = new TerminalCanvas();
    await view.value.toCanvas(1, { externalContext: canvas });
    return ok(rasterize(canvas, { ...box, palette: PALETTE }));
  } finally {
    view.value.finalize();
  }
}

/** The spec laid out for the box: a single plot fits it exactly, panels share its height. */
function sized(
  spec: ChartSpec,
  box: { readonly columns: number; readonly rows: number },
): ChartSpec {
  const width = box.columns * CELL.width;
  const height = box.rows * CELL.height;
  const { background: _theirs, ...rest } = spec;
  const base = { ...rest, config: terminalConfig(spec["config"]), padding: 0 };
  const panels = spec["vconcat"];
  if (panels !== undefined && isJsonArray(panels)) {
    const panel = {
      width: Math.max(80, width - MARGIN.columns * CELL.width),
      height: Math.max(48, Math.floor(height / panels.length) - MARGIN.rows * CELL.height),
    };
    const vconcat = panels.map((one) => (isObject(one) ? { ...one, ...panel } : one));
    return { ...base, vconcat };
  }
  if (spec["mark"] === undefined && spec["layer"] === undefined) return base;
  const autosize = { type: "fit", contains: "padding" };
  return { ...base, width, height, autosize };
}

function terminalConfig(config: JsonValue | undefined): ChartSpec {
  const merged: Record<string, JsonValue> = isObject(config) ? { ...config } : {};
  for (const [key, ours] of Object.entries(TERMINAL_CONFIG)) {
    const theirs = merged[key];
    merged[key] = { ...(isObject(theirs) ? theirs : {}), ...ours };
  }
  return { ...merged, background: "#ffffff", padding: 0 };
}

function isObject(value: JsonValue | undefined): value is ChartSpec {
  return typeof value === "object" && value !== null && !isJsonArray(value);
}
