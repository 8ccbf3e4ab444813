/**
 * The only way in for text from the bus: bounded before it is parsed, then checked by schema.
 * Never throws, whatever it is given.
 */
import type { z } from "zod";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { Message } from "./envelope.ts";
import { envelopeSchema, MAXIMUM_MESSAGE_BYTES, MAXIMUM_MESSAGE_DEPTH } from "./envelope.ts";

const encoder = new TextEncoder();

/** Parses one message whose data must fit `dataSchema`; the error says in words what is wrong. */
export function parseMessage<Data>(
  text: string,
  dataSchema: z.ZodType<Data>,
): Result<Message<Data>, string> {
  const json = parseBoundedJson(text);
  if (!json.ok) return json;
  const envelope = envelopeSchema.safeParse(json.value);
  if (!envelope.success) return err(`not a message: ${describeIssues(envelope.error)}`);
  const data = dataSchema.safeParse(envelope.data.data);
  if (!data.success) return err(`data does not fit its topic: ${describeIssues(data.error)}`);
  return ok({ ...envelope.data, data: data.data });
}

/** Parses JSON of at most the allowed size and nesting; one with a `__proto__` key is refused. */
export function parseBoundedJson(text: string): Result<unknown, string> {
  if (isTooLong(text)) return err(`longer than ${MAXIMUM_MESSAGE_BYTES} bytes`);
  if (hasManyBrackets(text) && nestingOf(text) > MAXIMUM_MESSAGE_DEPTH) {
    return err(`nested deeper than ${MAXIMUM_MESSAGE_DEPTH} levels`);
  }
  let hasProto = false;
  const watch = (key: string, member: unknown): unknown => {
    hasProto ||= key === "__proto__";
    return member;
  };
  let value: unknown;
  try {
    // Looking at every key is slow; it is done only where one may be there.
    value = mayHaveProto(text) ? JSON.parse(text, watch) : JSON.parse(text);
  } catch {
    return err("not JSON");
  }
  return hasProto ? err('has a key "__proto__"') : ok(value);
}

/** Whether the key `__proto__` may occur in a text, written plainly or with escapes. */
function mayHaveProto(text: string): boolean {
  return text.includes("__proto__") || text.includes("\\u");
}

/** Encoding to count bytes is left out where no character can take more than there is room for. */
function isTooLong(text: string): boolean {
  if (text.length * 3 <= MAXIMUM_MESSAGE_BYTES) return false;
  return text.length > MAXIMUM_MESSAGE_BYTES || encoder.encode(text).length > MAXIMUM_MESSAGE_BYTES;
}

/** Whether a text has more opening brackets than levels are allowed; most texts have few. */
function hasManyBrackets(text: string): boolean {
  let left = MAXIMUM_MESSAGE_DEPTH;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      left -= 1;
      if (left < 0) return true;
    }
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The deepest nesting of brackets outside strings; counts without recursion, in linear time. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    // `[` and `{`, `]` and `}` differ in one bit.
    else if ((code | 0x20) === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((code | 0x20) === 0x7d) depth -= 1;
  }
  return deepest;
}

/** The place of the quote that ends the string which begins at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, place: number): boolean {
  let first = place;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (place - first) % 2 === 1;
}

/** The first few issues of a failed parse, each with its place: `data.input.model: …`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => {
      const place = issue.path.map(String).join(".");
      return place === "" ? issue.message : `${place}: ${issue.message}`;
    })
    .join("; ");
}
