/** Round numbers along an axis and how to write them in few characters. */

/** Beyond this a sum of two values could overflow; such values are drawn at the edge. */
const LARGEST = 4e307;
/** A span this small relative to the values is rounding noise, not a course worth magnifying. */
const NOISE = 1e-6;
const SMALLEST = 1e-290;
const SUFFIXES = [
  { from: 1e12, divisor: 1e12, suffix: "T" },
  { from: 1e9, divisor: 1e9, suffix: "G" },
  { from: 1e6, divisor: 1e6, suffix: "M" },
  { from: 1e4, divisor: 1e3, suffix: "k" },
] as const;

/** The values an axis covers. */
export interface AxisRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** An axis' range with the round numbers on it and their labels. */
export interface Ticks extends AxisRange {
  readonly values: readonly number[];
  readonly labels: readonly string[];
}

/** The range of `values`, widened when they are all (nearly) the same; undefined when none. */
export function rangeOf(values: Iterable<number>): AxisRange | undefined {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    const clamped = clampValue(value);
    minimum = Math.min(minimum, clamped);
    maximum = Math.max(maximum, clamped);
  }
  if (minimum > maximum) return undefined;
  const largest = Math.max(Math.abs(minimum), Math.abs(maximum));
  if (maximum - minimum > Math.max(largest * NOISE, SMALLEST)) return { minimum, maximum };
  const middle = largest < SMALLEST ? 0 : (minimum + maximum) / 2;
  const padding = middle === 0 ? 1 : Math.abs(middle) * 0.1;
  return { minimum: middle - padding, maximum: middle + padding };
}

/** A number within what an axis can carry. */
export function clampValue(value: number): number {
  return Math.min(LARGEST, Math.max(-LARGEST, value));
}

/**
 * Whether an axis should start at zero: it does when zero is near, so that heights compare
 * honestly, and does not when that would flatten the course.
 */
export function withZero(range: AxisRange): AxisRange {
  const { minimum, maximum } = range;
  if (minimum > 0 && minimum < maximum / 2) return { minimum: 0, maximum };
  if (maximum < 0 && maximum > minimum / 2) return { minimum, maximum: 0 };
  return range;
}

/** With `widen` a range grows to this part of a step, so that the line does not touch the frame. */
const WIDEN_TO = 0.2;

/** At most about `wanted` round numbers within `range`, which `widen` first rounds outwards. */
export function niceTicks(range: AxisRange, wanted: number, widen = false): Ticks {
  const step = niceStep(range.maximum - range.minimum, Math.max(1, wanted));
  const slack = 1e-9;
  const grain = step * WIDEN_TO;
  const minimum = widen ? Math.floor(range.minimum / grain + slack) * grain : range.minimum;
  const maximum = widen ? Math.ceil(range.maximum / grain - slack) * grain : range.maximum;
  const first = Math.ceil(minimum / step - slack);
  const last = Math.floor(maximum / step + slack);
  const values: number[] = [];
  for (let index = first; index <= last; index += 1) values.push(index * step);
  return {
    minimum,
    maximum,
    values,
    labels: tickLabels(values, step),
  };
}

/** The smallest of 1, 2 and 5 times a power of ten that makes at most `wanted` steps of `span`. */
function niceStep(span: number, wanted: number): number {
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const multiple = [1, 2, 5].find((candidate) => raw <= candidate * power * (1 + 1e-9)) ?? 10;
  return multiple * power;
}

function tickLabels(values: readonly number[], step: number): string[] {
  const largest = Math.max(0, ...values.map(Math.abs));
  if (largest !== 0 && (largest >= 1e15 || largest < 1e-3)) {
    return values.map((value) => scientific(value, step));
  }
  const { divisor, suffix } = SUFFIXES.find(({ from }) => largest >= from) ?? {
    divisor: 1,
    suffix: "",
  };
  const decimals = decimalsFor(step / divisor);
  return values.map((value) =>
    Math.abs(value) < step / 2 ? "0" : `${(value / divisor).toFixed(decimals)}${suffix}`,
  );
}

function scientific(value: number, step: number): string {
  if (Math.abs(value) < step / 2) return "0";
  const digits =
    Math.floor(Math.log10(Math.abs(value)) + 1e-9) - Math.floor(Math.log10(step) + 1e-9);
  return value.toExponential(Math.min(20, Math.max(0, digits))).replace("e+", "e");
}

function decimalsFor(step: number): number {
  return Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}
