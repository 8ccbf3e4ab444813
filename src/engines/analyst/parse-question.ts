/**
 * From a question to an intent, or to the reason for not answering.
 *
 * P1 No guess: an unexplained word, a name that fits several variables, a time outside the run, or
 *    a combination of meanings that no rule knows is an abstention.
 */

import { doubtfulMoment } from "./doubtful-moment.ts";
import { formatNumber, quoted } from "./format-number.ts";
import type { Parsed, TimePoint, TimeWindow } from "./intent.ts";
import { MULTIPLIERS } from "./lexicon.ts";
import { withoutPlural } from "./match-subject.ts";
import { countsPeople } from "./piece.ts";
import { type Reading, readQuestion } from "./read-question.ts";
import { intentOf } from "./rules.ts";
import type { AnalystTable, Subject } from "./table.ts";
import { calendarUnitOf, isCalendarWord, timeWordsOf } from "./time-unit.ts";
import { wordsOfName } from "./tokenize.ts";
import { inPlainWords } from "./turns-of-phrase.ts";

/** Understands a question about a table, or says why not. */
export function parseQuestion(question: string, table: AnalystTable): Parsed {
  const reading = readChecked(question, table);
  return typeof reading === "string"
    ? { status: "abstained", reason: reading }
    : intentOf(reading, table);
}

/** Explains every piece of a question; or says why it is not answered, whatever it asks for. */
export function readChecked(question: string, table: AnalystTable): Reading | string {
  const reading = readQuestion(inPlainWords(question), table);
  return objectionTo(reading, table) ?? doubtfulMoment(question, reading, table) ?? reading;
}

function objectionTo(reading: Reading, table: AnalystTable): string | undefined {
  return (
    unknownWords(reading, table) ??
    doubtfulNames(reading) ??
    strayPeople(reading) ??
    timesOutside(reading, table)
  );
}

function unknownWords(reading: Reading, table: AnalystTable): string | undefined {
  const unexplained = reading.unknown.filter((word) => !repeatsUnit(word, reading.subjects));
  const words = [...new Set(unexplained)].slice(0, 5);
  if (words.length === 0) return undefined;
  if (words.some((word) => timeWordsOf(table.timeUnit).has(word))) {
    return "I can't make out which time is meant.";
  }
  if (words.some(isCalendarWord)) {
    const unit = table.timeUnit.trim() === "" ? "plain numbers" : quoted(table.timeUnit);
    const hint = calendarUnitOf(table.timeUnit) ?? "time";
    return `This run counts time in ${unit}; say “at ${hint} 10”, for instance.`;
  }
  return `I don't know what ${words.map((word) => quoted(word)).join(", ")} means here.`;
}

/** Whether a word only says again what everything asked about is counted in: "60 degrees". */
function repeatsUnit(word: string, subjects: readonly Subject[]): boolean {
  return (
    subjects.length > 0 &&
    subjects.every(({ unit }) => {
      const words = wordsOfName(unit ?? "");
      // In "people/day" people is not the unit, and "thousand animals" are not animals.
      const isPlain = /^[\p{L} ]+$/u.test(unit ?? "") && !words.some((one) => MULTIPLIERS.has(one));
      return isPlain && words.some((one) => withoutPlural(one) === withoutPlural(word));
    })
  );
}

function doubtfulNames(reading: Reading): string | undefined {
  const [first] = reading.doubtful;
  if (first === undefined) return undefined;
  const names = first.subjects.slice(0, 4).map(({ label }) => quoted(label));
  return `${quoted(first.text)} could mean ${names.join(" or ")}.`;
}

function strayPeople(reading: Reading): string | undefined {
  if (!reading.mentionsPeople || reading.subjects.length === 0) return undefined;
  const stray = reading.subjects.find((subject) => !countsPeople(subject));
  return stray && `${quoted(stray.label)} is not a number of people.`;
}

function timesOutside(reading: Reading, table: AnalystTable): string | undefined {
  const { startTime, stopTime } = table;
  const isOutside = (time: number) => !(time >= startTime && time <= stopTime);
  const covers = `The run covers time ${formatNumber(startTime)} to ${formatNumber(stopTime)}.`;
  if (reading.points.some(({ at }: TimePoint) => isOutside(at))) return covers;
  const windows: readonly TimeWindow[] = reading.windows;
  if (windows.some(({ from, to }) => isOutside(from) || isOutside(to))) return covers;
  return windows.some(({ from, to }) => from >= to)
    ? "The start of a period must come before its end."
    : undefined;
}
