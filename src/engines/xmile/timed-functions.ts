import type { Random } from "../../base/random.ts";
import { seededRandom } from "../../base/random.ts";
import { CLOCK } from "./clock-slots.ts";

type Evaluate = (slots: Float64Array) => number;

/** Where the random functions of a program draw from. */
export interface Chance {
  /** Which run is under way: where it changes, every stream begins anew. */
  readonly run: number;
  /** The stream of a call, by its place in the program or by the seed that it names. */
  streamOf(callSite: number, seed: number | undefined): Random;
}

/** The chance of a single simulation: the same numbers each time. */
export const FIXED_CHANCE: Chance = {
  run: 0,
  streamOf: (callSite, seed) => seededRandom(seed ?? 0x9e3779b9 * callSite),
};

/** The share of a time step by which two times may differ and still be one; covers rounding. */
const TIME_TOLERANCE = 1e-6;

/**
 * Compiles a function of time or chance. Steps and pulses, and what chance decides, hold for the
 * whole of a time step, so that every stage of RK4 sees the same.
 * Source: XMILE 1.0, sections 3.5.2 and 3.5.4.
 */
export function compileTimed(
  name: string,
  inputs: readonly Evaluate[],
  { callSite, chance }: { readonly callSite: number; readonly chance: Chance },
): Evaluate {
  switch (name) {
    case "step":
      return compileStep(inputs);
    case "ramp":
      return compileRamp(inputs);
    case "pulse":
      return compilePulse(inputs);
    default:
      return compileChance(name, inputs, { callSite, chance });
  }
}

function clock(slots: Float64Array, slot: number): number {
  return slots[slot] ?? Number.NaN;
}

function input(inputs: readonly Evaluate[], index: number, otherwise: number): Evaluate {
  return inputs[index] ?? (() => otherwise);
}

/** STEP(height, start): `height` from `start` on, else 0. */
function compileStep(inputs: readonly Evaluate[]): Evaluate {
  const height = input(inputs, 0, 0);
  const start = input(inputs, 1, 0);
  return (slots) => {
    const tolerance = TIME_TOLERANCE * clock(slots, CLOCK.timeStep);
    return clock(slots, CLOCK.stepTime) + tolerance >= start(slots) ? height(slots) : 0;
  };
}

/** RAMP(slope, start[, end]): rises by `slope` per unit of time from `start` (until `end`). */
function compileRamp(inputs: readonly Evaluate[]): Evaluate {
  const slope = input(inputs, 0, 0);
  const start = input(inputs, 1, 0);
  const end = input(inputs, 2, Number.POSITIVE_INFINITY);
  return (slots) => {
    const elapsed = Math.min(clock(slots, CLOCK.time), end(slots)) - start(slots);
    return elapsed > 0 ? slope(slots) * elapsed : 0;
  };
}

/** PULSE(volume[, first[, interval]]): volume / DT for one time step, so that it adds `volume`. */
function compilePulse(inputs: readonly Evaluate[]): Evaluate {
  const volume = input(inputs, 0, 0);
  const first = inputs[1];
  const interval = input(inputs, 2, 0);
  return (slots) => {
    const step = clock(slots, CLOCK.timeStep);
    const start = first === undefined ? clock(slots, CLOCK.startTime) : first(slots);
    const elapsed = (clock(slots, CLOCK.stepTime) - start) / step + TIME_TOLERANCE;
    const every = interval(slots) / step;
    const since = every > 0 && elapsed >= 0 ? elapsed % every : elapsed;
    return since >= 0 && since < 1 ? volume(slots) / step : 0;
  };
}

/** Draws once in each time step; the last argument, where given, seeds the stream. */
function compileChance(
  name: string,
  inputs: readonly Evaluate[],
  { callSite, chance }: { readonly callSite: number; readonly chance: Chance },
): Evaluate {
  const [draw, parameters] = DRAWS[name] ?? NO_DRAW;
  const first = input(inputs, 0, 0);
  const second = parameters === 2 ? input(inputs, 1, 0) : () => 0;
  const seed = inputs[parameters];
  let random: Random | undefined;
  let { run } = chance;
  let drawnAt = Number.NaN;
  let drawn = Number.NaN;
  return (slots) => {
    const now = clock(slots, CLOCK.stepTime);
    if (drawnAt !== now || run !== chance.run) {
      if (run !== chance.run) random = undefined;
      run = chance.run;
      random ??= chance.streamOf(callSite, seed?.(slots));
      drawn = draw(random, first(slots), second(slots));
      drawnAt = now;
    }
    return drawn;
  };
}

type Draw = (random: Random, first: number, second: number) => number;

const NO_DRAW: readonly [Draw, number] = [() => Number.NaN, 0];

/** How each distribution is drawn, and its number of parameters before the seed. */
const DRAWS: Readonly<Record<string, readonly [Draw, number]>> = {
  random: [uniform, 2],
  uniform: [uniform, 2],
  normal: [normal, 2],
  lognormal: [logNormal, 2],
  exprnd: [(random, mean) => -mean * Math.log(1 - random.next()), 1],
  poisson: [poisson, 1],
};

function uniform(random: Random, minimum: number, maximum: number): number {
  return minimum + (maximum - minimum) * random.next();
}

/** Box and Muller (1958): a normal number from two uniform ones. */
function normal(random: Random, mean: number, deviation: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return mean + deviation * radius * Math.cos(2 * Math.PI * random.next());
}

/** Log-normal by its own mean m and deviation s: exp N(μ, σ²), σ² = ln(1 + s²/m²), μ = ln m − σ²/2. */
function logNormal(random: Random, mean: number, deviation: number): number {
  const variance = Math.log(1 + (deviation / mean) ** 2);
  return Math.exp(normal(random, Math.log(mean) - variance / 2, Math.sqrt(variance)));
}

const POISSON_NORMAL_FROM = 500;

/** Counts exponential waits within `mean` (Knuth); for large means the normal limit, rounded. */
function poisson(random: Random, mean: number): number {
  if (!(mean >= 0)) return Number.NaN;
  if (mean > POISSON_NORMAL_FROM) {
    return Math.max(0, Math.round(normal(random, mean, Math.sqrt(mean))));
  }
  let count = -1;
  for (let waited = 0; waited <= mean; count += 1) waited -= Math.log(1 - random.next());
  return count;
}
