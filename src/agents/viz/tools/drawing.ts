/** A chart before it is rendered, and where its numbers come from. */
import type { Result } from "../../../base/result.ts";
import { err } from "../../../base/result.ts";
import type { ChartRow, ChartSpec } from "../../../engines/chart/chart-spec.ts";
import type { ChartChoice } from "../../../engines/chart/choose-chart.ts";
import type { Point } from "../../../engines/chart/decimate.ts";
import { decimate, evenIndices } from "../../../engines/chart/decimate.ts";
import type { ReportTable } from "../../../engines/chart/report.ts";
import type {
  ChartMark,
  ChartSeries,
  VariableSummary,
  VizInput,
} from "../../../protocol/agent-data.ts";
import type { Artifact } from "../../../protocol/artifact.ts";
import type { Failure } from "../../../protocol/failure.ts";

/** What will be drawn: in words, as a spec with its rows, and as lines for a terminal. */
export interface Drawing {
  readonly title: string;
  readonly description: string;
  readonly xLabel: string;
  readonly spec: ChartSpec;
  readonly rows: readonly ChartRow[];
  readonly series: readonly ChartSeries[];
  readonly mark: ChartMark;
  /** The numbers behind it, for the report. */
  readonly tables: readonly ReportTable[];
}

/** An order whose variables are known and whose kind has been chosen. */
export interface ChartOrder {
  readonly input: VizInput;
  readonly variables: readonly VariableSummary[];
  readonly choice: ChartChoice;
  readonly tables: TableSource;
}

/** Where stored tables are read from. */
export interface TableSource {
  readonly folder: string;
  readonly signal: AbortSignal;
  pathOf(artifact: Artifact): string;
}

/** Points returned for the terminal: over all series, and of one series. */
const MOST_POINTS = 2400;
const MOST_POINTS_PER_SERIES = 400;
const MOST_SERIES = 12;
const DIGITS = 8;

/** Series for the terminal: few points in few digits. `keep` says which points tell most. */
export function terminalSeries(
  all: readonly {
    readonly name: string;
    readonly unit?: string | undefined;
    readonly points: readonly Point[];
  }[],
  keep: "shape" | "even" = "shape",
): ChartSeries[] {
  const shown = all.slice(0, MOST_SERIES);
  const share = Math.floor(MOST_POINTS / Math.max(1, shown.length));
  const limit = Math.min(MOST_POINTS_PER_SERIES, share);
  return shown.map(({ name, unit, points }) => {
    const kept =
      keep === "shape"
        ? decimate(points, limit)
        : evenIndices(points.length, limit).flatMap((at) => points.slice(at, at + 1));
    return {
      name,
      ...(unit === undefined ? {} : { unit }),
      points: kept.map(([x, y]): [number, number] => [short(x), short(y)]),
    };
  });
}

function short(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** The name of the x axis of a chart over time. */
export function timeLabel({ simulation }: VizInput): string {
  const { timeUnit } = simulation.model;
  return timeUnit === "" ? "Time" : `Time (${timeUnit})`;
}

/** The title that was asked for, else the model's with what is added. */
export function titleOf({ title, simulation }: VizInput, addition = ""): string {
  return (title ?? simulation.model.title + addition).slice(0, 200);
}

/** A table that does not hold what was to be drawn. */
export function unusable(message: string): Result<never, Failure> {
  return err({
    kind: "invalid-input",
    message: message.slice(0, 1000),
    nextStep: "Rerun the simulation, then draw again.",
  });
}
