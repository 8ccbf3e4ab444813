/** The sentences of answers about two variables. */
import { assertNever } from "../../base/assert.ts";
import { formatNumber, quoted } from "./format-number.ts";
import type { Measure } from "./intent.ts";
import {
  amount,
  type IntentOf,
  moment,
  numberIn,
  type Phrased,
  period,
  pointName,
  type Row,
  timeUnitOf,
} from "./phrase-parts.ts";
import type { AnalystTable, Subject } from "./table.ts";

function measureText(measure: Measure, table: AnalystTable): string {
  switch (measure.type) {
    case "extreme":
      return measure.which === "peak" ? "at their peaks" : "at their lowest";
    case "time-of-extreme":
      return measure.which === "peak" ? "peaks" : "is lowest";
    case "mean":
      return `on average ${period(measure.window, table)}`;
    case "value-at":
      return pointName(measure.point, measure.point.at, table);
    default:
      return assertNever(measure);
  }
}

/** Says how two variables compare. */
export function phraseCompare(
  intent: IntentOf<"compare">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const { kind, left, right, measure } = intent;
  const leftValue = numberIn(row, "left_value");
  const rightValue = numberIn(row, "right_value");
  if (leftValue === undefined || rightValue === undefined) return undefined;
  const how =
    `${quoted(left.label)} and ${quoted(right.label)} compared: ` +
    `${measureText(measure, table)}.`;
  if (measure.type === "time-of-extreme") {
    return { ...phraseOrder(intent, leftValue, rightValue, table), how };
  }
  const ends =
    `${quoted(left.label)} is ${amount(leftValue, left)} and ${quoted(right.label)} ` +
    `${amount(rightValue, right)} ${measureText(measure, table)}`;
  if (kind === "ratio") {
    const value = leftValue / rightValue;
    if (!Number.isFinite(value)) return undefined;
    return { answer: `${ends}: a ratio of ${formatNumber(value)}.`, value, unit: null, how };
  }
  const size = amount(Math.abs(leftValue - rightValue), left);
  const verdict = verdictOf(left, right, Math.sign(leftValue - rightValue), "higher");
  const isChoice = kind === "greater" || kind === "less";
  const chosen =
    kind === "less" ? Math.min(leftValue, rightValue) : Math.max(leftValue, rightValue);
  return {
    answer: `${ends}: ${verdict}${leftValue === rightValue ? "" : `, by ${size}`}.`,
    value: isChoice ? chosen : leftValue - rightValue,
    unit: left.unit,
    how,
  };
}

function phraseOrder(
  { kind, left, right, measure }: IntentOf<"compare">,
  leftValue: number,
  rightValue: number,
  table: AnalystTable,
): Omit<Phrased, "how"> {
  const verb = measureText(measure, table);
  const verdict = verdictOf(left, right, Math.sign(rightValue - leftValue), "first");
  return {
    answer:
      `${quoted(left.label)} ${verb} at ${moment(leftValue, table)} and ${quoted(right.label)} ` +
      `at ${moment(rightValue, table)}: ${verdict}.`,
    value: kind === "later" ? Math.max(leftValue, rightValue) : Math.min(leftValue, rightValue),
    unit: timeUnitOf(table),
  };
}

function verdictOf(left: Subject, right: Subject, sign: number, word: string): string {
  if (sign === 0) return "the two are equal";
  return `${quoted(sign > 0 ? left.label : right.label)} is ${word}`;
}

/** Says what percentage of one variable another is. */
export function phraseShare(
  { part, whole }: IntentOf<"share">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const value = numberIn(row, "value");
  const at = numberIn(row, "at_time");
  if (value === undefined || at === undefined) return undefined;
  const partText = amount(row["part"] ?? 0, part);
  const wholeText = amount(row["whole"] ?? 0, whole);
  return {
    answer:
      `${quoted(part.label)} is ${formatNumber(value)} % of ${quoted(whole.label)} ` +
      `at ${moment(at, table)} (${partText} of ${wholeText}).`,
    value,
    unit: "%",
    how: `100 × ${quoted(part.label)} ÷ ${quoted(whole.label)} at ${moment(at, table)}.`,
  };
}
