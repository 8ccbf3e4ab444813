/** A function of its arguments alone. */
export interface PureFunction {
  readonly least: number;
  readonly most: number;
  readonly apply: (...values: readonly number[]) => number;
}

const MANY = 100;

function of(least: number, most: number, apply: PureFunction["apply"]): PureFunction {
  return { least, most, apply };
}

function one(apply: (value: number) => number): PureFunction {
  return of(1, 1, (value = Number.NaN) => apply(value));
}

/** The remainder with the sign of the divisor (floored), as XMILE 1.0, section 3.3.1, has it. */
export function flooredRemainder(dividend: number, divisor: number): number {
  const remainder = dividend % divisor;
  return remainder !== 0 && remainder < 0 !== divisor < 0 ? remainder + divisor : remainder;
}

/** To the nearest whole number, halves away from zero. */
function round(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

/** `a / b`, or `otherwise` where `b` is 0. */
function safeDivision(a = Number.NaN, b = Number.NaN, otherwise = 0): number {
  return b === 0 ? otherwise : a / b;
}

/**
 * The built-ins without memory. INT is the next whole number below, also for negative numbers.
 * Source: XMILE 1.0, section 3.5.1; ROUND, SINH, COSH, TANH and SIGN are common extensions.
 */
export const PURE_FUNCTIONS: ReadonlyMap<string, PureFunction> = new Map<string, PureFunction>([
  ["abs", one(Math.abs)],
  ["arccos", one(Math.acos)],
  ["arcsin", one(Math.asin)],
  ["arctan", one(Math.atan)],
  ["cos", one(Math.cos)],
  ["cosh", one(Math.cosh)],
  ["exp", one(Math.exp)],
  ["int", one(Math.floor)],
  ["ln", one(Math.log)],
  ["log10", one(Math.log10)],
  ["max", of(1, MANY, Math.max)],
  ["min", of(1, MANY, Math.min)],
  ["mod", of(2, 2, (a = Number.NaN, b = Number.NaN) => flooredRemainder(a, b))],
  ["round", one(round)],
  ["safediv", of(2, 3, safeDivision)],
  ["sign", one(Math.sign)],
  ["sin", one(Math.sin)],
  ["sinh", one(Math.sinh)],
  ["sqrt", one(Math.sqrt)],
  ["tan", one(Math.tan)],
  ["tanh", one(Math.tanh)],
]);

/** Names that stand for a number. */
export const NAMED_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["pi", Math.PI],
  ["inf", Number.POSITIVE_INFINITY],
]);

/** Functions of time and chance, with the least and most arguments they take. */
export const TIMED_FUNCTIONS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["step", [2, 2]],
  ["ramp", [2, 3]],
  ["pulse", [1, 3]],
  ["random", [2, 3]],
  ["uniform", [2, 3]],
  ["normal", [2, 3]],
  ["lognormal", [2, 3]],
  ["exprnd", [1, 2]],
  ["poisson", [1, 2]],
]);

/** Functions with memory, with the least and most arguments they take. */
export const MEMORY_FUNCTIONS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["init", [1, 1]],
  ["previous", [2, 2]],
  ["delay", [2, 3]],
  ["delay1", [2, 3]],
  ["delay3", [2, 3]],
  ["delayn", [3, 4]],
  ["smth1", [2, 3]],
  ["smth3", [2, 3]],
  ["smthn", [3, 4]],
  ["trend", [2, 3]],
  ["forcst", [3, 4]],
]);

/** Built-ins of arrays, which get their own explanation. */
export const ARRAY_FUNCTIONS: ReadonlySet<string> = new Set([
  "sum",
  "mean",
  "stddev",
  "size",
  "rank",
  "prod",
]);

/** Every function an equation can call, for suggestions. */
export function builtinNames(): readonly string[] {
  return [
    ...PURE_FUNCTIONS.keys(),
    ...TIMED_FUNCTIONS.keys(),
    ...MEMORY_FUNCTIONS.keys(),
    "lookup",
  ];
}
