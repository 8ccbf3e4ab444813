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
  if (text.length > MAXIMUM_MESSAGE_BYTES || encoder.encode(text).length > MAXIMUM_MESSAGE_BYTES) {
    return err(`longer than ${MAXIMUM_MESSAGE_BYTES} bytes`);
  }
  if (nestingOf(text) > MAXIMUM_MESSAGE_DEPTH) {
    return err(`nested deeper than ${MAXIMUM_MESSAGE_DEPTH} levels`);
  }
  let hasProto = false;
  let value: unknown;
  try {
    value = JSON.parse(text, (key, member: unknown) => {
      hasProto ||= key === "__proto__";
      return member;
    });
  } catch {
    return err("not JSON");
  }
  return hasProto ? err('has a key "__proto__"') : ok(value);
}

/** What the scan for brackets passes over: whole strings (with escapes) and everything plain. */
const BRACKETS_OR_STRINGS = /"(?:[^"\\]|\\.)*"?|[[\]{}]/gs;

/** The deepest nesting of brackets outside strings; counts without recursion, in linear time. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(BRACKETS_OR_STRINGS)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
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
