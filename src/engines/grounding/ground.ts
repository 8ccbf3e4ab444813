/**
 * The groundedness gate: a number in an answer counts only when a tool's result, or the question,
 * holds it.
 *
 * G1 A printed number is grounded when a known one, rounded to its printed precision, is the same.
 * G2 What the author of a call has put into it vouches for nothing that comes out of it: otherwise
 *    `SELECT 72` would ground 72.
 * G3 A result's own repetition of what was asked is no result.
 * G4 A query that reads no table only tells what its author has put into it.
 */
import type { PrintedNumber } from "./printed-number.ts";
import { printedNumbers } from "./printed-numbers.ts";

/** One call of a tool: what it was given, and what came back. */
export interface CallRecord {
  readonly arguments: unknown;
  readonly result: unknown;
}

/** What the numbers of an answer may come from. */
export interface Grounds {
  readonly question: string;
  readonly calls: readonly CallRecord[];
  /** Names whose digits are part of the name. */
  readonly names: readonly string[];
}

/** Members of results that repeat what was asked, or offer what else could be (G3). */
const ECHOES: ReadonlySet<string> = new Set(["question", "sql", "suggestions"]);

const NOTHING: ReadonlySet<string> = new Set();

/** The most numbers that are taken from one result. */
const MAXIMUM_NUMBERS = 20_000;

/** The numbers of an answer that nothing vouches for, as they are printed, each once. */
export function ungroundedNumbers(answer: string, grounds: Grounds): readonly string[] {
  const known = groundsOf(grounds);
  const ungrounded = printedNumbers(answer, grounds.names).filter((one) => !isGrounded(one, known));
  return [...new Set(ungrounded.map(({ text }) => text))];
}

/** Whether a value, rounded to a number's printed precision, is that number (G1). */
export function printsAs(printed: PrintedNumber, value: number): boolean {
  return isGrounded(printed, [value]);
}

/** Whether a number is printed in a text, at whatever precision. */
export function isPrintedIn(value: number, text: string): boolean {
  return printedNumbers(text).some((one) => isGrounded(one, [value]));
}

function groundsOf({ question, calls }: Grounds): readonly number[] {
  return [...valuesIn(question), ...calls.flatMap(numbersOfCall)];
}

function numbersOfCall({ arguments: given, result }: CallRecord): readonly number[] {
  if (readsNothing(given)) return []; // G4
  const own = new Set(collectNumbers(given, NOTHING).map(Math.abs)); // G2
  return collectNumbers(result, ECHOES).filter((value) => !own.has(Math.abs(value)));
}

function readsNothing(given: unknown): boolean {
  if (given === null || typeof given !== "object" || !("sql" in given)) return false;
  return typeof given.sql === "string" && !/\bfrom\b/i.test(given.sql);
}

/** The numbers in a value, also in its texts; members called as in `left` are left out. */
function collectNumbers(value: unknown, left: ReadonlySet<string>): readonly number[] {
  const found: number[] = [];
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && found.length < MAXIMUM_NUMBERS) {
    const next = waiting.pop();
    if (typeof next === "number") found.push(next);
    else if (typeof next === "string") found.push(...valuesIn(next));
    else if (next !== null && typeof next === "object") waiting.push(...membersOf(next, left));
  }
  return found;
}

function membersOf(value: object, left: ReadonlySet<string>): readonly unknown[] {
  if (Array.isArray(value)) return value.slice(0, MAXIMUM_NUMBERS);
  return Object.entries(value).flatMap(([key, member]) => (left.has(key) ? [] : [member]));
}

function valuesIn(text: string): readonly number[] {
  return printedNumbers(text).flatMap(({ value, isPercent }) =>
    isPercent ? [value, value / 100] : [value],
  );
}

/** G1 */
function isGrounded(
  { value, halfUnit, isPercent }: PrintedNumber,
  known: readonly number[],
): boolean {
  const fits = (size: number, tolerance: number): boolean =>
    known.some((one) => {
      // “fell by 5” tells of −5; a printed minus must be one.
      const other = size < 0 ? one : Math.abs(one);
      return Math.abs(size - other) <= tolerance + Math.abs(other) * 1e-12;
    });
  return fits(value, halfUnit) || (isPercent && fits(value / 100, halfUnit / 100));
}
