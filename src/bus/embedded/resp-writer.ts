import { assertNever } from "../../base/assert.ts";
import { isReplyArray, type Protocol, type Reply, type ShapedReply } from "./reply.ts";

/** The bytes of a reply, as a latin1 string; `none` has none. */
export function encodeReply(reply: Reply, protocol: Protocol): string {
  if (typeof reply === "string") return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === "number" || typeof reply === "bigint") return `:${reply}\r\n`;
  if (reply === null) return protocol === 3 ? "_\r\n" : "$-1\r\n";
  if (isReplyArray(reply)) return encodeItems("*", reply, protocol);
  return encodeShaped(reply, protocol);
}

/** A score as Redis prints it: the shortest decimal that reads back as the same double. */
export function formatDouble(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

function encodeItems(sign: string, items: readonly Reply[], protocol: Protocol): string {
  let text = `${sign}${items.length}\r\n`;
  for (const item of items) text += encodeReply(item, protocol);
  return text;
}

function encodeShaped(reply: ShapedReply, protocol: Protocol): string {
  switch (reply.type) {
    case "status":
      return `+${reply.text}\r\n`;
    case "error":
      return `-${reply.message.replace(/[\r\n]/g, " ")}\r\n`;
    case "nil-array":
      return protocol === 3 ? "_\r\n" : "*-1\r\n";
    case "double":
      return protocol === 3
        ? `,${formatDouble(reply.value)}\r\n`
        : encodeReply(formatDouble(reply.value), 2);
    case "map":
      return encodeMap(reply.pairs, protocol);
    case "set":
      return encodeItems(protocol === 3 ? "~" : "*", reply.members, protocol);
    case "verbatim":
      return protocol === 3
        ? `=${reply.text.length + 4}\r\ntxt:${reply.text}\r\n`
        : encodeReply(reply.text, 2);
    case "push":
      return encodeItems(protocol === 3 ? ">" : "*", reply.items, protocol);
    case "none":
      return "";
    default:
      return assertNever(reply);
  }
}

function encodeMap(pairs: readonly (readonly [Reply, Reply])[], protocol: Protocol): string {
  let text = protocol === 3 ? `%${pairs.length}\r\n` : `*${pairs.length * 2}\r\n`;
  for (const [key, value] of pairs)
    text += encodeReply(key, protocol) + encodeReply(value, protocol);
  return text;
}
