/** The first bytes of a log. Redis skips a line that starts like this, so it can read the file. */
export const LOG_HEADER = "#aimie-console log 1\r\n";

/** A change as the log keeps it: its commands belong together. */
type Unit = readonly (readonly string[])[];

/** The bytes of a unit, as a latin1 string; one of several commands is a transaction. */
export function encodeUnit(unit: Unit): string {
  const [only] = unit;
  if (unit.length === 1 && only !== undefined) return encodeWords(only);
  let text = MULTI;
  for (const words of unit) text += encodeWords(words);
  return text + EXEC;
}

function encodeWords(words: readonly string[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return text;
}

const MULTI = encodeWords(["MULTI"]);
const EXEC = encodeWords(["EXEC"]);

/** How the reading of a log ended. */
export type LogEnding =
  | { readonly type: "whole" }
  /** The last unit was not written to its end. */
  | { readonly type: "torn" }
  | { readonly type: "corrupt"; readonly at: number; readonly reason: string };

/** What a log was found to hold. */
export interface LogContents {
  /** Bytes up to the end of the last whole unit. */
  readonly bytes: number;
  readonly ending: LogEnding;
}

/**
 * Reads a log and gives each whole unit to `play`, with the place of its first byte. A `play` that
 * answers a reason ends the reading: the log is corrupt there.
 */
export function readLog(
  log: Buffer,
  play: (unit: Unit, at: number) => string | undefined,
): LogContents {
  let bytes = log[0] === HASH ? log.indexOf("\n") + 1 : 0;
  if (log[0] === HASH && bytes === 0) return { bytes, ending: { type: "torn" } };
  while (bytes < log.length) {
    const found = readUnit(log, bytes);
    if (found.type !== "unit") return { bytes, ending: endingAt(log, found) };
    const reason = play(found.unit, bytes);
    if (reason !== undefined) return { bytes, ending: corrupt(bytes, reason) };
    bytes = found.end;
  }
  return { bytes, ending: { type: "whole" } };
}

function endingAt(log: Buffer, found: Torn | Corrupt): LogEnding {
  if (found.type === "corrupt") return isZeroFrom(log, found.at) ? { type: "torn" } : found;
  return swallowsCommand(log, found.from)
    ? corrupt(found.from, "a length that swallows what comes after it")
    : { type: "torn" };
}

type Corrupt = Extract<LogEnding, { readonly type: "corrupt" }>;
interface Torn {
  readonly type: "torn";
  /** Where the unfinished part begins. */
  readonly from: number;
}
type Found = { readonly type: "unit"; readonly unit: Unit; readonly end: number } | Torn | Corrupt;

function readUnit(log: Buffer, start: number): Found {
  const first = readWords(log, start);
  if (first.type !== "words") return first;
  if (nameOf(first.words) !== "MULTI") return { type: "unit", unit: [first.words], end: first.end };
  const unit: (readonly string[])[] = [];
  let { end } = first;
  for (;;) {
    const next = readWords(log, end);
    if (next.type !== "words") return next;
    const name = nameOf(next.words);
    if (name === "MULTI") return corrupt(end, "a transaction within a transaction");
    end = next.end;
    if (name === "EXEC") return { type: "unit", unit, end };
    unit.push(next.words);
  }
}

function nameOf(words: readonly string[]): string {
  return words[0]?.toUpperCase() ?? "";
}

type FoundWords =
  | { readonly type: "words"; readonly words: readonly string[]; readonly end: number }
  | Torn
  | Corrupt;

function readWords(log: Buffer, start: number): FoundWords {
  const header = readCount(log, start, ASTERISK);
  if (header.type !== "count") return header;
  const words: string[] = [];
  let { end } = header;
  while (words.length < header.count) {
    const length = readCount(log, end, DOLLAR);
    if (length.type !== "count") return length;
    const last = length.end + length.count;
    const after = readLineEnd(log, last);
    if (after.type !== "line-end") return after.type === "torn" ? tornAt(length.end) : after;
    words.push(log.toString("latin1", length.end, last));
    end = after.end;
  }
  return { type: "words", words, end };
}

function readLineEnd(
  log: Buffer,
  at: number,
): { readonly type: "line-end"; readonly end: number } | Torn | Corrupt {
  if (at >= log.length) return tornAt(at);
  if (log[at] !== CARRIAGE_RETURN) return corrupt(at, "no line end where one must be");
  if (at + 1 >= log.length) return tornAt(at);
  if (log[at + 1] !== LINE_FEED) return corrupt(at + 1, "no line end where one must be");
  return { type: "line-end", end: at + 2 };
}

/**
 * Whether whole commands stand in what should be the beginning of one word: then its length was
 * damaged, and to cut it off would cost all of them.
 */
function swallowsCommand(log: Buffer, start: number): boolean {
  for (let at = log.indexOf("\r\n*", start); at >= 0; at = log.indexOf("\r\n*", at + 1)) {
    if (readWords(log, at + 2).type === "words") return true;
  }
  return false;
}

type FoundCount =
  | { readonly type: "count"; readonly count: number; readonly end: number }
  | Torn
  | Corrupt;

/** Reads `<sign><digits>\r\n`. */
function readCount(log: Buffer, start: number, sign: number): FoundCount {
  if (start >= log.length) return tornAt(start);
  if (log[start] !== sign) {
    return corrupt(start, `a byte other than ${String.fromCharCode(sign)} where a count begins`);
  }
  let count = 0;
  let at = start + 1;
  for (; isDigit(log[at]) && count <= LARGEST_COUNT; at += 1) {
    count = count * 10 + (log[at] ?? 0) - ZERO;
  }
  if (at >= log.length) return tornAt(start);
  if (at === start + 1 || isDigit(log[at])) return corrupt(at, "a bad count");
  const after = readLineEnd(log, at);
  return after.type === "line-end" ? { type: "count", count, end: after.end } : after;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** After a loss of power a file may be longer than what was written: the rest is zero bytes. */
function isZeroFrom(log: Buffer, start: number): boolean {
  for (let at = start; at < log.length; at += 1) if (log[at] !== 0) return false;
  return true;
}

function tornAt(from: number): Torn {
  return { type: "torn", from };
}

function corrupt(at: number, reason: string): Corrupt {
  return { type: "corrupt", at, reason };
}

const LARGEST_COUNT = 2 ** 31;
const HASH = 0x23;
const DOLLAR = 0x24;
const ASTERISK = 0x2a;
const ZERO = 0x30;
const NINE = 0x39;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
