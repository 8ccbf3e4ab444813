/** Charts over time: lines, small multiples, and two runs over each other. */
import type { Result } from "../../../base/result.ts";
import { ok } from "../../../base/result.ts";
import type { ChartRow } from "../../../engines/chart/chart-spec.ts";
import type { Point } from "../../../engines/chart/decimate.ts";
import { decimate, evenIndices } from "../../../engines/chart/decimate.ts";
import { axisName, courseText, joinTexts, spanOf } from "../../../engines/chart/describe.ts";
import { lineSpec } from "../../../engines/chart/line-spec.ts";
import type { Courses } from "../../../engines/chart/read-table.ts";
import type { ReportTable } from "../../../engines/chart/report.ts";
import type { SimulationOutput, VariableSummary } from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { ChartOrder, Drawing } from "./drawing.ts";
import { terminalSeries, timeLabel, titleOf, unusable } from "./drawing.ts";

/** Points in a picture and its spec, over all series: more cannot be seen and slow the drawing. */
const MOST_ROWS = 4000;
const ROWS_OF_REPORT = 60;

interface Course {
  readonly variable: VariableSummary;
  /** The run it is of, when two are drawn. */
  readonly run: string;
  readonly points: readonly Point[];
}

/** Draws the variables over time; with `other`, those of the second run too. */
export function drawCourses(
  order: ChartOrder,
  courses: Courses,
  other?: Courses,
): Result<Drawing, Failure> {
  const { input, variables, choice } = order;
  const { simulation, compareWith } = input;
  const second = compareWith === undefined ? [] : sameVariables(variables, compareWith);
  const missing = variables.find((one) => second.every(({ name }) => name !== one.name));
  if (compareWith !== undefined && missing !== undefined) {
    return unusable(`The second simulation has no variable "${missing.name}".`);
  }
  const runs = compareWith === undefined ? undefined : runNames(simulation, compareWith);
  const all = [
    ...coursesOf(variables, courses, runs?.[0] ?? ""),
    ...(other === undefined ? [] : coursesOf(second, other, runs?.[1] ?? "")),
  ];
  const title = titleOf(
    input,
    runs === undefined ? onlyName(variables) : `: ${runs.join(" and ")}`,
  );
  const description = describe(all, order, title);
  const xLabel = timeLabel(input);
  const spec = lineSpec({
    ...{ title, description, xLabel },
    variables: variables.map((one) => widened(one, second)),
    split: choice.kind === "small-multiples" ? "variable" : "unit",
    ...(runs === undefined ? {} : { runs }),
  });
  const series = all.map((course) => ({
    name: nameOf(course),
    unit: course.variable.unit,
    points: course.points,
  }));
  const rows = longRows(all);
  const tables = [summaryTable(all), courseTable(all, xLabel)];
  return ok({
    ...{ title, description, xLabel, spec, rows, tables, mark: "line" },
    series: terminalSeries(series),
  });
}

/** A chart of one variable is called by it too. */
function onlyName(variables: readonly VariableSummary[]): string {
  const [only] = variables;
  return only !== undefined && variables.length === 1 ? `: ${only.label}` : "";
}

function sameVariables(
  variables: readonly VariableSummary[],
  { variables: theirs }: SimulationOutput,
): readonly VariableSummary[] {
  return variables.flatMap(({ name }) => theirs.filter((one) => one.name === name));
}

/** What tells two runs apart: the parameters that differ, else their places. */
function runNames(first: SimulationOutput, second: SimulationOutput): readonly [string, string] {
  const names = Object.keys({ ...first.parameters, ...second.parameters });
  const differing = names.filter((name) => first.parameters[name] !== second.parameters[name]);
  const nameOfRun = ({ parameters }: SimulationOutput, fallback: string) =>
    differing
      .slice(0, 3)
      .map((name) => `${name.replaceAll("_", " ")} ${parameters[name] ?? "default"}`)
      .join(", ")
      .slice(0, 90) || fallback;
  if (first.model.name !== second.model.name) return [first.model.title, second.model.title];
  return [nameOfRun(first, "first run"), nameOfRun(second, "second run")];
}

/** A variable with the range of both runs. */
function widened(variable: VariableSummary, others: readonly VariableSummary[]): VariableSummary {
  const same = others.filter(({ name }) => name === variable.name);
  return {
    ...variable,
    minimum: Math.min(variable.minimum, ...same.map((one) => one.minimum)),
    maximum: Math.max(variable.maximum, ...same.map((one) => one.maximum)),
  };
}

function coursesOf(
  variables: readonly VariableSummary[],
  { points }: Courses,
  run: string,
): readonly Course[] {
  return variables.map((variable) => ({ variable, run, points: points.get(variable.name) ?? [] }));
}

function nameOf({ variable, run }: Course): string {
  return run === "" ? variable.label : `${variable.label}, ${run}`;
}

function longRows(courses: readonly Course[]): ChartRow[] {
  const limit = Math.floor(MOST_ROWS / Math.max(1, courses.length));
  return courses.flatMap(({ variable, run, points }) =>
    decimate(points, limit).map(([time, value]) => ({
      time,
      value,
      series: variable.label,
      unit: variable.unit ?? "",
      ...(run === "" ? {} : { run }),
    })),
  );
}

function describe(courses: readonly Course[], { input }: ChartOrder, title: string): string {
  const { simulation } = input;
  const span = spanOf({ ...simulation, timeUnit: simulation.model.timeUnit });
  const texts = courses.map((course) => courseText(course.variable, nameOf(course)));
  return joinTexts([`${title}: a line chart ${span}.`, ...texts]);
}

function summaryTable(courses: readonly Course[]): ReportTable {
  return {
    caption: "Each variable's course",
    columns: ["variable", "unit", "start", "end", "lowest", "at", "highest", "at"],
    rows: courses.map((course) => {
      const { unit, initial, final, minimum, maximum, ...times } = course.variable;
      const numbers = [initial, final, minimum, times.minimumTime, maximum, times.maximumTime];
      return [nameOf(course), unit ?? "", ...numbers.map((one) => Number(one.toPrecision(6)))];
    }),
  };
}

/** Some moments of all courses; each at the nearest point there is. */
function courseTable(courses: readonly Course[], xLabel: string): ReportTable {
  const [first] = courses;
  const times = evenIndices(first?.points.length ?? 0, ROWS_OF_REPORT).flatMap(
    (at) => first?.points[at]?.[0] ?? [],
  );
  const columns = courses.map(({ points }) => {
    let at = 0;
    return times.map((time) => {
      while (at + 1 < points.length && (points[at + 1]?.[0] ?? 0) <= time) at += 1;
      return points[at]?.[1] ?? Number.NaN;
    });
  });
  return {
    caption: "The course at some moments",
    columns: [xLabel, ...courses.map((one) => axisName(nameOf(one), one.variable.unit))],
    rows: times.map((time, row) =>
      [time, ...columns.map((values) => values[row] ?? Number.NaN)].map((one) =>
        Number(one.toPrecision(6)),
      ),
    ),
  };
}
