import { pairsOf, parseInteger, readLeadingOptions, readOptions } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import type { Keyspace } from "../keyspace.ts";
import { CommandError, NIL_ARRAY, OK, type Reply, syntaxError, wrongArity } from "../reply.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  invalidId,
  nextId,
  nextIdWithin,
  parseId,
  parseRangeBound,
  type StreamId,
} from "../stream-id.ts";
import { entryReply } from "../stream-reply.ts";
import {
  nodeEntries,
  requireTrim,
  type TrimOptions,
  trimOptionReader,
  trimStream,
} from "../stream-trim.ts";
import { StreamValue } from "../stream-value.ts";

/** Commands on streams, but for reading and groups. */
export const streamCommands: CommandTable = {
  xadd: { arity: -5, flags: ["write", "fast"], keys: [1, 1, 1], run: xadd },
  xlen: {
    arity: 2,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: ({ keyspace }, [key = ""]) => keyspace.typed(key, "stream")?.entries.length ?? 0,
  },
  xrange: {
    arity: -4,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, [key = "", start = "", end = "", ...rest]) =>
      xrange(call, { key, start, end, rest, backwards: false }),
  },
  xrevrange: {
    arity: -4,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, [key = "", end = "", start = "", ...rest]) =>
      xrange(call, { key, start, end, rest, backwards: true }),
  },
  xdel: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: xdel },
  xtrim: { arity: -4, flags: ["write"], keys: [1, 1, 1], run: xtrim },
  xsetid: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: xsetid },
};

/** The stream of a key, made when there is none. */
export function ensureStream(keyspace: Keyspace, key: string): StreamValue {
  return keyspace.ensure(key, "stream", () => new StreamValue());
}

function xadd({ keyspace, broker }: Call, args: readonly string[]): Reply {
  const [key = ""] = args;
  const request = readAddRequest(args);
  const known = keyspace.typed(key, "stream");
  if (known === undefined && request.mustExist) return null;
  const id = newId(known, request.template, keyspace.now);
  const stream = known ?? ensureStream(keyspace, key);
  stream.append({ id, fields: request.fields });
  const trimmed =
    request.trim === undefined ? 0 : trimStream(stream, request.trim, nodeEntries(broker.settings));
  keyspace.touch(key);
  const text = formatId(id);
  // What `~` came to is nobody's guess later: the log tells the length that was left.
  const trim = trimmed === 0 ? [] : ["MAXLEN", "=", String(stream.entries.length)];
  broker.record("XADD", key, ...trim, text, ...request.fields);
  return text;
}

interface AddRequest {
  readonly mustExist: boolean;
  readonly trim: TrimOptions | undefined;
  readonly template: IdTemplate;
  readonly fields: readonly string[];
}

function readAddRequest(args: readonly string[]): AddRequest {
  let mustExist = false;
  const trim = trimOptionReader(args);
  const idIndex = readLeadingOptions(args, 1, {
    ...trim.handlers,
    nomkstream: () => {
      mustExist = true;
    },
  });
  const template = parseIdTemplate(args[idIndex] ?? "");
  const fields = args.slice(idIndex + 1);
  if (fields.length === 0 || fields.length % 2 !== 0) throw wrongArity("xadd");
  if (args[idIndex] === "0-0") {
    throw new CommandError("ERR The ID specified in XADD must be greater than 0-0");
  }
  return { mustExist, trim: trim.result(), template, fields };
}

/** The id of a new entry, which must be above all the stream has had. */
function newId(stream: StreamValue | undefined, template: IdTemplate, now: number): StreamId {
  const newest = stream?.lastId ?? FIRST_ID;
  if (nextId(newest) === undefined) {
    throw new CommandError(
      "ERR The stream has exhausted the last possible ID, unable to add more items",
    );
  }
  const id = template(newest, now);
  if (id === undefined || compareIds(id, newest) <= 0) {
    throw new CommandError(
      "ERR The ID specified in XADD is equal or smaller than the target stream top item",
    );
  }
  return id;
}

/** From the newest id and the time to the id wanted, undefined when there is none left. */
type IdTemplate = (newest: StreamId, now: number) => StreamId | undefined;

