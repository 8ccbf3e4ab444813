import type { JsonValue } from "../../base/json-value.ts";
import { CHART_CONFIG } from "./theme.ts";

/** The name under which a spec finds its data. */
export const TABLE = "table";
/** Size of a chart in pixels, axes and legend not counted. */
export const WIDTH = 720;
export const HEIGHT = 380;
/** Beside each other and above each other, no panel is smaller. */
const SMALLEST_PANEL = 130;

/** A Vega-Lite spec. */
export type ChartSpec = { readonly [key: string]: JsonValue };

/** A row of the table a spec draws. */
export interface ChartRow {
  readonly [field: string]: number | string | null;
}

/** A whole spec that finds its rows in the dataset `table`, in the look of all charts. */
export function wholeSpec(
  head: { readonly title: string; readonly subtitle?: string; readonly description: string },
  body: ChartSpec,
): ChartSpec {
  const { title, subtitle, description } = head;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: subtitle === undefined ? title : { text: title, subtitle },
    description,
    data: { name: TABLE },
    ...body,
    config: CHART_CONFIG,
  };
}

/** Panels above each other, or the only one as it is. */
export function stacked(panels: readonly ChartSpec[]): ChartSpec {
  const [only] = panels;
  return panels.length === 1 && only !== undefined ? only : { vconcat: [...panels], spacing: 18 };
}

/** The height of each of some panels above each other. */
export function panelHeight(count: number, smallest = SMALLEST_PANEL): number {
  return Math.max(smallest, Math.floor(HEIGHT / Math.max(1, count)));
}
