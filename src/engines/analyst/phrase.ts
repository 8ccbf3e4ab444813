/** Says the answer: the sentence, the number, its unit, and how it was computed. */
import { assertNever } from "../../base/assert.ts";
import { formatNumber, formatTime, quoted } from "./format-number.ts";
import type { Intent, Level, Threshold } from "./intent.ts";
import { phraseCompare, phraseShare } from "./phrase-of-two.ts";
import {
  amount,
  type IntentOf,
  moment,
  numberIn,
  type Phrased,
  period,
  pointName,
  type Row,
  timespan,
  timeUnitOf,
} from "./phrase-parts.ts";
import type { AnalystTable, Subject } from "./table.ts";
import { calendarUnitOf } from "./time-unit.ts";

/** Puts an intent and the row of its query into words; undefined when the row has no number. */
export function phrase(intent: Intent, row: Row, table: AnalystTable): Phrased | undefined {
  switch (intent.type) {
    case "extreme":
      return phraseExtreme(intent, row, table);
    case "value-at":
      return phraseValueAt(intent, row, table);
    case "value-when":
      return phraseValueWhen(intent, row, table);
    case "aggregate":
      return phraseAggregate(intent, row, table);
    case "change":
      return phraseChange(intent, row, table);
    case "crossing":
      return numberIn(row, "judged") === 0 ? undefined : phraseCrossing(intent, row, table);
    case "duration":
      return phraseDuration(intent, row, table);
    case "compare":
      return phraseCompare(intent, row, table);
    case "share":
      return phraseShare(intent, row, table);
    case "constant":
      return phraseConstant(intent);
    default:
      return assertNever(intent);
  }
}

function phraseExtreme(
  { which, wants, variable, window }: IntentOf<"extreme">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const value = numberIn(row, "value");
  const at = numberIn(row, "at_time");
  if (value === undefined || at === undefined) return undefined;
  const label = quoted(variable.label);
  const verb = which === "peak" ? "peaks at" : "is lowest at";
  const span = window.whole ? "" : `, ${period(window, table)}`;
  const elapsed = at - table.startTime;
  const how =
    `The ${which === "peak" ? "largest" : "smallest"} of the stored values of ${label} ` +
    `${period(window, table)}, and the first time it occurs.`;
  const both = `${label} ${verb} ${amount(value, variable)} at ${moment(at, table)}${span}.`;
  if (wants === "value" || wants === "both") {
    return { answer: both, value, unit: variable.unit, how };
  }
  const took = `${timespan(elapsed, table)} after the start`;
  return wants === "time"
    ? { answer: both, value: at, unit: timeUnitOf(table), how }
    : {
        answer: `${label} ${verb} ${amount(value, variable)} ${took}.`,
        value: elapsed,
        unit: timeUnitOf(table),
        how,
      };
}

function phraseValueAt(
  { variable, point }: IntentOf<"value-at">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const value = numberIn(row, "value");
  const at = numberIn(row, "at_time");
  if (value === undefined || at === undefined) return undefined;
  const label = quoted(variable.label);
  const isNear = formatTime(at) !== formatTime(point.at);
  const near = isNear ? `, the stored time nearest to ${formatTime(point.at)}` : "";
  return {
    answer: `${label} is ${amount(value, variable)} ${pointName(point, at, table)}${near}.`,
    value,
    unit: variable.unit,
    how: `The stored value of ${label} ${pointName(point, at, table)}${near}.`,
  };
}

function phraseValueWhen(
  { variable, other, which }: IntentOf<"value-when">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const value = numberIn(row, "value");
  const at = numberIn(row, "at_time");
  if (value === undefined || at === undefined) return undefined;
  const event = which === "peak" ? "peaks" : "is lowest";
  return {
    answer:
      `${quoted(variable.label)} is ${amount(value, variable)} at ${moment(at, table)}, ` +
      `when ${quoted(other.label)} ${event}.`,
    value,
    unit: variable.unit,
    how: `The stored value of ${quoted(variable.label)} at the time ${quoted(other.label)} ${event}.`,
  };
}

const AGGREGATES = {
  mean: "mean",
  median: "median",
  deviation: "standard deviation",
  range: "range",
} as const;

function phraseAggregate(
  { kind, variable, window }: IntentOf<"aggregate">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const value = numberIn(row, "value");
  if (value === undefined) return undefined;
  const label = quoted(variable.label);
  const span = period(window, table);
  if (kind === "total") {
    const unit = accumulatedUnit(variable.unit, table.timeUnit);
    const text = unit === null ? formatNumber(value) : `${formatNumber(value)} ${unit}`;
    return {
      answer: `${label} adds up to ${text} ${span}.`,
      value,
      unit,
      how: `${label} integrated over time ${span} (trapezoids between the stored values).`,
    };
  }
  const rows = formatNumber(row["rows"] ?? 0);
  return {
    answer: `The ${AGGREGATES[kind]} of ${label} is ${amount(value, variable)} ${span}.`,
    value,
    unit: variable.unit,
    how: `The ${AGGREGATES[kind]}${kind === "range" ? " (highest less lowest)" : ""} of the ${rows} stored values of ${label} ${span}.`,
  };
}

