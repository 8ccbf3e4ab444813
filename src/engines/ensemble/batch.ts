/**
 * Simulates runs of an ensemble one after the other, in whichever thread.
 *
 * B1 What a run comes to depends on the job and its number alone, so threads can share the runs in
 *    any way.
 */
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Program } from "../xmile/compile-program.ts";
import { compileProgram } from "../xmile/compile-program.ts";
import type { Expression } from "../xmile/expression.ts";
import { partsOf } from "../xmile/expression.ts";
import type { Schedule } from "../xmile/integrate.ts";
import { startIntegration } from "../xmile/integrate.ts";
import type { Model } from "../xmile/model.ts";
import { readOverrides } from "../xmile/parameters.ts";
import type { ModelProblem } from "../xmile/problem.ts";
import { attempt } from "../xmile/problem.ts";
import type { Plan, ScheduleOptions } from "../xmile/schedule.ts";
import { planOf, scheduleOf } from "../xmile/schedule.ts";
import type { RunChance } from "./streams.ts";
import { runChance } from "./streams.ts";

/** What all runs have in common. */
export interface EnsembleJob {
  readonly modelText: string;
  readonly seed: number;
  /** Values of constants that do not vary. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly schedule: ScheduleOptions;
  /** What varies, in the order of a set's values. */
  readonly varied: readonly string[];
  /** The variables whose courses are kept, by canonical name. */
  readonly columns: readonly string[];
}

/** Runs that are computed together. */
export interface BatchOrder {
  readonly index: number;
  readonly firstRun: number;
  readonly runs: number;
  /** Run after run, a value for each name that varies. */
  readonly sets: Float64Array;
}

/** The courses of a batch: column after column, each with all rows of one run after the other. */
export type BatchValues = Float64Array<ArrayBuffer>;

/** Computes batches of a job. */
export type BatchRunner = (order: BatchOrder) => Result<BatchValues, ModelProblem>;

/** Makes the model ready with the first batch, which also tells what is wrong with it. */
export function batchRunner(model: Model, job: EnsembleJob): BatchRunner {
  const chance = runChance(job.seed);
  let prepared: Prepared | undefined;
  return (order) => {
    const ready =
      prepared === undefined ? attempt(() => prepare(model, job, chance)) : ok(prepared);
    if (!ready.ok) return ready;
    prepared = ready.value;
    const { rows } = prepared.plan;
    const values = new Float64Array(job.columns.length * order.runs * rows);
    for (let run = 0; run < order.runs; run += 1) {
      const set = order.sets.subarray(run * job.varied.length, (run + 1) * job.varied.length);
      const number = order.firstRun + run;
      chance.begin(number); // B1
      const place = { values, first: run * rows, stride: order.runs * rows };
      const done = attempt(() => simulateRun(ready.value, set, place));
      if (!done.ok) return err(inRun(done.error, number, namedValues(job.varied, set)));
    }
    return ok(values);
  };
}

/** A model made ready for all runs. */
interface Prepared {
  readonly schedule: Schedule;
  readonly plan: Plan;
  readonly programFor: (set: Float64Array) => Program;
  readonly columns: readonly string[];
}

function prepare(model: Model, job: EnsembleJob, chance: RunChance): Prepared {
  const fixed = readOverrides(model, job.parameters);
  const targets = job.varied.map((name) => [...readOverrides(model, { [name]: 0 }).keys()]);
  const overridesOf = (set: Float64Array): ReadonlyMap<string, number> => {
    const varied = targets.flatMap((names, index) =>
      names.map((name) => [name, set[index] ?? Number.NaN] as const),
    );
    return new Map([...fixed, ...varied]);
  };
  const schedule = scheduleOf(model, job.schedule);
  const compile = (set: Float64Array) => compileProgram(model, overridesOf(set), chance);
  const shared = compile(new Float64Array(job.varied.length).fill(1));
  const slots = targets.map((names) => names.map((name) => shared.slotOf(name) ?? 0));
  return {
    schedule,
    plan: planOf(model, schedule, shared.slotCount),
    columns: job.columns,
    programFor: buildsInConstants(model) ? compile : (set) => withValues(shared, slots, set),
  };
}

/** A delay or smooth of order n is as many stocks as a constant says: another n, another program. */
function buildsInConstants(model: Model): boolean {
  const builds = (expression: Expression): boolean =>
    (expression.type === "call" && /^(?:delayn|smthn)$/u.test(expression.name)) ||
    partsOf(expression).some(builds);
  return [...model.variables, ...model.hidden].some((variable) =>
    builds(variable.kind === "stock" ? variable.initial : variable.formula),
  );
}

/** The program with other values of constants: they are computed at the start alone. */
function withValues(
  program: Program,
  slots: readonly (readonly number[])[],
  set: Float64Array,
): Program {
  const values = new Map(
    slots.flatMap((ofOne, index) => ofOne.map((slot) => [slot, set[index] ?? Number.NaN] as const)),
  );
  const start = program.start.map((assignment) => {
    const value = values.get(assignment.slot);
    return value === undefined ? assignment : { ...assignment, evaluate: () => value };
  });
  return { ...program, start };
}

/** Where a run's rows go: from `first` on in each column, the columns `stride` apart. */
interface RunPlace {
  readonly values: Float64Array;
  readonly first: number;
  readonly stride: number;
}

function simulateRun(prepared: Prepared, set: Float64Array, place: RunPlace): void {
  const { plan, schedule } = prepared;
  const program = prepared.programFor(set);
  const columns = prepared.columns.map((name) => program.slotOf(name) ?? 0);
  const integration = startIntegration(program, schedule);
  const save = (row: number): void => {
    columns.forEach((slot, column) => {
      const at = place.first + column * place.stride + row;
      place.values[at] = integration.slots[slot] ?? Number.NaN;
    });
  };
  save(0);
  for (let step = 1; step <= plan.steps; step += 1) {
    integration.advance();
    if (step % plan.saveEvery === 0) save(step / plan.saveEvery);
  }
}

const MOST_VALUES_TOLD = 5;

function namedValues(names: readonly string[], set: Float64Array): string {
  const told = names.slice(0, MOST_VALUES_TOLD).map((name, index) => `${name} ${set[index]}`);
  return names.length > MOST_VALUES_TOLD ? `${told.join(", ")}, …` : told.join(", ");
}

function inRun(problem: ModelProblem, run: number, values: string): ModelProblem {
  const message = `In run ${run + 1} (${values}): ${problem.message}`.slice(0, 1000);
  return { ...problem, message };
}
