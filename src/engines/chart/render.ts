/**
 * Draws a Vega-Lite spec into SVG and PNG.
 *
 * V1 No spec reaches a file or the network: the loader refuses everything.
 * V2 No spec's text becomes code: expressions are interpreted, not compiled.
 * V3 Text is drawn with the fonts shipped with the program, on every machine the same.
 * V4 The picture carries its title and description as text, for readers of screens.
 * V5 The picture's size is bounded before it is made.
 */
import { createRequire } from "node:module";
import type { Loader, View } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { errorMessage } from "../../base/error-message.ts";
import type { JsonValue } from "../../base/json-value.ts";
import { isJsonArray } from "../../base/json-value.ts";
import type { Result } from "../../base/result.ts";
import { ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { ChartRow, ChartSpec } from "./chart-spec.ts";
import { TABLE } from "./chart-spec.ts";
import { refuse } from "./check-spec.ts";
import { escapeMarkup } from "./markup.ts";
import { CHART_FONT } from "./theme.ts";

/** Pixels per unit of the SVG: sharp on dense screens and in print. */
const PNG_SCALE = 2;

/** Dots of the PNG: more than any screen or page shows. */
const MOST_DOTS = 64_000_000;
const MOST_SVG_CHARACTERS = 20_000_000;

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
    const plain = await view.value.toSVG();
    if (plain.includes("<image")) return refuse("It draws pictures.");
    const problem = sizeProblem(plain);
    if (problem !== undefined) return refuse(problem); // V5
    const svg = describedSvg(plain, spec); // V4
    signal?.throwIfAborted();
    return ok({ svg, png: await pngOf(svg, signal), spec: whole });
  } finally {
    view.value.finalize();
  }
}

/** Why a picture is not made; undefined when it is of a size that can be looked at. */
function sizeProblem(svg: string): string | undefined {
  if (svg.length > MOST_SVG_CHARACTERS) return "It draws more than a picture can show.";
  const [, width, height] = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const dots = Number(width) * Number(height) * PNG_SCALE ** 2;
  if (!(dots > MOST_DOTS)) return undefined;
  return `Its picture would be ${width} wide and ${height} high, which is too large.`;
}

function describedSvg(svg: string, spec: ChartSpec): string {
  const [title, description] = [titleOf(spec["title"]), titleOf(spec["description"])];
  const texts = [
    ...(title === undefined ? [] : [`<title>${escapeMarkup(title)}</title>`]),
    ...(description === undefined ? [] : [`<desc>${escapeMarkup(description)}</desc>`]),
  ];
  return svg.replace(/^<svg([^>]*)>/, (_, attributes: string) =>
    [`<svg role="img"${attributes}>`, ...texts].join(""),
  );
}

/** A title as a spec may write it: a text, lines, or an object with one of these. */
function titleOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (value === undefined || value === null || typeof value !== "object") return undefined;
  if (!isJsonArray(value)) return titleOf(value["text"]);
  const lines = value.filter((line) => typeof line === "string");
  return lines.length === 0 ? undefined : lines.join(" ");
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
