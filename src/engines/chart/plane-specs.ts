/** Specs of charts without time on their x axis: scatter, phase plot, histogram. */
import type { ChartSpec } from "./chart-spec.ts";
import { HEIGHT, panelHeight, stacked, WIDTH, wholeSpec } from "./chart-spec.ts";
import { colourOf } from "./theme.ts";

/** The words of a chart of one variable over another. */
export interface PlaneChart {
  readonly title: string;
  readonly subtitle?: string;
  readonly description: string;
  readonly xTitle: string;
  readonly yTitle: string;
}

/** One point of a scatter chart for each row `{x, y, count}`, larger where many rows lie. */
export function scatterSpec(chart: PlaneChart, isCounted: boolean): ChartSpec {
  const size = {
    field: "count",
    type: "quantitative",
    scale: { type: "sqrt", range: [8, 220] },
    legend: { title: "rows", orient: "right" },
  };
  return wholeSpec(chart, {
    width: WIDTH,
    height: HEIGHT,
    mark: { type: "circle", color: colourOf(0), opacity: 0.6, ...(isCounted ? {} : { size: 30 }) },
    encoding: { ...axes(chart), ...(isCounted ? { size } : {}) },
  });
}

/** One line through rows `{x, y, time, end}`; the rows with an `end` are marked with its text. */
export function phaseSpec(chart: PlaneChart): ChartSpec {
  const ends = [{ filter: "datum.end != ''" }];
  const encoding = axes(chart);
  return wholeSpec(chart, {
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        mark: { type: "line", color: colourOf(0) },
        encoding: { ...encoding, order: { field: "time", type: "quantitative" } },
      },
      {
        transform: ends,
        mark: { type: "point", filled: true, size: 70, color: colourOf(1) },
        encoding,
      },
      {
        transform: ends,
        mark: { type: "text", align: "left", dx: 8, dy: -8, fontSize: 12, color: "#1f1f1f" },
        encoding: { ...encoding, text: { field: "end", type: "nominal" } },
      },
    ],
  });
}

function axes({ xTitle, yTitle }: PlaneChart): ChartSpec {
  const scale = { zero: false, nice: true };
  return {
    x: { field: "x", type: "quantitative", title: xTitle, scale, axis: { labelFlush: false } },
    y: { field: "y", type: "quantitative", title: yTitle, scale },
  };
}

/** A panel of bars for each variable, from rows `{from, to, count, series}`. */
export function histogramSpec(
  head: { readonly title: string; readonly description: string },
  panels: readonly { readonly series: string; readonly xTitle: string }[],
): ChartSpec {
  const height = panelHeight(panels.length);
  const specs = panels.map(({ series, xTitle }, index) => ({
    width: WIDTH,
    height,
    transform: [{ filter: { field: "series", equal: series } }],
    mark: { type: "bar", color: colourOf(index), binSpacing: 1 },
    encoding: {
      x: {
        ...{ field: "from", type: "quantitative", title: xTitle },
        ...{ bin: { binned: true }, scale: { zero: false }, axis: { labelFlush: false } },
      },
      x2: { field: "to" },
      y: { field: "count", type: "quantitative", title: "Rows", scale: { zero: true } },
    },
  }));
  return wholeSpec(head, stacked(specs));
}
