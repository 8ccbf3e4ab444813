import type { Schedule } from "./integrate.ts";
import type { Method, Model } from "./model.ts";
import { refuse } from "./problem.ts";

/** What to change of a model's own settings of time. */
export interface ScheduleOptions {
  readonly stopTime?: number | undefined;
  readonly timeStep?: number | undefined;
  readonly method?: Method | undefined;
}

/** The most values computed in one simulation (steps times quantities); 160 MB when all are kept. */
const MAX_VALUES = 20_000_000;

/** Values computed between two looks at the signal: some 5 to 20 ms of work. */
const VALUES_PER_SLICE = 100_000;

/** How many steps a simulation has, and which of them are saved. */
export interface Plan {
  readonly steps: number;
  /** Every how many steps a row is saved. */
  readonly saveEvery: number;
  readonly rows: number;
  readonly stepsPerSlice: number;
}

/** When a simulation starts and stops, checked. */
export function scheduleOf(model: Model, options: ScheduleOptions): Schedule {
  const { startTime } = model.specs;
  const stopTime = options.stopTime ?? model.specs.stopTime;
  const timeStep = options.timeStep ?? model.specs.timeStep;
  if (!Number.isFinite(timeStep) || timeStep <= 0) {
    refuse("invalid-parameter", {}, `The time step ${timeStep} is not a positive number`);
  }
  if (!Number.isFinite(stopTime) || stopTime < startTime) {
    refuse(
      "invalid-parameter",
      {},
      `The stop time ${stopTime} is not after the start time ${startTime}`,
    );
  }
  return { startTime, stopTime, timeStep, method: options.method ?? model.specs.method };
}

/** The share of a step that may be missing at the end; covers rounding of the division. */
const STEP_TOLERANCE = 1e-9;

/** The steps of a simulation; refuses more than one can have. */
export function planOf(model: Model, schedule: Schedule, slotCount: number): Plan {
  const exact = (schedule.stopTime - schedule.startTime) / schedule.timeStep;
  const steps = Math.floor(exact * (1 + STEP_TOLERANCE) + STEP_TOLERANCE);
  if (!((steps + 1) * slotCount <= MAX_VALUES)) {
    refuse(
      "too-large",
      {},
      `${steps + 1} steps of ${slotCount} values are more than the ${MAX_VALUES} one run may have`,
      "Use a larger time step or an earlier stop time.",
    );
  }
  const saveStep = model.specs.saveStep ?? schedule.timeStep;
  const saveEvery = Math.max(1, Math.round(saveStep / schedule.timeStep));
  return {
    steps,
    saveEvery,
    rows: Math.floor(steps / saveEvery) + 1,
    stepsPerSlice: Math.max(1, Math.floor(VALUES_PER_SLICE / slotCount)),
  };
}
