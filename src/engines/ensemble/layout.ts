/** Which variables of a model an ensemble keeps, and at which times. */
import type { Result } from "../../base/result.ts";
import type { EnsembleOrder } from "../../protocol/ensemble-data.ts";
import { compileProgram } from "../xmile/compile-program.ts";
import { canonicalElement, didYouMean } from "../xmile/identifier.ts";
import type { Model, Variable } from "../xmile/model.ts";
import { readOverrides } from "../xmile/parameters.ts";
import type { ModelProblem } from "../xmile/problem.ts";
import { attempt, refuse } from "../xmile/problem.ts";
import type { ScheduleOptions } from "../xmile/schedule.ts";
import { planOf, scheduleOf } from "../xmile/schedule.ts";
import type { EnsembleJob } from "./batch.ts";
import type { MainVariable } from "./collect.ts";
import type { ParameterSets } from "./draw-sets.ts";

/** A model, and how it is to be simulated many times. */
export interface EnsembleTask {
  readonly model: Model;
  /** The text the model was read from: threads read it again. */
  readonly modelText: string;
  readonly order: EnsembleOrder;
  readonly parameters: Readonly<Record<string, number>>;
  readonly schedule: ScheduleOptions;
}

/** What is kept of each run. */
export interface Layout {
  readonly job: EnsembleJob;
  readonly timeUnit: string;
  /** The saved times of every run. */
  readonly times: Float64Array;
  /** The variables that can differ between runs or times, in the order of the model. */
  readonly columns: readonly Variable[];
  /** Those that bands and sensitivity are of. */
  readonly main: readonly MainVariable[];
}

/** The most rows of all runs together. */
const MAX_ROWS = 5_000_000;
/** The most values of all runs together, as they are stored: some 800 MB before compression. */
const MAX_VALUES = 100_000_000;
/** The most values that are kept in memory for the bands: 128 MB. */
const MAX_KEPT_VALUES = 16_000_000;
const MAX_MAIN = 20;

/** The layout of an ensemble; refuses unknown names and what is too large. */
export function layoutOf(task: EnsembleTask, sets: ParameterSets): Result<Layout, ModelProblem> {
  return attempt(() => {
    const { model, order } = task;
    const parameters = { ...task.parameters };
    const fixed = readOverrides(model, parameters);
    const varied = sets.names.map((name) => readOverrides(model, { [name]: 1 }));
    checkTwice(sets.names, varied);
    const program = compileProgram(
      model,
      new Map([...fixed, ...varied.flatMap((one) => [...one])]),
    );
    const schedule = scheduleOf(model, task.schedule);
    const { rows, saveEvery } = planOf(model, schedule, program.slotCount);
    const names = new Set(varied.flatMap((one) => [...one.keys()]));
    const alike = program.fixedBeside(names);
    const columns = model.variables.filter(({ name }) => !alike.has(name));
    checkSize(sets.runs * rows, columns.length + 2);
    const most = Math.min(MAX_MAIN, Math.floor(MAX_KEPT_VALUES / (sets.runs * rows)));
    return {
      job: {
        modelText: task.modelText,
        seed: order.seed,
        parameters,
        schedule: task.schedule,
        varied: sets.names,
        columns: columns.map(({ name }) => name),
      },
      timeUnit: model.timeUnit,
      times: Float64Array.from(
        { length: rows },
        (_, row) => schedule.startTime + row * saveEvery * schedule.timeStep,
      ),
      columns,
      main: mainVariables(model, order.variables, columns, most),
    };
  });
}

function checkTwice(
  names: readonly string[],
  varied: readonly ReadonlyMap<string, number>[],
): void {
  const seen = new Set<string>();
  for (const [index, targets] of varied.entries()) {
    const twice = [...targets.keys()].find((name) => seen.has(name));
    if (twice !== undefined) {
      refuse(
        "invalid-parameter",
        {},
        `\`${names[index]}\` sets \`${twice}\`, which another distribution sets too`,
        "Leave one of them away.",
      );
    }
    for (const name of targets.keys()) seen.add(name);
  }
}

function checkSize(rows: number, columns: number): void {
  if (rows <= MAX_ROWS && rows * columns <= MAX_VALUES) return;
  refuse(
    "too-large",
    {},
    `${rows} rows of ${columns} columns are more than the ${MAX_ROWS} rows and ${MAX_VALUES} values one ensemble may have`,
    "Use fewer runs, an earlier stop time, or a longer save interval (isee:save_interval).",
  );
}

function mainVariables(
  model: Model,
  wanted: readonly string[] | undefined,
  columns: readonly Variable[],
  most: number,
): readonly MainVariable[] {
  const names = wanted?.map((name) => knownName(name, columns)) ?? model.highlights;
  const found = names.flatMap((name) => {
    const column = columns.findIndex((one) => one.name === name);
    const variable = columns[column];
    return variable === undefined ? [] : [{ variable, column }];
  });
  const [first] = columns;
  const all = found.length > 0 || first === undefined ? found : [{ variable: first, column: 0 }];
  if (wanted !== undefined && all.length > most) {
    refuse(
      "too-large",
      {},
      `Bands of so many runs and times can be made of ${most} variables, not of ${all.length}`,
      "Name fewer variables.",
    );
  }
  return all.slice(0, most);
}

function knownName(written: string, columns: readonly Variable[]): string {
  const name = canonicalElement(written);
  const names = columns.map((one) => one.name);
  if (names.includes(name)) return name;
  return refuse(
    "invalid-parameter",
    {},
    `\`${written.slice(0, 100)}\` is no variable that changes.${didYouMean(name, names)}`,
    "Name variables that depend on time or on what varies.",
  );
}
