/**
 * Draws a Vega-Lite spec into SVG and PNG.
 *
 * V1 No spec reaches a file or the network: the loader refuses everything.
 * V2 No spec's text becomes code: expressions are interpreted, not compiled.
 * V3 Text is drawn with the fonts shipped with the program, on every machine the same.
 */
import { createRequire } from "node:module";
import type { Loader, View } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { errorMessage } from "../../base/error-message.ts";
import type { Result } from "../../base/result.ts";
import { ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import { refuse } from "./check-spec.ts";
import type { ChartRow, ChartSpec } from "./choose-spec.ts";
import { TABLE } from "./choose-spec.ts";
import { CHART_FONT } from "./theme.ts";

/** Pixels per unit of the SVG: sharp on dense screens and in print. */
const PNG_SCALE = 2;

/** A drawn chart. */
export interface DrawnChart {
  readonly svg: string;
  readonly png: Uint8Array;
  /** The spec with its rows inside: draws the same chart anywhere. */
  readonly spec: ChartSpec;
}

/**
 * Draws `spec` with `rows` as its dataset `table`. A spec that cannot be drawn is a failure of
 * kind `invalid-input`; an aborted signal rejects.
 */
export async function renderChart(
  spec: ChartSpec,
  rows: readonly ChartRow[],
  signal?: AbortSignal,
): Promise<Result<DrawnChart, Failure>> {
  const whole = { ...spec, data: { name: TABLE, values: rows } };
  const view = await openView(whole);
  if (!view.ok) return view;
  signal?.throwIfAborted();
  try {
    const svg = await view.value.toSVG();
    if (svg.includes("<image")) return refuse("It draws pictures.");
    signal?.throwIfAborted();
    return ok({ svg, png: await pngOf(svg, signal), spec: whole });
  } finally {
    view.value.finalize();
  }
}

/** A Vega view of a spec with its data inside, already run; the caller finalizes it. */
export async function openView(spec: ChartSpec): Promise<Result<View, Failure>> {
  const [vega, vegaLite, { expressionInterpreter }] = await Promise.all([
    import("vega"),
    import("vega-lite"),
    import("vega-interpreter"),
  ]);
  const silent = vega.logger(vega.None);
  try {
    // Vega-Lite validates what it compiles and throws on what it cannot.
    const lite = structuredClone(spec) as unknown as TopLevelSpec;
    const compiled = vegaLite.compile(lite, { logger: silent }).spec;
    const runtime = vega.parse(compiled, undefined, { ast: true });
    const refused: string[] = [];
    const view = new vega.View(runtime, {
      expr: expressionInterpreter, // V2
      loader: refusingLoader(refused), // V1
      logger: silent,
      renderer: "none",
    });
    await view.runAsync();
    if (refused.length === 0) return ok(view);
    view.finalize();
    return refuse(`It loads ${refused.join(", ").slice(0, 200)}, which a chart may not.`);
  } catch (cause) {
    return refuse(errorMessage(cause).slice(0, 500));
  }
}

/** Loads the drawing libraries ahead of the first chart. */
export async function warmUp(): Promise<void> {
  await Promise.all([
    import("vega"),
    import("vega-lite"),
    import("vega-interpreter"),
    import("@resvg/resvg-js"),
    import("@duckdb/node-api"),
  ]);
}

/** A loader that loads nothing and notes what it was asked for. */
function refusingLoader(refused: string[]): Loader {
  const refuseLoad = (uri: string) => {
    refused.push(uri);
    return Promise.reject(new Error(`loading ${uri} is not allowed in a chart`));
  };
  return {
    load: refuseLoad,
    sanitize: refuseLoad,
    http: refuseLoad,
    file: refuseLoad,
  };
}

async function pngOf(svg: string, signal?: AbortSignal): Promise<Uint8Array> {
  const { renderAsync } = await import("@resvg/resvg-js");
  const image = await renderAsync(
    svg,
    {
      font: { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: CHART_FONT }, // V3
      fitTo: { mode: "zoom", value: PNG_SCALE },
      background: "#ffffff",
    },
    signal ?? null,
  );
  return image.asPng();
}

function fontFiles(): string[] {
  const require = createRequire(import.meta.url);
  return [
    require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
    require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
  ];
}