function parseIdTemplate(text: string): IdTemplate {
  if (text === "*") {
    return (newest, now) => (now > newest.ms ? { ms: now, seq: 0 } : nextId(newest));
  }
  if (text.endsWith("-*")) {
    const { ms } = parseId(text.slice(0, -2));
    if (text.slice(0, -2).includes("-")) throw invalidId();
    return (newest) => {
      if (ms > newest.ms) return { ms, seq: 0 };
      return ms === newest.ms ? nextIdWithin(newest) : undefined;
    };
  }
  const id = parseId(text);
  return () => id;
}

interface RangeRequest {
  readonly key: string;
  readonly start: string;
  readonly end: string;
  readonly rest: readonly string[];
  readonly backwards: boolean;
}

function xrange({ keyspace }: Call, request: RangeRequest): Reply {
  const start = parseRangeBound(request.start, "start");
  const end = parseRangeBound(request.end, "end");
  let count = Number.POSITIVE_INFINITY;
  readOptions(request.rest, 0, {
    count: (next) => {
      count = Math.max(parseInteger(next()), 0);
    },
  });
  const entries = keyspace.typed(request.key, "stream")?.entries;
  if (count === 0) return NIL_ARRAY;
  if (entries === undefined || compareIds(start, end) > 0) return [];
  const found = request.backwards
    ? entries.rangeBackwards(start, end, count)
    : entries.range(start, end, count);
  return found.map(entryReply);
}

function xdel({ keyspace }: Call, [key = "", ...words]: readonly string[]): Reply {
  const stream = keyspace.typed(key, "stream");
  const ids = stream === undefined ? [] : words.map((word) => parseId(word));
  const deleted = ids.filter((id) => stream?.delete(id) === true).length;
  if (deleted > 0) keyspace.touch(key);
  return deleted;
}

function xtrim({ keyspace, broker }: Call, args: readonly string[]): Reply {
  const [key = ""] = args;
  const reader = trimOptionReader(args);
  readOptions(args, 1, reader.handlers);
  const options = requireTrim(reader.result());
  const stream = keyspace.typed(key, "stream");
  const removed =
    stream === undefined ? 0 : trimStream(stream, options, nodeEntries(broker.settings));
  if (stream === undefined || removed === 0) return 0;
  keyspace.touch(key);
  broker.record("XTRIM", key, "MAXLEN", "=", String(stream.entries.length));
  return removed;
}

function xsetid({ keyspace }: Call, [key = "", text = "", ...rest]: readonly string[]): Reply {
  const lastId = parseId(text);
  const options = readSetIdOptions(rest);
  const stream = keyspace.typed(key, "stream");
  if (stream === undefined) throw new CommandError("ERR no such key");
  if (options.maxDeletedId !== undefined && compareIds(lastId, options.maxDeletedId) < 0) {
    throw new CommandError(
      "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
    );
  }
  if (stream.entries.length > 0 && compareIds(lastId, stream.newestId()) < 0) {
    throw new CommandError(
      "ERR The ID specified in XSETID is smaller than the target stream top item",
    );
  }
  if (options.entriesAdded !== undefined && options.entriesAdded < stream.entries.length) {
    throw new CommandError(
      "ERR The entries_added specified in XSETID is smaller than the target stream length",
    );
  }
  stream.lastId = lastId;
  stream.entriesAdded = options.entriesAdded ?? stream.entriesAdded;
  const { maxDeletedId } = options;
  if (maxDeletedId !== undefined && compareIds(maxDeletedId, FIRST_ID) > 0) {
    stream.maxDeletedId = maxDeletedId;
  }
  keyspace.touch(key);
  return OK;
}

function readSetIdOptions(words: readonly string[]): {
  readonly entriesAdded: number | undefined;
  readonly maxDeletedId: StreamId | undefined;
} {
  let entriesAdded: number | undefined;
  let maxDeletedId: StreamId | undefined;
  if (words.length % 2 !== 0) throw syntaxError();
  for (const [word, value] of pairsOf(words)) {
    if (word.toUpperCase() === "ENTRIESADDED") {
      entriesAdded = parseInteger(value);
      if (entriesAdded < 0) throw new CommandError("ERR entries_added must be positive");
    } else if (word.toUpperCase() === "MAXDELETEDID") maxDeletedId = parseId(value);
    else throw syntaxError();
  }
  return { entriesAdded, maxDeletedId };
}
