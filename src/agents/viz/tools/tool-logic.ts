/**
 * Draws a simulation's table as a chart.
 *
 * T1 Nothing is read from a table whose content is not what its hash says.
 * T2 What is stored draws the same chart anywhere: the spec carries its rows.
 * T3 What is returned fits a message: few points in few digits.
 */
import { errorMessage } from "../../../base/error-message.ts";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import { checkSpec, refuse } from "../../../engines/chart/check-spec.ts";
import type { ChartPlan, ChartRow, ChartSpec } from "../../../engines/chart/choose-spec.ts";
import { chooseSpec } from "../../../engines/chart/choose-spec.ts";
import type { Point } from "../../../engines/chart/decimate.ts";
import { decimate, evenIndices } from "../../../engines/chart/decimate.ts";
import type { Table } from "../../../engines/chart/read-table.ts";
import { readTable } from "../../../engines/chart/read-table.ts";
import type { DrawnChart } from "../../../engines/chart/render.ts";
import { renderChart } from "../../../engines/chart/render.ts";
import { columnsMentioned, unknownFields } from "../../../engines/chart/spec-fields.ts";
import { CHART_CONFIG } from "../../../engines/chart/theme.ts";
import type {
  ChartSeries,
  SimulationOutput,
  VariableSummary,
  VizInput,
  VizOutput,
} from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { ArtifactStore } from "../../../session/artifact-store.ts";
import { folderArtifactStore } from "../../../session/artifact-store.ts";
import { chooseVariables, nearestNames } from "./choose-variables.ts";
import type { ToolConfig } from "./config.ts";

/** The column of the table that all others are drawn over. */
const TIME = "time";
/** Points in a picture and its spec, over all series: more cannot be seen and slow the drawing. */
const MOST_ROWS = 4000;
const MOST_ROWS_OF_OWN_SPEC = 2000;
const MOST_COLUMNS = 50;
/** Points returned for the terminal: over all series, and of one series. */
const MOST_POINTS = 2400;
const MOST_POINTS_PER_SERIES = 400;
const DIGITS = 8;

/** What a call of the tool stands in. */
export interface ToolSurroundings {
  readonly config: ToolConfig;
  /** Told how far the work is, from 0 to 1. */
  readonly onProgress: (fraction: number, message: string) => void;
  readonly signal: AbortSignal;
}

interface Drawing {
  readonly title: string;
  readonly description: string;
  readonly xLabel: string;
  readonly spec: ChartSpec;
  readonly rows: readonly ChartRow[];
}

/** Draws the chart and stores it; every expected trouble, cancellation too, is a failure. */
export async function drawChartTool(
  input: VizInput,
  surroundings: ToolSurroundings,
): Promise<Result<VizOutput, Failure>> {
  try {
    return await drawChart(input, surroundings);
  } catch (cause) {
    if (!surroundings.signal.aborted) throw cause;
    return err({ kind: "cancelled", message: "The drawing was cancelled." });
  }
}

async function drawChart(
  input: VizInput,
  { config, onProgress, signal }: ToolSurroundings,
): Promise<Result<VizOutput, Failure>> {
  const store = folderArtifactStore(config.artifactFolder);
  onProgress(0.05, "checking the table");
  const checked = await checkInput(input, store);
  if (!checked.ok) return checked;
  const { variables, spec } = checked.value;
  signal.throwIfAborted();
  onProgress(0.15, "reading the table");
  const table = await readColumns(input.simulation, {
    ...{ store, config, signal },
    columns: columnsToRead(input.simulation, variables, spec),
  });
  if (!table.ok) return table;
  const courses = coursesOf(table.value, variables);
  if (!courses.ok) return courses;
  const plan = chooseSpec(input.simulation, variables, input.title);
  const drawing =
    spec === undefined
      ? { ...plan, rows: longRows(courses.value) }
      : ownDrawing(plan, { input, spec, table: table.value });
  onProgress(0.4, "drawing");
  const drawn = await renderChart(drawing.spec, drawing.rows, signal);
  if (!drawn.ok) return drawn;
  onProgress(0.85, "storing the chart");
  const files = await storeFiles(store, drawing.title, drawn.value);
  onProgress(1, "done");
  const { title, description, xLabel } = drawing;
  return ok({ title, description, xLabel, ...files, series: seriesOf(courses.value) });
}

/** The variables to draw and the user's spec, once all that can be told beforehand is in order. */
async function checkInput(
  input: VizInput,
  store: ArtifactStore,
): Promise<
  Result<{ readonly variables: readonly VariableSummary[]; readonly spec?: ChartSpec }, Failure>
> {
  const variables = chooseVariables(input);
  if (!variables.ok) return variables;
  const spec = input.spec === undefined ? undefined : checkOwnSpec(input.spec, input.simulation);
  if (spec?.ok === false) return spec;
  const state = await store.verify(input.simulation.data); // T1
  if (state !== "intact") return err(tableFailure(state));
  return ok({ variables: variables.value, ...(spec === undefined ? {} : { spec: spec.value }) });
}

function checkOwnSpec(spec: ChartSpec, simulation: SimulationOutput): Result<ChartSpec, Failure> {
  const checked = checkSpec(spec);
  if (!checked.ok) return checked;
  const columns = [TIME, ...simulation.variables.map((one) => one.name)];
  const [unknown] = unknownFields(checked.value, columns);
  if (unknown === undefined) return checked;
  const nearest = nearestNames(unknown, columns).join(", ");
  return refuse(
    `It draws the field "${unknown}", which the table does not have; near: ${nearest}.`,
  );
}