/** What a flow's unit leaves once added up over time: people/day → people. */
function accumulatedUnit(unit: string | null, timeUnit: string): string | null {
  if (unit === null) return null;
  const calendar = calendarUnitOf(timeUnit);
  const slash = unit.lastIndexOf("/");
  const per = unit.slice(slash + 1).trim();
  const isPerTime = calendarUnitOf(per) === calendar && calendar !== null;
  if (slash > 0 && (isPerTime || per.toLowerCase() === "time")) return unit.slice(0, slash).trim();
  return timeUnit.trim() === "" ? null : `${unit} × ${timeUnit}`;
}

function phraseChange(
  { kind, variable, window }: IntentOf<"change">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const value = numberIn(row, "value");
  const before = numberIn(row, "before");
  const after = numberIn(row, "after");
  if (value === undefined || before === undefined || after === undefined) return undefined;
  const label = quoted(variable.label);
  const ends = `from ${amount(before, variable)} to ${amount(after, variable)}`;
  const span = `between ${moment(window.from, table)} and ${moment(window.to, table)}`;
  const direction = after >= before ? "rises" : "falls";
  const size = {
    difference: `by ${amount(Math.abs(after - before), variable)}`,
    percent: `by ${formatNumber(Math.abs(value))} %`,
    factor: `by a factor of ${formatNumber(value)}`,
  }[kind];
  const units = { difference: variable.unit, percent: "%", factor: null };
  return {
    answer: `${label} ${direction} ${size} ${span}, ${ends}.`,
    value,
    unit: units[kind],
    how: `The stored values of ${label} at both times, compared; a fall is negative.`,
  };
}

const SIDE_WORDS = {
  above: "above",
  "at-least": "at least",
  below: "below",
  "at-most": "at most",
  falling: "below",
  reach: "at or beyond",
} as const satisfies Record<Threshold["side"], string>;

function levelText(level: Level, variable: Subject): string {
  switch (level.type) {
    case "number":
      return amount(level.value, variable);
    case "fraction":
      return level.fraction === 1
        ? `its ${level.of} value`
        : `${formatNumber(100 * level.fraction)} % of its ${level.of} value`;
    case "variable":
      return level.fraction === 1
        ? quoted(level.variable.label)
        : `${formatNumber(100 * level.fraction)} % of ${quoted(level.variable.label)}`;
    default:
      return assertNever(level);
  }
}

function phraseCrossing(
  { wants, variable, threshold }: IntentOf<"crossing">,
  row: Row,
  table: AnalystTable,
): Phrased {
  const condition = `${SIDE_WORDS[threshold.side]} ${levelText(threshold.level, variable)}`;
  const label = quoted(variable.label);
  const how = `The stored times at which ${label} is ${condition}.`;
  const at = numberIn(row, wants === "last" ? "last_at" : "first_at");
  if (at === undefined) {
    const verb = threshold.side === "falling" ? "never falls" : "is never";
    const answer = `${label} ${verb} ${condition} in this run.`;
    return { answer, value: null, unit: null, how };
  }
  const which = wants === "last" ? "last" : "first";
  const bound = wants === "last" ? numberIn(row, "end_at") : numberIn(row, "start_at");
  const edge = wants === "last" ? " (the end of the run)" : " (from the start of the run)";
  const yes = wants === "whether" ? "Yes: " : "";
  const verb = threshold.side === "falling" ? "falls" : "is";
  const elapsed = at - table.startTime;
  const when =
    wants === "elapsed" ? `${timespan(elapsed, table)} after the start` : `at ${moment(at, table)}`;
  return {
    answer: `${yes}${label} ${verb} ${condition} for the ${which} time ${when}${at === bound ? edge : ""}.`,
    value: wants === "elapsed" ? elapsed : at,
    unit: timeUnitOf(table),
    how,
  };
}

function phraseDuration(
  { variable, threshold, window }: IntentOf<"duration">,
  row: Row,
  table: AnalystTable,
): Phrased | undefined {
  const value = numberIn(row, "value");
  if (value === undefined) return undefined;
  const condition = `${SIDE_WORDS[threshold.side]} ${levelText(threshold.level, variable)}`;
  const label = quoted(variable.label);
  return {
    answer: `${label} is ${condition} for ${timespan(value, table)} ${period(window, table)}.`,
    value,
    unit: timeUnitOf(table),
    how: `The time steps added up at whose beginning ${label} is ${condition}.`,
  };
}

function phraseConstant({ subject, value }: IntentOf<"constant">): Phrased {
  return {
    answer: `${quoted(subject.label)} is ${amount(value, subject)} all through the run.`,
    value,
    unit: subject.unit,
    how:
      subject.kind === "parameter"
        ? "Read from the run's parameters."
        : `The stored values of ${quoted(subject.label)}, which are all the same.`,
  };
}
