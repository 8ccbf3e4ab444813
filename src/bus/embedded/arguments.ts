import { CommandError, syntaxError } from "./reply.ts";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** The error of an argument that is not a number of 64 bits. */
function notAnInteger(): CommandError {
  return new CommandError("ERR value is not an integer or out of range");
}

/** A 64-bit integer, exactly. Throws the error of Redis. */
export function parseBigInteger(text: string): bigint {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) throw notAnInteger();
  const value = BigInt(text);
  if (value > INT64_MAX || value < INT64_MIN) throw notAnInteger();
  return value;
}

/** A sum within 64 bits. Throws the error of Redis. */
export function addIntegers(left: bigint, right: bigint): bigint {
  const sum = left + right;
  if (sum > INT64_MAX || sum < INT64_MIN) {
    throw new CommandError("ERR increment or decrement would overflow");
  }
  return sum;
}

/** An integer; beyond 2^53 the nearest double. Throws the error of Redis. */
export function parseInteger(text: string): number {
  return Number(parseBigInteger(text));
}

/** A score or another floating point number. Throws `message` otherwise. */
export function parseDouble(text: string, message = "ERR value is not a valid float"): number {
  if (/^[+-]?inf(?:inity)?$/i.test(text)) {
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) throw new CommandError(message);
  return Number(text);
}

/** What a word, in lower case here, does in a list of options; `next` takes the word after it. */
export type OptionHandlers = Readonly<Record<string, (next: () => string) => void>>;

/** Reads options until a word that is none; answers its index. */
export function readLeadingOptions(
  args: readonly string[],
  start: number,
  handlers: OptionHandlers,
): number {
  let index = start;
  const next = () => {
    index += 1;
    const value = args[index];
    if (value === undefined) throw syntaxError();
    return value;
  };
  for (; index < args.length; index += 1) {
    const word = (args[index] ?? "").toLowerCase();
    if (!Object.hasOwn(handlers, word)) return index;
    handlers[word]?.(next);
  }
  return index;
}

/** Reads options up to the end; any other word is a syntax error. */
export function readOptions(
  args: readonly string[],
  start: number,
  handlers: OptionHandlers,
): void {
  if (readLeadingOptions(args, start, handlers) < args.length) throw syntaxError();
}

/** Words two by two; the caller has made sure that they are even in number. */
export function pairsOf(words: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    pairs.push([words[index] ?? "", words[index + 1] ?? ""]);
  }
  return pairs;
}

/** Turns bounds that may be negative (from the end) into a half-open range of positions. */
export function sliceBounds(
  start: number,
  stop: number,
  length: number,
): { readonly from: number; readonly to: number } {
  const from = Math.max(start < 0 ? start + length : start, 0);
  const to = Math.min(stop < 0 ? stop + length : stop, length - 1) + 1;
  return from < to ? { from, to } : { from: 0, to: 0 };
}
