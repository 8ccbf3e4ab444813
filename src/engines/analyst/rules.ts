/**
 * What combinations of meanings ask for. A rule fits only when it accounts for everything in the
 * question: each cue is among those it knows, and each slot is filled as it expects.
 */
import type { Parsed } from "./intent.ts";
import type { Reading } from "./read-question.ts";
import { abstain, type Case, type Rule } from "./rule.ts";
import {
  aggregateRule,
  changeRule,
  constantRule,
  crossingRule,
  durationRule,
  extremeRule,
  valueAtRule,
} from "./rules-of-one.ts";
import { compareRule, shareRule, valueWhenRule } from "./rules-of-two.ts";
import type { AnalystTable } from "./table.ts";

/** The intent of a reading in which everything is explained. */
export function intentOf(reading: Reading, table: AnalystTable): Parsed {
  const whole = { from: table.startTime, to: table.stopTime, whole: true };
  const question: Case = { reading, variables: reading.subjects, whole };
  const { subjects } = reading;
  if (subjects.length === 0) return abstain("I can't see which variable is meant.");
  // Of "the epidemic" as a whole only the peak has a plain meaning.
  for (const rule of reading.isEpidemic ? [epidemicRule] : RULES) {
    const parsed = rule(question);
    if (parsed !== undefined) return parsed;
  }
  return abstain(hintFor(question));
}

const epidemicRule: Rule = (question) =>
  question.reading.cues.has("peak") ? extremeRule(question) : undefined;

const RULES: readonly Rule[] = [
  extremeRule,
  valueAtRule,
  aggregateRule,
  changeRule,
  crossingRule,
  durationRule,
  constantRule,
  compareRule,
  shareRule,
  valueWhenRule,
];

function hintFor({ variables, reading }: Case): string {
  const [variable] = variables;
  const isBare = reading.cues.size <= 1 && reading.points.length + reading.thresholds.length === 0;
  if (variable !== undefined && variables.length === 1 && isBare && variable.constant === null) {
    return `“${variable.label}” changes over time: ask for its peak, or its value at some time.`;
  }
  return "I understand the words, but not what they ask for together.";
}
