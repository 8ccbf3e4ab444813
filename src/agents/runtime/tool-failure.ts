import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Failure } from "../../protocol/failure.ts";
import { failureSchema } from "../../protocol/failure.ts";

/** What the schema of failures lets travel. */
const MAX_MESSAGE_LENGTH = 4000;
const MAX_NEXT_STEP_LENGTH = 1000;

/** What a tool server writes before its own complaint when it refuses a call's arguments. */
const REFUSED_ARGUMENTS = /^(?:MCP error -?\d+: )?(?:Input validation error|Invalid arguments)/;

/** A failure as the result of a tool call: an error whose text is the failure as JSON. */
export function encodeToolFailure(failure: Failure): CallToolResult {
  const short: Failure = {
    kind: failure.kind,
    message: failure.message.slice(0, MAX_MESSAGE_LENGTH),
    nextStep: failure.nextStep?.slice(0, MAX_NEXT_STEP_LENGTH),
  };
  return { isError: true, content: [{ type: "text", text: JSON.stringify(short) }] };
}

/**
 * The failure in an error result, also of a server that knows nothing of ours: its plain text
 * becomes the message of a `tool` failure, or of `invalid-input` where it refused the arguments.
 */
export function decodeToolFailure(result: Pick<CallToolResult, "content">): Failure {
  const text = result.content
    .flatMap((block) => (block.type === "text" ? [block.text] : []))
    .join("\n")
    .trim();
  const parsed = failureSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  return {
    kind: REFUSED_ARGUMENTS.test(text) ? "invalid-input" : "tool",
    message:
      text === "" ? "The tool failed without saying why." : text.slice(0, MAX_MESSAGE_LENGTH),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Plain text is a server's right.
  }
}
