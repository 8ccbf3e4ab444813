/**
 * What a command answers, independent of the protocol version: a string is a bulk string, a number
 * an integer, null the nil bulk, an array an array; everything else is named by `type`.
 */
export type Reply = string | number | bigint | null | readonly Reply[] | ShapedReply;

/** The replies that plain JavaScript values cannot tell apart. */
export type ShapedReply =
  | { readonly type: "status"; readonly text: string }
  | { readonly type: "error"; readonly message: string }
  | { readonly type: "nil-array" }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "map"; readonly pairs: readonly (readonly [Reply, Reply])[] }
  | { readonly type: "set"; readonly members: readonly Reply[] }
  | { readonly type: "verbatim"; readonly text: string }
  | { readonly type: "push"; readonly items: readonly Reply[] }
  | { readonly type: "none" };

/** The version of the wire protocol a client speaks. */
export type Protocol = 2 | 3;

/** The reply of a command that has nothing else to say. */
export const OK: Reply = { type: "status", text: "OK" };

/** The nil of commands that answer an array otherwise: `*-1` in RESP2, `_` in RESP3. */
export const NIL_ARRAY: Reply = { type: "nil-array" };

/** The command answers later (it blocks) or has already written what it had to say. */
export const NO_REPLY: Reply = { type: "none" };

/** A simple string reply such as `+PONG`. */
export function status(text: string): Reply {
  return { type: "status", text };
}

/** A floating point reply: a RESP3 double, a bulk string in RESP2. */
export function double(value: number): Reply {
  return { type: "double", value };
}

/** A map reply: a RESP3 map, a flat array in RESP2. */
export function map(pairs: readonly (readonly [Reply, Reply])[]): Reply {
  return { type: "map", pairs };
}

/** A map reply built from the members of an object, in their order. */
export function mapOf(members: Readonly<Record<string, Reply>>): Reply {
  return map(Object.entries(members));
}

/** Narrows a reply to an array (`Array.isArray` does not narrow read-only arrays). */
export function isReplyArray(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply);
}

/** An error a client sees: the message starts with its code, as in `ERR syntax error`. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** The error of a command applied to a key of another type. */
export function wrongType(): CommandError {
  return new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
}

/** The error of options that make no sense. */
export function syntaxError(): CommandError {
  return new CommandError("ERR syntax error");
}

/** The error of a wrong number of arguments; `name` is lower case, with `|` before a subcommand. */
export function wrongArity(name: string): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${name}' command`);
}
