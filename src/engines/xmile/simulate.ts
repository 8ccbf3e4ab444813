import type { Result } from "../../base/result.ts";
import { CLOCK } from "./clock-slots.ts";
import { compileProgram } from "./compile-program.ts";
import type { Integration, Schedule } from "./integrate.ts";
import { startIntegration } from "./integrate.ts";
import type { Method, Model, Variable } from "./model.ts";
import { nextTurn } from "./next-turn.ts";
import { listParameters, readOverrides } from "./parameters.ts";
import type { ModelProblem } from "./problem.ts";
import { attemptAsync, refuse } from "./problem.ts";
import type { Plan, ScheduleOptions } from "./schedule.ts";
import { planOf, scheduleOf } from "./schedule.ts";

/** What to change of a model's own settings, and how to follow and stop a simulation. */
export interface SimulationOptions extends ScheduleOptions {
  /** New values for constants, by name. */
  readonly parameters?: Readonly<Record<string, number>> | undefined;
  /** Called with the share that is done, 0 to 1, at most a hundred times or so. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The course of one variable. */
interface SimulationColumn {
  readonly name: string;
  readonly label: string;
  readonly kind: Variable["kind"];
  readonly unit?: string;
  readonly values: Float64Array;
}

/** The courses of all variables, in the order of the model's file, over `time`. */
export interface CourseTable {
  readonly time: Float64Array;
  readonly columns: readonly SimulationColumn[];
}

/** What a simulation gave, and how it was made. */
export interface SimulationTable extends CourseTable {
  readonly startTime: number;
  /** The last time reached: the stop time, or the last whole step before it. */
  readonly stopTime: number;
  readonly timeStep: number;
  readonly method: Method;
  /** The values of all constants, with the given ones in place. */
  readonly parameters: Readonly<Record<string, number>>;
}

/**
 * Simulates a model. Never blocks the event loop for long, stops soon after `signal` is aborted
 * (problem `cancelled`), and gives the same numbers for the same input, random functions included.
 */
export function simulate(
  model: Model,
  options: SimulationOptions = {},
): Promise<Result<SimulationTable, ModelProblem>> {
  return attemptAsync(async () => {
    const overrides = readOverrides(model, options.parameters ?? {});
    const schedule = scheduleOf(model, options);
    const program = compileProgram(model, overrides);
    const plan = planOf(model, schedule, program.slotCount);
    checkCancelled(options.signal);
    const integration = startIntegration(program, schedule);
    const table = emptyTable(model, schedule, plan);
    const slots = model.variables.map(({ name }) => program.slotOf(name) ?? 0);
    await run(integration, plan, { table, slots }, options);
    const constants = listParameters(model).map(({ name, value }) => [name, value] as const);
    return { ...table, parameters: Object.fromEntries([...constants, ...overrides]) };
  });
}

function emptyTable(
  model: Model,
  schedule: Schedule,
  plan: Plan,
): Omit<SimulationTable, "parameters"> {
  return {
    time: new Float64Array(plan.rows),
    columns: model.variables.map(({ name, label, kind, unit }) => ({
      name,
      label,
      kind,
      ...(unit === undefined ? {} : { unit }),
      values: new Float64Array(plan.rows),
    })),
    startTime: schedule.startTime,
    stopTime: schedule.startTime + plan.steps * schedule.timeStep,
    timeStep: schedule.timeStep,
    method: schedule.method,
  };
}

interface Target {
  readonly table: Omit<SimulationTable, "parameters">;
  readonly slots: readonly number[];
}

async function run(
  integration: Integration,
  plan: Plan,
  target: Target,
  { onProgress, signal }: SimulationOptions,
): Promise<void> {
  saveRow(integration.slots, target, 0);
  let reported = 0;
  for (let step = 1; step <= plan.steps; step += 1) {
    integration.advance();
    if (step % plan.saveEvery === 0) saveRow(integration.slots, target, step / plan.saveEvery);
    if (step % plan.stepsPerSlice !== 0) continue;
    await nextTurn();
    checkCancelled(signal);
    const fraction = step / plan.steps;
    if (fraction - reported < 0.01) continue;
    reported = fraction;
    onProgress?.(fraction);
  }
  onProgress?.(1);
}

function saveRow(slots: Float64Array, { table, slots: wanted }: Target, row: number): void {
  table.time[row] = slots[CLOCK.time] ?? Number.NaN;
  table.columns.forEach(({ values }, index) => {
    values[row] = slots[wanted[index] ?? 0] ?? Number.NaN;
  });
}

function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  refuse("cancelled", {}, "The simulation was cancelled", "Run it again when you want its result.");
}
