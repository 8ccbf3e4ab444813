/** What charts show, in words, for people who cannot see them. */
import type { VariableSummary } from "../../protocol/agent-data.ts";

const MOST_DESCRIPTION = 2000;

/** The texts of a description in one, no longer than a message allows. */
export function joinTexts(texts: readonly string[]): string {
  return texts.join(" ").slice(0, MOST_DESCRIPTION);
}

/** A span of time with its unit: `from 0 to 20 day`. */
export function spanOf(span: {
  readonly startTime: number;
  readonly stopTime: number;
  readonly timeUnit: string;
}): string {
  const unit = span.timeUnit === "" ? "" : ` ${span.timeUnit}`;
  return `from ${shortNumber(span.startTime)} to ${shortNumber(span.stopTime)}${unit}`;
}

/** Where a variable begins and ends, and its extremes. */
export function courseText(variable: VariableSummary, name = variable.label): string {
  const { initial, final, minimum, maximum } = variable;
  const unit = unitText(variable.unit);
  if (minimum === maximum) return `${name} stays at ${shortNumber(initial)}${unit}.`;
  const ends = [initial, final];
  const peak = ends.includes(maximum) ? [] : [highest(variable)];
  const low = ends.includes(minimum) ? [] : [lowest(variable)];
  const between = [...peak, ...low].map((text) => `, ${text}`).join("");
  return `${name} goes from ${shortNumber(initial)} to ${shortNumber(final)}${unit}${between}.`;
}

function highest({ maximum, maximumTime }: VariableSummary): string {
  return `highest ${shortNumber(maximum)} at time ${shortNumber(maximumTime)}`;
}

function lowest({ minimum, minimumTime }: VariableSummary): string {
  return `lowest ${shortNumber(minimum)} at time ${shortNumber(minimumTime)}`;
}

/** A unit after a number; nothing for none. */
export function unitText(unit: string | undefined): string {
  return unit === undefined || unit === "" ? "" : ` ${unit}`;
}

/** A variable's name with its unit in brackets, as axes write it. */
export function axisName(name: string, unit: string | undefined): string {
  return unit === undefined || unit === "" ? name : `${name} (${unit})`;
}

/** A number in at most four digits. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}