function tableFailure(state: "missing" | "damaged"): Failure {
  const what =
    state === "missing" ? "is not in the artifact folder" : "was changed after it was made";
  return {
    kind: "invalid-input",
    message: `The simulation's table ${what}.`,
    nextStep: "Rerun the simulation, then draw again.",
  };
}

function columnsToRead(
  simulation: SimulationOutput,
  variables: readonly VariableSummary[],
  spec: ChartSpec | undefined,
): string[] {
  const drawn = variables.map((one) => one.name);
  const all = simulation.variables.map((one) => one.name);
  const mentioned = spec === undefined ? [] : columnsMentioned(spec, all);
  return [...new Set([TIME, ...drawn, ...mentioned])].slice(0, MOST_COLUMNS);
}

async function readColumns(
  simulation: SimulationOutput,
  source: {
    readonly store: ArtifactStore;
    readonly config: ToolConfig;
    readonly signal: AbortSignal;
    readonly columns: readonly string[];
  },
): Promise<Result<Table, Failure>> {
  const { store, config, signal, columns } = source;
  try {
    const path = store.pathOf(simulation.data);
    return ok(await readTable(path, { folder: config.artifactFolder, columns, signal }));
  } catch (cause) {
    signal.throwIfAborted();
    return err({
      kind: "invalid-input",
      message: `The simulation's table cannot be read: ${errorMessage(cause).slice(0, 500)}`,
      nextStep: "Rerun the simulation, then draw again.",
    });
  }
}

interface Course {
  readonly variable: VariableSummary;
  readonly points: readonly Point[];
}

/** Each variable's points in order of time; moments without a finite value are left out. */
function coursesOf(
  table: Table,
  variables: readonly VariableSummary[],
): Result<readonly Course[], Failure> {
  const times = table.get(TIME);
  const missing = variables.find((one) => !table.has(one.name));
  if (times === undefined || missing !== undefined) {
    return err({
      kind: "invalid-input",
      message: `The simulation's table has no column "${missing?.name ?? TIME}".`,
      nextStep: "Rerun the simulation, then draw again.",
    });
  }
  return ok(
    variables.map((variable) => {
      const values = table.get(variable.name) ?? [];
      const points = times.map((time, row): Point => [time, values[row] ?? Number.NaN]);
      return { variable, points: points.filter((point) => point.every(Number.isFinite)) };
    }),
  );
}

function longRows(courses: readonly Course[]): ChartRow[] {
  const limit = Math.floor(MOST_ROWS / Math.max(1, courses.length));
  return courses.flatMap(({ variable, points }) =>
    decimate(points, limit).map(([time, value]) => ({
      time,
      value,
      series: variable.label,
      unit: variable.unit ?? "",
    })),
  );
}

function ownDrawing(
  plan: ChartPlan,
  own: { readonly input: VizInput; readonly spec: ChartSpec; readonly table: Table },
): Drawing {
  const { input, spec, table } = own;
  const title = input.title ?? spec["title"];
  const description = spec["description"];
  const config = spec["config"];
  return {
    title: typeof title === "string" ? title.slice(0, 200) : plan.title,
    description: typeof description === "string" ? description.slice(0, 2000) : plan.description,
    xLabel: plan.xLabel,
    spec: {
      ...spec,
      ...(title === undefined ? {} : { title }),
      config: { ...CHART_CONFIG, ...(typeof config === "object" ? config : {}) },
    },
    rows: wideRows(table),
  };
}

function wideRows(table: Table): ChartRow[] {
  const count = table.get(TIME)?.length ?? 0;
  return evenIndices(count, MOST_ROWS_OF_OWN_SPEC).map((row) => {
    const cells = [...table].map(([name, values]): [string, number | null] => {
      const value = values[row] ?? Number.NaN;
      return [name, Number.isFinite(value) ? value : null];
    });
    return Object.fromEntries(cells);
  });
}

async function storeFiles(
  store: ArtifactStore,
  title: string,
  { svg, png, spec }: DrawnChart,
): Promise<Pick<VizOutput, "svg" | "png" | "spec">> {
  const name = fileName(title);
  const text = new TextEncoder();
  const [svgFile, pngFile, specFile] = await Promise.all([
    store.put(text.encode(svg), { name: `${name}.svg`, mediaType: "image/svg+xml" }),
    store.put(png, { name: `${name}.png`, mediaType: "image/png" }),
    store.put(text.encode(JSON.stringify(spec)), {
      name: `${name}.vl.json`, // T2
      mediaType: "application/json",
    }),
  ]);
  return { svg: svgFile, png: pngFile, spec: specFile };
}

function fileName(title: string): string {
  const plain = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return plain.replaceAll(/^-+|-+$/g, "").slice(0, 60) || "chart";
}

function seriesOf(courses: readonly Course[]): ChartSeries[] {
  const share = Math.floor(MOST_POINTS / Math.max(1, courses.length));
  const limit = Math.min(MOST_POINTS_PER_SERIES, share);
  return courses.map(({ variable, points }) => ({
    name: variable.label,
    ...(variable.unit === undefined ? {} : { unit: variable.unit }),
    points: decimate(points, limit).map(([time, value]) => [short(time), short(value)]),
  }));
}

function short(value: number): number {
  return Number(value.toPrecision(DIGITS)); // T3
}
