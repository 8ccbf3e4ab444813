/** Specs of charts of many runs: bands of quantiles over time, and tornados of correlations. */
import type { ChartSpec } from "./chart-spec.ts";
import { panelHeight, stacked, WIDTH, wholeSpec } from "./chart-spec.ts";
import type { Quantile } from "./read-ensemble.ts";
import { colourOf } from "./theme.ts";

const BAR_HEIGHT = 26;

/** A panel of a band chart: a variable and the quantiles there are of it. */
export interface BandPanel {
  readonly series: string;
  readonly yTitle: string;
  readonly quantiles: readonly Quantile[];
  /** Whether the axis begins at zero. */
  readonly zero: boolean;
}

/** The words under the title of a band chart. */
const BAND_LEGEND =
  "line: median · dark: the middle half of the runs · light: 9 runs of 10 · dashes: mean";

/** A panel for each variable, from rows `{time, series, q05, …}`. */
export function bandSpec(
  head: { readonly title: string; readonly description: string; readonly xLabel: string },
  panels: readonly BandPanel[],
): ChartSpec {
  const height = panelHeight(panels.length);
  const specs = panels.map((panel, index) => ({
    width: WIDTH,
    height,
    transform: [{ filter: { field: "series", equal: panel.series } }],
    layer: bandLayers(panel, {
      colour: colourOf(index),
      xTitle: index === panels.length - 1 ? head.xLabel : null,
      tickCount: Math.max(3, Math.floor(height / 55)),
    }),
  }));
  return wholeSpec({ ...head, subtitle: BAND_LEGEND }, stacked(specs));
}

function bandLayers(
  { yTitle, quantiles, zero }: BandPanel,
  look: { readonly colour: string; readonly xTitle: string | null; readonly tickCount: number },
): ChartSpec[] {
  const { colour, xTitle, tickCount } = look;
  const x = {
    ...{ field: "time", type: "quantitative", title: xTitle },
    ...{ scale: { zero: false, nice: false }, axis: { tickCount: 10, labelFlush: false } },
  };
  const axis = { tickCount, minExtent: 48 };
  const y = (field: Quantile): ChartSpec => ({
    ...{ field, type: "quantitative", title: yTitle, scale: { zero, nice: true }, axis },
  });
  const area = (low: Quantile, high: Quantile, opacity: number): ChartSpec => ({
    mark: { type: "area", color: colour, opacity, line: false },
    encoding: { x, y: y(low), y2: { field: high } },
  });
  const has = (...wanted: readonly Quantile[]) => wanted.every((one) => quantiles.includes(one));
  return [
    ...(has("q05", "q95") ? [area("q05", "q95", 0.18)] : []),
    ...(has("q25", "q75") ? [area("q25", "q75", 0.32)] : []),
    { mark: { type: "line", color: colour }, encoding: { x, y: y("q50") } },
    ...(has("mean")
      ? [
          {
            mark: { type: "line", color: "#333333", strokeWidth: 1.25, strokeDash: [4, 4] },
            encoding: { x, y: y("mean") },
          },
        ]
      : []),
  ];
}

/** A panel of bars for each measure, from rows `{subject, parameter, rho}` in order of strength. */
export function tornadoSpec(
  head: { readonly title: string; readonly description: string },
  panels: readonly { readonly subject: string; readonly parameters: readonly string[] }[],
): ChartSpec {
  const specs = panels.map(({ subject, parameters }, index) => ({
    width: WIDTH - 120,
    height: Math.max(2, parameters.length) * BAR_HEIGHT,
    title: { text: subject, fontSize: 12, fontWeight: "normal", offset: 6 },
    transform: [{ filter: { field: "subject", equal: subject } }],
    mark: { type: "bar", cornerRadiusEnd: 2 },
    encoding: {
      y: { field: "parameter", type: "nominal", sort: [...parameters], title: null },
      x: {
        ...{ field: "rho", type: "quantitative", scale: { domain: [-1, 1] } },
        title: index === panels.length - 1 ? "Rank correlation (Spearman)" : null,
        axis: { grid: true, values: [-1, -0.5, 0, 0.5, 1] },
      },
      color: {
        condition: { test: "datum.rho < 0", value: colourOf(1) },
        value: colourOf(0),
      },
    },
  }));
  return wholeSpec(
    { ...head, subtitle: "blue: more of the parameter, more of the measure · orange: less" },
    stacked(specs),
  );
}
