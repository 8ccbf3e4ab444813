import { CommandError } from "./reply.ts";

/**
 * The id of a stream entry: milliseconds and a sequence number, each of 64 bits without a sign.
 *
 * Invariant: a half is a number up to 2^53 - 1, where numbers are exact, and a bigint above. So
 * each value has one form, the ids of every day cost no bigint, and `<` compares any two.
 * Infinity stands, in bounds of ranges only, for what no half exceeds.
 */
export interface StreamId {
  readonly ms: Half;
  readonly seq: Half;
}

/** One half of a stream id. */
type Half = number | bigint;

const MAXIMUM = 2n ** 64n - 1n;

/** The id before every entry. */
export const FIRST_ID: StreamId = { ms: 0, seq: 0 };
/** The end of a range without an end. */
export const LAST_ID: StreamId = { ms: Number.POSITIVE_INFINITY, seq: Number.POSITIVE_INFINITY };

/** The greatest id an entry can have. */
export const GREATEST_ID: StreamId = { ms: MAXIMUM, seq: MAXIMUM };

/** Negative when `left` is older, positive when it is newer, zero when they are equal. */
export function compareIds(left: StreamId, right: StreamId): number {
  return compareHalves(left.ms, right.ms) || compareHalves(left.seq, right.seq);
}

function compareHalves(left: Half, right: Half): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The id as Redis prints it. */
export function formatId(id: StreamId): string {
  return `${id.ms}-${id.seq}`;
}

/** The smallest id greater than `id`, undefined after the last one. */
export function nextId(id: StreamId): StreamId | undefined {
  const seq = nextHalf(id.seq);
  if (seq !== undefined) return { ms: id.ms, seq };
  const ms = nextHalf(id.ms);
  return ms === undefined ? undefined : { ms, seq: 0 };
}

/** The next id of the same millisecond, undefined after its last one. */
export function nextIdWithin(id: StreamId): StreamId | undefined {
  const seq = nextHalf(id.seq);
  return seq === undefined ? undefined : { ms: id.ms, seq };
}

function nextHalf(half: Half): Half | undefined {
  if (typeof half === "number" && half < Number.MAX_SAFE_INTEGER) return half + 1;
  if (half === Number.POSITIVE_INFINITY || half >= MAXIMUM) return undefined;
  return BigInt(half) + 1n;
}

/** The greatest id smaller than `id`, undefined before the first one. */
function previousId(id: StreamId): StreamId | undefined {
  if (id.seq > 0) return { ms: id.ms, seq: normalise(BigInt(id.seq) - 1n) };
  return id.ms > 0 ? { ms: normalise(BigInt(id.ms) - 1n), seq: MAXIMUM } : undefined;
}

function normalise(half: bigint): Half {
  return half <= Number.MAX_SAFE_INTEGER ? Number(half) : half;
}

/** Reads `ms` or `ms-seq`; a missing sequence is `missingSeq`. Throws the error of Redis. */
export function parseId(text: string, missingSeq: Half = 0): StreamId {
  const id = tryParseId(text, missingSeq);
  if (id === undefined) throw invalidId();
  return id;
}

/** Whether a word is an id: `ms` or `ms-seq`. */
export function isId(text: string): boolean {
  return tryParseId(text, 0) !== undefined;
}

function tryParseId(text: string, missingSeq: Half): StreamId | undefined {
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
  if (!text.startsWith("(")) return parseId(text, end === "start" ? 0 : Number.POSITIVE_INFINITY);
  const bound = parseId(text.slice(1), end === "start" ? 0 : MAXIMUM);
  const inner = end === "start" ? nextId(bound) : previousId(bound);
  if (inner === undefined) throw new CommandError(`ERR invalid ${end} ID for the interval`);
  return inner;
}

function parseHalf(digits: string): Half | undefined {
  if (digits === "") return undefined;
  if (digits.length < 16) return Number(digits);
  const half = BigInt(digits);
  return half <= MAXIMUM ? normalise(half) : undefined;
}
