/**
 * Integrates a program step by step.
 *
 * N1 Between two calls all slots hold the values of one moment, which the clock slots name.
 * N2 Time is start + n · dt, never a sum, so that rounding does not grow with the steps.
 * N3 Every value is finite, or the simulation is refused with the first variable that is not.
 */
import { CLOCK } from "./clock-slots.ts";
import type { Evaluate } from "./compile-expression.ts";
import type { Assignment, Program } from "./compile-program.ts";
import type { Method } from "./model.ts";
import { refuse } from "./problem.ts";

/** When a simulation starts and stops, and how it steps between. */
export interface Schedule {
  readonly startTime: number;
  readonly stopTime: number;
  readonly timeStep: number;
  readonly method: Method;
}

/** A simulation under way. */
export interface Integration {
  /** The values of this moment; read only. */
  readonly slots: Float64Array;
  /** Goes one time step forward. */
  advance(): void;
}

/** Gives every quantity its value at the start. */
export function startIntegration(program: Program, schedule: Schedule): Integration {
  const slots = new Float64Array(program.slotCount);
  slots[CLOCK.timeStep] = schedule.timeStep;
  slots[CLOCK.startTime] = schedule.startTime;
  slots[CLOCK.stopTime] = schedule.stopTime;
  setTime(slots, schedule.startTime);
  evaluate(program.start, slots);
  const recall = memoriesOf(program, schedule.timeStep);
  const stocks: Stocks = {
    slots: Int32Array.from(program.stocks, ({ slot }) => slot),
    changes: program.stocks.map((stock) => stock.evaluate),
    count: program.stocks.length,
  };
  const bounded = program.stocks.filter(({ nonNegative }) => nonNegative);
  const integrate =
    schedule.method === "rk4" ? rungeKutta(stocks, program.formulas) : euler(stocks);
  let step = 0;
  return {
    slots,
    advance() {
      const remembered = recall(slots, step);
      integrate(slots);
      for (const { slot } of bounded) {
        if ((slots[slot] ?? 0) < 0) slots[slot] = 0;
      }
      step += 1;
      setTime(slots, schedule.startTime + step * schedule.timeStep); // N2
      program.memories.forEach(({ slot }, index) => {
        slots[slot] = remembered[index] ?? Number.NaN;
      });
      checkAll(program.stocks, slots);
      checkAll(program.memories, slots);
      evaluate(program.held, slots);
      evaluate(program.formulas, slots);
    },
  };
}

function setTime(slots: Float64Array, time: number): void {
  slots[CLOCK.time] = time;
  slots[CLOCK.stepTime] = time;
}

function evaluate(assignments: readonly Assignment[], slots: Float64Array): void {
  for (const assignment of assignments) {
    const value = assignment.evaluate(slots);
    slots[assignment.slot] = value;
    if (value - value !== 0) refuseValue(assignment, slots); // N3: true of NaN and infinities.
  }
}

function checkAll(assignments: readonly Assignment[], slots: Float64Array): void {
  for (const assignment of assignments) {
    if (!Number.isFinite(slots[assignment.slot])) refuseValue(assignment, slots); // N3
  }
}

function refuseValue({ slot, place }: Assignment, slots: Float64Array): never {
  const value = slots[slot] ?? Number.NaN;
  const what = Number.isNaN(value) ? "not a number" : "infinite";
  return refuse(
    "not-finite",
    place,
    `The value becomes ${what} at time ${slots[CLOCK.time]}`,
    "Look for a division by zero (SAFEDIV helps), a root or logarithm of a negative number, or " +
      "unbounded growth; a smaller time step may also help.",
  );
}

/** A method's own working space over the stocks, made once for a whole simulation. */
interface Stocks {
  readonly slots: Int32Array;
  readonly changes: readonly Evaluate[];
  readonly count: number;
}

type Integrate = (slots: Float64Array) => void;

function rate(stocks: Stocks, index: number, slots: Float64Array): number {
  return stocks.changes[index]?.(slots) ?? 0;
}

/** Euler's method: y(t + h) = y(t) + h · y'(t). */
function euler(stocks: Stocks): Integrate {
  const rates = new Float64Array(stocks.count);
  return (slots) => {
    const step = slots[CLOCK.timeStep] ?? 0;
    for (let index = 0; index < stocks.count; index += 1) {
      rates[index] = rate(stocks, index, slots);
    }
    for (let index = 0; index < stocks.count; index += 1) {
      const slot = stocks.slots[index] ?? 0;
      slots[slot] = (slots[slot] ?? 0) + step * (rates[index] ?? 0);
    }
  };
}

/** At which share of the step RK4's next stage stands, and how many sixths the last one weighs. */
const STAGES = [
  { next: 0.5, weight: 1 },
  { next: 0.5, weight: 2 },
  { next: 1, weight: 2 },
  { next: 0, weight: 1 },
] as const;

/** The classic fourth-order method of Runge and Kutta (Kutta 1901). */
function rungeKutta(stocks: Stocks, formulas: readonly Assignment[]): Integrate {
  const before = new Float64Array(stocks.count);
  const rates = new Float64Array(stocks.count);
  const slope = new Float64Array(stocks.count);
  const moveTo = (slots: Float64Array, distance: number, along: Float64Array): void => {
    for (let index = 0; index < stocks.count; index += 1) {
      slots[stocks.slots[index] ?? 0] = (before[index] ?? 0) + distance * (along[index] ?? 0);
    }
  };
  const keep = (slots: Float64Array): void => {
    slope.fill(0);
    for (let index = 0; index < stocks.count; index += 1) {
      before[index] = slots[stocks.slots[index] ?? 0] ?? 0;
    }
  };
  const addRates = (slots: Float64Array, weight: number): void => {
    for (let index = 0; index < stocks.count; index += 1) {
      rates[index] = rate(stocks, index, slots);
      slope[index] = (slope[index] ?? 0) + weight * (rates[index] ?? 0);
    }
  };
  return (slots) => {
    const step = slots[CLOCK.timeStep] ?? 0;
    const startTime = slots[CLOCK.time] ?? 0;
    keep(slots);
    for (const { next, weight } of STAGES) {
      addRates(slots, weight);
      if (next === 0) break;
      slots[CLOCK.time] = startTime + next * step;
      moveTo(slots, next * step, rates);
      evaluate(formulas, slots);
    }
    moveTo(slots, step / 6, slope);
  };
}

/** Computes what each memory will hold at the next step, from this step's values. */
function memoriesOf(
  program: Program,
  timeStep: number,
): (slots: Float64Array, step: number) => readonly number[] {
  const histories = program.memories.map((): number[] => []);
  const starts: number[] = [];
  return (slots, step) =>
    program.memories.map(({ slot, evaluate: input, lag }, index) => {
      if (step === 0) starts[index] = slots[slot] ?? Number.NaN;
      const value = input(slots);
      if (lag === undefined) return value;
      const history = histories[index] ?? [];
      history.push(value);
      const steps = Math.max(1, Math.round(lag(slots) / timeStep));
      return history[step + 1 - steps] ?? starts[index] ?? Number.NaN;
    });
}
