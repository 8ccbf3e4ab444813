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

/** To the nearest whole number, halves away from zero. */
function round(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

/** `a / b`, or `otherwise` where `b` is 0. */
function safeDivision(a = Number.NaN, b = Number.NaN, otherwise = 0): number {
  return b === 0 ? otherwise : a / b;
}

/**
 * The built-ins without memory. INT goes towards zero and MOD has the sign of the
 * dividend, as published outputs of models have them. Source: XMILE 1.0, section 3.5.1; ROUND, SINH, COSH, TANH and SIGN are common extensions.
 */
export const PURE_FUNCTIONS: ReadonlyMap<string, PureFunction> = new Map<string, PureFunction>([
  ["abs", one(Math.abs)],
  ["arccos", one(Math.acos)],
  ["arcsin", one(Math.asin)],
  ["arctan", one(Math.atan)],
  ["cos", one(Math.cos)],
  ["cosh", one(Math.cosh)],
  ["exp", one(Math.exp)],
  ["int", one(Math.trunc)],
  ["ln", one(Math.log)],
  ["log10", one(Math.log10)],
  ["max", of(1, MANY, Math.max)],
  ["min", of(1, MANY, Math.min)],
  ["mod", of(2, 2, (a = Number.NaN, b = Number.NaN) => a % b)],
  ["round", one(round)],
  ["safediv", of(2, 3, safeDivision)],
  ["sign", one(Math.sign)],
  ["sin", one(Math.sin)],
  ["sinh", one(Math.sinh)],
  ["sqrt", one(Math.sqrt)],
  ["tan", one(Math.tan)],
  ["tanh", one(Math.tanh)],
]);

const ANY = Number.POSITIVE_INFINITY;

function sumOf(...values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** The deviation of the values themselves, not of a population they were drawn from. */
function deviationOf(...values: readonly number[]): number {
  const mean = sumOf(...values) / values.length;
  return Math.sqrt(sumOf(...values.map((value) => (value - mean) ** 2)) / values.length);
}

/** The place, from 1, of the value that is `rank`th from the lowest; 0 where there is none. */
function rankOf(rank = Number.NaN, ...values: readonly number[]): number {
  return rankTied(rank, ...values, ...values.map(() => 0));
}

/** As `rankOf`; the second half of the values decides where values of the first are equal. */
function rankTied(rank = Number.NaN, ...both: readonly number[]): number {
  const count = both.length / 2;
  const order = Array.from({ length: count }, (_, index) => index);
  const at = (index: number): number => both[index] ?? Number.NaN;
  order.sort((a, b) => at(a) - at(b) || at(count + a) - at(count + b) || a - b);
  return (order[Math.floor(rank) - 1] ?? -1) + 1;
}

/**
 * What the built-ins of arrays come to once the elements are listed. The names hold a space, so
 * that no equation can call them.
 */
export const ELEMENT_FUNCTIONS: ReadonlyMap<string, PureFunction> = new Map<string, PureFunction>([
  ["sum of", of(1, ANY, sumOf)],
  ["mean of", of(1, ANY, (...values) => sumOf(...values) / values.length)],
  ["prod of", of(1, ANY, (...values) => values.reduce((product, value) => product * value, 1))],
  ["stddev of", of(1, ANY, deviationOf)],
  ["max of", of(1, ANY, Math.max)],
  ["min of", of(1, ANY, Math.min)],
  ["rank of", of(2, ANY, rankOf)],
  ["rank tied", of(3, ANY, rankTied)],
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
  ["previous", [1, 2]],
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

/** Built-ins of arrays; MAX and MIN with one argument are too. */
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
    ...ARRAY_FUNCTIONS,
    "lookup",
  ];
}
