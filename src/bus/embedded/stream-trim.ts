import { parseInteger } from "./arguments.ts";
import { CommandError, syntaxError } from "./reply.ts";
import { parseId, type StreamId } from "./stream-id.ts";
import type { StreamValue } from "./stream-value.ts";

/** How far a stream is cut back. */
export interface TrimOptions {
  readonly to: { readonly maxLength: number } | { readonly minId: StreamId };
  /** With `~`: only whole blocks are worth the work. */
  readonly approximate: boolean;
  /** At most so many entries, where given. */
  readonly limit: number | undefined;
}

/** Entries of a node where `stream-node-max-entries` says nothing. */
const NODE_ENTRIES = 100;
/** The LIMIT of an approximate trim that names none, in nodes. */
const DEFAULT_LIMIT_NODES = 100;

/**
 * Reads `MAXLEN|MINID [=|~] threshold [LIMIT count]` word by word, among other options.
 * `handlers` take the words, `result` answers undefined when there were none.
 */
export function trimOptionReader(args: readonly string[]) {
  let strategy: string | undefined;
  let to: TrimOptions["to"] | undefined;
  let approximate = false;
  let limit: number | undefined;
  const threshold =
    (word: string, read: (text: string) => TrimOptions["to"]) => (next: () => string) => {
      if (strategy !== undefined && strategy !== word) {
        throw new CommandError(
          "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
        );
      }
      strategy = word;
      const first = next();
      approximate = first === "~";
      to = read(first === "~" || first === "=" ? next() : first);
    };
  return {
    handlers: {
      maxlen: threshold("MAXLEN", (text) => ({ maxLength: parseMaxLength(text) })),
      minid: threshold("MINID", (text) => ({ minId: parseId(text) })),
      limit: (next: () => string) => {
        limit = parseInteger(next());
        if (limit < 0) throw new CommandError("ERR The LIMIT argument must be >= 0.");
      },
    },
    result(): TrimOptions | undefined {
      if (limit !== undefined && args.length > 0 && !approximate) {
        throw new CommandError(
          "ERR syntax error, LIMIT cannot be used without the special ~ option",
        );
      }
      return to === undefined ? undefined : { to, approximate, limit };
    },
  };
}

function parseMaxLength(text: string): number {
  const length = parseInteger(text);
  if (length < 0) throw new CommandError("ERR The MAXLEN argument must be >= 0.");
  return length;
}

/** The options of XTRIM, which must be there. */
export function requireTrim(options: TrimOptions | undefined): TrimOptions {
  if (options === undefined) throw syntaxError();
  return options;
}

/** How many entries a node has: with `~` only whole nodes go. */
export function nodeEntries(settings: ReadonlyMap<string, string>): number {
  return Number(settings.get("stream-node-max-entries")) || NODE_ENTRIES;
}

/** Cuts the oldest entries off; answers how many. */
export function trimStream(
  stream: StreamValue,
  options: TrimOptions,
  entriesPerNode: number,
): number {
  const excess =
    "maxLength" in options.to
      ? Math.max(stream.entries.length - options.to.maxLength, 0)
      : stream.entries.lowerBound(options.to.minId);
  const count = options.approximate
    ? wholeNodes(stream, excess, options.limit, entriesPerNode)
    : excess;
  if (count > 0) stream.trim(count);
  return count;
}

/** Redis fills node after node, so where they end follows from the number of entries ever added. */
function wholeNodes(
  stream: StreamValue,
  excess: number,
  limit: number | undefined,
  entriesPerNode: number,
): number {
  const allowed =
    limit === 0 ? excess : Math.min(excess, limit ?? DEFAULT_LIMIT_NODES * entriesPerNode);
  if (allowed >= stream.entries.length) return stream.entries.length;
  const removed = stream.entriesAdded - stream.entries.length;
  const firstNode = entriesPerNode - (removed % entriesPerNode);
  return allowed < firstNode ? 0 : allowed - ((allowed - firstNode) % entriesPerNode);
}
