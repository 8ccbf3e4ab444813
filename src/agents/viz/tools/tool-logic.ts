/**
 * Draws a simulation's table as a chart.
 *
 * T1 Nothing is read from a table whose content is not what its hash says.
 * T2 What is returned fits a message: few points in few digits.
 * T3 A spec of the user's own is drawn apart, in a process of its own.
 */
import { errorMessage } from "../../../base/error-message.ts";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import type { ChartSpec } from "../../../engines/chart/chart-spec.ts";
import type { ChartChoice } from "../../../engines/chart/choose-chart.ts";
import { chooseChart, turnsOf } from "../../../engines/chart/choose-chart.ts";
import type { ApartLimits } from "../../../engines/chart/draw-apart.ts";
import { drawApart } from "../../../engines/chart/draw-apart.ts";
import type { Courses } from "../../../engines/chart/read-table.ts";
import { readCourses } from "../../../engines/chart/read-table.ts";
import type { DrawnChart } from "../../../engines/chart/render.ts";
import { renderChart } from "../../../engines/chart/render.ts";
import type {
  SimulationOutput,
  VariableSummary,
  VizInput,
  VizOutput,
} from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { ArtifactStore } from "../../../session/artifact-store.ts";
import { folderArtifactStore } from "../../../session/artifact-store.ts";
import { TEXT_BOX, textOf } from "./chart-text.ts";
import { chooseVariables } from "./choose-variables.ts";
import type { ToolConfig } from "./config.ts";
import { drawCourses } from "./draw-courses.ts";
import { drawBands, drawTornado } from "./draw-ensemble.ts";
import { checkOwnSpec, withOwnSpec } from "./draw-own-spec.ts";
import { drawHistogram, drawPhase, drawScatter } from "./draw-plane.ts";
import type { ChartOrder, Drawing, TableSource } from "./drawing.ts";
import { unusable } from "./drawing.ts";
import { reportOf, storeChart } from "./store-chart.ts";

/** The column of the table that courses are drawn over. */
const TIME = "time";

/** What a call of the tool stands in. */
export interface ToolSurroundings {
  readonly config: ToolConfig;
  /** Told how far the work is, from 0 to 1. */
  readonly onProgress: (fraction: number, message: string) => void;
  readonly signal: AbortSignal;
  /** Limits of a spec of the user's own, where they are not the usual ones. */
  readonly specLimits?: ApartLimits;
}

/** A chart, and the same as plain text. */
export interface ToolAnswer {
  readonly output: VizOutput;
  readonly text: string;
}

/** Draws the chart and stores it; every expected trouble, cancellation too, is a failure. */
export async function drawChartTool(
  input: VizInput,
  surroundings: ToolSurroundings,
): Promise<Result<ToolAnswer, Failure>> {
  try {
    return await drawChart(input, surroundings);
  } catch (cause) {
    if (!surroundings.signal.aborted) throw cause;
    return err({ kind: "cancelled", message: "The drawing was cancelled." });
  }
}

async function drawChart(
  input: VizInput,
  surroundings: ToolSurroundings,
): Promise<Result<ToolAnswer, Failure>> {
  const { config, onProgress, signal } = surroundings;
  const store = folderArtifactStore(config.artifactFolder);
  onProgress(0.05, "checking the table");
  const checked = await checkInput(input, store);
  if (!checked.ok) return checked;
  const { variables, spec } = checked.value;
  signal.throwIfAborted();
  onProgress(0.15, "reading the table");
  const tables = { folder: config.artifactFolder, signal, pathOf: store.pathOf };
  const planned = await planDrawing(input, { variables, spec, tables });
  if (!planned.ok) return planned;
  const { drawing, choice } = planned.value;
  onProgress(0.4, "drawing");
  const drawn = await render(drawing, spec !== undefined, surroundings);
  if (!drawn.ok) return drawn;
  onProgress(0.85, "storing the chart");
  const chart = spec === undefined ? choice.kind : "own";
  const reason = spec === undefined ? choice.reason : "it is a spec of your own";
  const version = config.version ?? "";
  const told = { input, svg: drawn.value.svg, chart: `${chart}, because ${reason}`, version };
  const files = await storeChart(store, drawn.value, reportOf(drawing, told));
  onProgress(1, "done");
  const { title, description, xLabel, mark, series } = drawing;
  const output: VizOutput = {
    title,
    description,
    chart,
    reason,
    mark,
    xLabel,
    ...files,
    series: [...series],
  };
  return ok({ output, text: drawn.value.text ?? textOf(output) }); // T2
}

/** A chart as files, and as text where it was not drawn here. */
async function render(
  drawing: Drawing,
  isOwn: boolean,
  { signal, specLimits }: ToolSurroundings,
): Promise<Result<DrawnChart & { readonly text?: string }, Failure>> {
  const { spec, rows } = drawing;
  if (!isOwn) return await renderChart(spec, rows, signal);
  const drawn = await drawApart({ spec, rows, box: TEXT_BOX }, signal, specLimits); // T3
  if (!drawn.ok) return drawn;
  const { lines, ...chart } = drawn.value;
  return ok({ ...chart, text: lines.join("\n") });
}

