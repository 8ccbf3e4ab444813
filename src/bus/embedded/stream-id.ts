import { CommandError } from "./reply.ts";

/**
 * The id of a stream entry: milliseconds and a sequence number.
 * Each half is a double: exact up to 2^53, which milliseconds reach in the year 287396. Greater
 * halves are kept at the nearest double, and 2^64 stands for 18446744073709551615.
 */
export interface StreamId {
  readonly ms: number;
  readonly seq: number;
}

const MAXIMUM = 2 ** 64;
const MAXIMUM_TEXT = "18446744073709551615";

/** The id before every entry. */
export const FIRST_ID: StreamId = { ms: 0, seq: 0 };
/** The id after every entry. */
export const LAST_ID: StreamId = { ms: MAXIMUM, seq: MAXIMUM };

/** Negative when `left` is older, positive when it is newer, zero when they are equal. */
export function compareIds(left: StreamId, right: StreamId): number {
  return left.ms === right.ms ? left.seq - right.seq : left.ms - right.ms;
}

/** The id as Redis prints it. */
export function formatId(id: StreamId): string {
  return `${formatHalf(id.ms)}-${formatHalf(id.seq)}`;
}

/** The smallest id greater than `id`, undefined after the last one. */
export function nextId(id: StreamId): StreamId | undefined {
  if (id.seq < Number.MAX_SAFE_INTEGER) return { ms: id.ms, seq: id.seq + 1 };
  return id.ms < Number.MAX_SAFE_INTEGER ? { ms: id.ms + 1, seq: 0 } : undefined;
}

/** The greatest id smaller than `id`, undefined before the first one. */
function previousId(id: StreamId): StreamId | undefined {
  if (id.seq > 0) return { ms: id.ms, seq: id.seq >= MAXIMUM ? id.seq : id.seq - 1 };
  return id.ms > 0 ? { ms: id.ms - 1, seq: MAXIMUM } : undefined;
}

/** Reads `ms` or `ms-seq`; a missing sequence is `missingSeq`. Throws the error of Redis. */
export function parseId(text: string, missingSeq = 0): StreamId {
  const id = tryParseId(text, missingSeq);
  if (id === undefined) throw invalidId();
  return id;
}

/** Whether a word is an id: `ms` or `ms-seq`. */
export function isId(text: string): boolean {
  return tryParseId(text, 0) !== undefined;
}

function tryParseId(text: string, missingSeq: number): StreamId | undefined {
  const halves = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(text);
  const ms = parseHalf(halves?.[1] ?? "");
  const seq = halves?.[2] === undefined ? missingSeq : parseHalf(halves[2]);
  return ms === undefined || seq === undefined ? undefined : { ms, seq };
}

/** The error of a malformed id. */
export function invalidId(): CommandError {
  return new CommandError("ERR Invalid stream ID specified as stream command argument");
}

/** A bound of a range: `-`, `+`, `(id` or an id; `end` says which side a missing sequence is on. */
export function parseRangeBound(text: string, end: "start" | "end"): StreamId {
  if (text === "-") return FIRST_ID;
  if (text === "+") return LAST_ID;
  const missingSeq = end === "start" ? 0 : MAXIMUM;
  if (!text.startsWith("(")) return parseId(text, missingSeq);
  const bound = parseId(text.slice(1), missingSeq);
  const inner = end === "start" ? nextId(bound) : previousId(bound);
  if (inner === undefined) throw new CommandError(`ERR invalid ${end} ID for the interval`);
  return inner;
}

function parseHalf(digits: string): number | undefined {
  if (digits === "") return undefined;
  if (digits.length < 16) return Number(digits);
  return BigInt(digits) <= BigInt(MAXIMUM_TEXT) ? Number(digits) : undefined;
}

function formatHalf(half: number): string {
  if (half <= Number.MAX_SAFE_INTEGER) return String(half);
  return half >= MAXIMUM ? MAXIMUM_TEXT : String(BigInt(half));
}
