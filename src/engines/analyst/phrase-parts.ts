/** What every sentence of an answer is made of. */
import { formatNumber, formatTime } from "./format-number.ts";
import type { Intent, TimePoint, TimeWindow } from "./intent.ts";
import type { AnalystTable, Subject } from "./table.ts";
import { calendarUnitOf } from "./time-unit.ts";

/** The one row of an answer's query. */
export type Row = Readonly<Record<string, number | null>>;

/** An answer in words. */
export interface Phrased {
  readonly answer: string;
  readonly value: number | null;
  readonly unit: string | null;
  readonly how: string;
}

/** One of the intents. */
export type IntentOf<Type extends Intent["type"]> = Extract<Intent, { type: Type }>;

/** A value with its unit: `163.4 people`. */
export function amount(value: number, subject: Subject): string {
  return subject.unit === null ? formatNumber(value) : `${formatNumber(value)} ${subject.unit}`;
}

/** A moment: `day 31.25`, or `time 31.25` when the model's unit is not the calendar's. */
export function moment(time: number, table: AnalystTable): string {
  return `${calendarUnitOf(table.timeUnit) ?? "time"} ${formatTime(time)}`;
}

/** A length of time: `12.5 days`. */
export function timespan(length: number, table: AnalystTable): string {
  const unit = calendarUnitOf(table.timeUnit) ?? "time unit";
  return `${formatTime(length)} ${unit}${length === 1 ? "" : "s"}`;
}

/** The unit of an answer that is a time. */
export function timeUnitOf(table: AnalystTable): string | null {
  return table.timeUnit.trim() === "" ? null : table.timeUnit;
}

/** A stretch of time as the end of a sentence says it. */
export function period(window: TimeWindow, table: AnalystTable): string {
  return window.whole
    ? "over the whole run"
    : `from ${moment(window.from, table)} to ${moment(window.to, table)}`;
}

/** A moment as the end of a sentence says it. */
export function pointName(point: TimePoint, at: number, table: AnalystTable): string {
  if (point.name === "start") return `at the start (${moment(at, table)})`;
  if (point.name === "end") return `at the end (${moment(at, table)})`;
  return `at ${moment(at, table)}`;
}

/** A finite number of a row; undefined for anything else. */
export function numberIn(row: Row, name: string): number | undefined {
  const value = row[name];
  return value == null || !Number.isFinite(value) ? undefined : value;
}
