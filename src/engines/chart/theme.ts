import type { JsonValue } from "../../base/json-value.ts";

/** The typeface of all charts: shipped with the program, so that text never gets lost. */
export const CHART_FONT = "DejaVu Sans";

/**
 * Colours that people with any common colour vision tell apart on white: Okabe and Ito, "Color
 * Universal Design", 2008, without its yellow, which is too pale for a line.
 */
export const PALETTE = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#333333",
] as const;

/** From the eighth series on, lines are dashed, so that colours may come again. */
const DASHES = [
  [1, 0],
  [7, 4],
] as const;

/** The colour of the n-th series. */
export function colourOf(index: number): string {
  return PALETTE[index % PALETTE.length] ?? PALETTE[0];
}

/** The dash pattern of the n-th series; a new one begins after `every` of them. */
export function dashOf(index: number, every: number = PALETTE.length): readonly number[] {
  return DASHES[Math.floor(index / every) % DASHES.length] ?? DASHES[0];
}

/** The look of all charts, as a Vega-Lite config. */
export const CHART_CONFIG = {
  font: CHART_FONT,
  background: "#ffffff",
  padding: 16,
  title: {
    fontSize: 16,
    anchor: "start",
    offset: 12,
    color: "#1f1f1f",
    subtitleFontSize: 12,
    subtitleColor: "#444444",
    subtitlePadding: 6,
  },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 10,
    labelColor: "#444444",
    titleColor: "#1f1f1f",
    domainColor: "#888888",
    tickColor: "#888888",
    gridColor: "#e6e6e6",
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false, labelPadding: 6 },
  legend: { labelFontSize: 12, titleFontSize: 12, labelColor: "#1f1f1f", labelLimit: 260 },
  line: { strokeWidth: 2.25, strokeCap: "round", strokeJoin: "round" },
  range: { category: [...PALETTE] },
  view: { stroke: null, continuousWidth: 560, continuousHeight: 320 },
} satisfies { readonly [key: string]: JsonValue };