interface CheckedInput {
  readonly variables: readonly VariableSummary[];
  readonly spec: ChartSpec | undefined;
}

/** The variables to draw and the user's spec, once all that can be told beforehand is in order. */
async function checkInput(
  input: VizInput,
  store: ArtifactStore,
): Promise<Result<CheckedInput, Failure>> {
  const variables = chooseVariables(input);
  if (!variables.ok) return variables;
  const spec = input.spec === undefined ? undefined : checkOwnSpec(input.spec, input.simulation);
  if (spec?.ok === false) return spec;
  const used = [input.simulation.data, input.compareWith?.data, input.bands, input.sensitivity];
  for (const table of used) {
    const state = table === undefined ? "intact" : await store.verify(table); // T1
    if (state === "missing") return unusable("A table to draw is not in the artifact folder.");
    if (state === "damaged") return unusable("A table to draw was changed after it was made.");
  }
  return ok({ variables: variables.value, spec: spec?.value });
}

interface PlannedDrawing {
  readonly drawing: Drawing;
  readonly choice: ChartChoice;
}

/** The drawing; a table that cannot be read is a failure. */
async function planDrawing(
  input: VizInput,
  { variables, spec, tables }: CheckedInput & { readonly tables: TableSource },
): Promise<Result<PlannedDrawing, Failure>> {
  try {
    const courses = await coursesOf(input.simulation, variables, tables);
    if (!courses.ok) return courses;
    const choice =
      spec === undefined ? choose(input, variables, courses.value) : ok(CHOICE_BESIDE_OWN);
    if (!choice.ok) return choice;
    const order = { input, variables, choice: choice.value, tables };
    const drawing = await drawingOf(order, courses.value);
    if (!drawing.ok || spec === undefined) return withChoice(drawing, choice.value);
    const own = await withOwnSpec(drawing.value, {
      ...{ spec, tables, title: input.title, simulation: input.simulation },
      variables: variables.map((one) => one.name),
    });
    return withChoice(own, choice.value);
  } catch (cause) {
    tables.signal.throwIfAborted();
    return unusable(`The simulation's table cannot be read: ${errorMessage(cause).slice(0, 500)}`);
  }
}

/** A spec of the user's own goes with plain lines in the terminal. */
const CHOICE_BESIDE_OWN: ChartChoice = { kind: "line", reason: "the variables change over time" };

function withChoice(
  drawing: Result<Drawing, Failure>,
  choice: ChartChoice,
): Result<PlannedDrawing, Failure> {
  return drawing.ok ? ok({ drawing: drawing.value, choice }) : drawing;
}

async function coursesOf(
  simulation: SimulationOutput,
  variables: readonly VariableSummary[],
  tables: TableSource,
): Promise<Result<Courses, Failure>> {
  const columns = variables.map((one) => one.name);
  const path = tables.pathOf(simulation.data);
  const courses = await readCourses(path, { ...tables, time: TIME, columns });
  const missing = columns.find((name) => !courses.points.has(name));
  if (missing === undefined) return ok(courses);
  return unusable(`The simulation's table has no column "${missing}", or none called "${TIME}".`);
}

function choose(
  input: VizInput,
  variables: readonly VariableSummary[],
  { order, points }: Courses,
): Result<ChartChoice, Failure> {
  return chooseChart({
    wish: input.chart,
    order,
    subjects: variables.map(({ name, unit = "", minimum, maximum }) => ({
      ...{ unit, minimum, maximum },
      turns: turnsOf((points.get(name) ?? []).map(([, value]) => value)),
    })),
    named: (input.variables ?? []).length > 0,
    hasBands: input.bands !== undefined,
    hasSensitivity: input.sensitivity !== undefined,
    isCompared: input.compareWith !== undefined,
  });
}

async function drawingOf(order: ChartOrder, courses: Courses): Promise<Result<Drawing, Failure>> {
  switch (order.choice.kind) {
    case "line":
    case "small-multiples":
      return await drawLines(order, courses);
    case "band":
      return await drawBands(order);
    case "tornado":
      return await drawTornado(order);
    case "scatter":
      return await drawScatter(order);
    case "phase":
      return await drawPhase(order);
    case "histogram":
      return await drawHistogram(order);
  }
}

async function drawLines(order: ChartOrder, courses: Courses): Promise<Result<Drawing, Failure>> {
  const { compareWith } = order.input;
  if (compareWith === undefined) return drawCourses(order, courses);
  const names = new Set(compareWith.variables.map(({ name }) => name));
  const shared = order.variables.filter(({ name }) => names.has(name));
  const other = await coursesOf(compareWith, shared, order.tables);
  return other.ok ? drawCourses(order, courses, other.value) : other;
}
