import { parseInteger, readOptions } from "../arguments.ts";
import { type Call, type CommandTable, container } from "../command.ts";
import { CommandError, NIL_ARRAY, OK, type Reply, syntaxError } from "../reply.ts";
import {
  FIRST_ID,
  formatId,
  GREATEST_ID,
  LAST_ID,
  parseId,
  parseRangeBound,
  type StreamId,
} from "../stream-id.ts";
import {
  ensureConsumer,
  forget,
  type Group,
  type PendingEntry,
  type StreamValue,
} from "../stream-value.ts";
import { ensureStream } from "./streams.ts";

/** Commands on consumer groups, but for reading and claiming. */
export const streamGroupCommands: CommandTable = {
  xack: { arity: -4, flags: ["write", "fast"], keys: [1, 1, 1], run: xack },
  xpending: { arity: -3, flags: ["readonly"], keys: [1, 1, 1], run: xpending },
  xgroup: {
    arity: -2,
    flags: ["write"],
    keys: [2, 2, 1],
    run: container("xgroup", {
      create: {
        arity: -5,
        usage: "<key> <groupname> <id|$> [MKSTREAM] [ENTRIESREAD entries_read]",
        run: create,
      },
      setid: {
        arity: -5,
        usage: "<key> <groupname> <id|$> [ENTRIESREAD entries_read]",
        run: setId,
      },
      destroy: { arity: 4, usage: "<key> <groupname>", run: destroy },
      createconsumer: { arity: 5, usage: "<key> <groupname> <consumer>", run: createConsumer },
      delconsumer: { arity: 5, usage: "<key> <groupname> <consumer>", run: deleteConsumer },
    }),
  },
};

function requireStream({ keyspace }: Call, key: string): StreamValue {
  const stream = keyspace.typed(key, "stream");
  if (stream !== undefined) return stream;
  throw new CommandError(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to " +
      "use the MKSTREAM option to create an empty stream automatically.",
  );
}

function requireGroup(call: Call, key: string, name: string): Group {
  const group = requireStream(call, key).groups.get(name);
  if (group !== undefined) return group;
  throw new CommandError(`NOGROUP No such consumer group '${name}' for key name '${key}'`);
}

interface GroupOptions {
  makeStream: boolean;
  entriesRead: number | undefined;
}

function readGroupOptions(words: readonly string[], isCreate: boolean): GroupOptions {
  const options: GroupOptions = { makeStream: false, entriesRead: undefined };
  readOptions(words, 0, {
    mkstream: () => {
      if (!isCreate) throw syntaxError();
      options.makeStream = true;
    },
    entriesread: (next) => {
      const entriesRead = parseInteger(next());
      if (entriesRead < -1) {
        throw new CommandError("ERR value for ENTRIESREAD must be positive or -1");
      }
      options.entriesRead = entriesRead < 0 ? undefined : entriesRead;
    },
  });
  return options;
}

function startId(text: string, stream: StreamValue | undefined): StreamId {
  return text === "$" ? (stream?.lastId ?? FIRST_ID) : parseId(text);
}

/** SETID takes the ends of a stream by their signs too. */
function laterStartId(text: string, stream: StreamValue | undefined): StreamId {
  if (text === "-") return FIRST_ID;
  return text === "+" ? GREATEST_ID : startId(text, stream);
}

function create(call: Call, [key = "", name = "", id = "", ...rest]: readonly string[]): Reply {
  const options = readGroupOptions(rest, true);
  const { keyspace } = call;
  if (!options.makeStream) requireStream(call, key);
  const lastId = startId(id, keyspace.typed(key, "stream"));
  const stream = ensureStream(keyspace, key);
  if (stream.createGroup(name, lastId, options.entriesRead) === undefined) {
    throw new CommandError("BUSYGROUP Consumer Group name already exists");
  }
  keyspace.touch(key);
  return OK;
}

function setId(call: Call, [key = "", name = "", id = "", ...rest]: readonly string[]): Reply {
  const options = readGroupOptions(rest, false);
  const group = requireGroup(call, key, name);
  group.lastId = laterStartId(id, call.keyspace.typed(key, "stream"));
  group.entriesRead = options.entriesRead;
  call.keyspace.touch(key);
  return OK;
}

function destroy(call: Call, [key = "", name = ""]: readonly string[]): Reply {
  if (!requireStream(call, key).groups.delete(name)) return 0;
  call.keyspace.touch(key);
  return 1;
}

function createConsumer(
  call: Call,
  [key = "", name = "", consumer = ""]: readonly string[],
): Reply {
  const group = requireGroup(call, key, name);
  if (group.consumers.has(consumer)) return 0;
  ensureConsumer(group, consumer, call.keyspace.now);
  call.keyspace.touch(key);
  return 1;
}

function deleteConsumer(
  call: Call,
  [key = "", name = "", consumer = ""]: readonly string[],
): Reply {
  const group = requireGroup(call, key, name);
  const known = group.consumers.get(consumer);
  if (known === undefined) return 0;
  const dropped = known.pending.range(FIRST_ID, LAST_ID);
  for (const { id } of dropped) forget(group, id);
  group.consumers.delete(consumer);
  call.keyspace.touch(key);
  return dropped.length;
}

function xack({ keyspace }: Call, [key = "", name = "", ...words]: readonly string[]): Reply {
  const group = keyspace.typed(key, "stream")?.groups.get(name);
  if (group === undefined) return 0;
  const ids = words.map((word) => parseId(word));
  const acknowledged = ids.filter((id) => forget(group, id)).length;
  if (acknowledged > 0) keyspace.markChanged();
  return acknowledged;
}

/** Logs where a group stands. */
export function recordGroup({ broker }: Call, key: string, group: Group): void {
  const entriesRead = String(group.entriesRead ?? -1);
  const id = formatId(group.lastId);
  broker.record("XGROUP", "SETID", key, group.name, id, "ENTRIESREAD", entriesRead);
}

/**
 * Logs pending entries as they are now, as the claims that make them so. Neighbours
 * with the same consumer, time and count share a command.
 */
export function recordPending(
  { broker }: Pick<Call, "broker">,
  key: string,
  group: Group,
  pending: readonly PendingEntry[],
): void {
  for (const words of claimsOf(key, group, pending)) broker.record(...words);
}

/** The claims that make these pending entries of a group what they are. */
export function claimsOf(
  key: string,
  group: Group,
  pending: readonly PendingEntry[],
): (readonly string[])[] {
  const claims: (readonly string[])[] = [];
  for (let start = 0, end = 0; start < pending.length; start = end) {
    const first = pending[start];
    if (first === undefined) break;
    while (end < pending.length && isAlike(first, pending[end])) end += 1;
    claims.push([
      ...["XCLAIM", key, group.name, first.consumer.name, "0"],
      ...pending.slice(start, end).map(({ id }) => formatId(id)),
      ...["TIME", String(first.deliveredAt), "RETRYCOUNT", String(first.deliveries)],
      ...["FORCE", "JUSTID", "LASTID", formatId(group.lastId)],
    ]);
  }
  return claims;
}

function isAlike(left: PendingEntry, right: PendingEntry | undefined): boolean {
  return (
    left.consumer === right?.consumer &&
    left.deliveredAt === right.deliveredAt &&
    left.deliveries === right.deliveries
  );
}

/** The group of a command that calls both stream and group into question. */
export function requirePendingGroup(
  call: Call,
  key: string,
  name: string,
): { readonly stream: StreamValue; readonly group: Group } {
  const stream = call.keyspace.typed(key, "stream");
  const group = stream?.groups.get(name);
  if (stream !== undefined && group !== undefined) return { stream, group };
  throw new CommandError(`NOGROUP No such key '${key}' or consumer group '${name}'`);
}

function xpending(call: Call, [key = "", name = "", ...rest]: readonly string[]): Reply {
  const request = rest.length === 0 ? undefined : readPendingRequest(rest);
  const { group } = requirePendingGroup(call, key, name);
  return request === undefined ? pendingSummary(group) : pendingList(call, group, request);
}

interface PendingRequest {
  readonly minIdle: number;
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  readonly consumer: string | undefined;
}

function readPendingRequest(words: readonly string[]): PendingRequest {
  const hasIdle = words[0]?.toUpperCase() === "IDLE";
  const [start, end, count, consumer, ...more] = hasIdle ? words.slice(2) : words;
  if (start === undefined || end === undefined || count === undefined || more.length > 0) {
    throw syntaxError();
  }
  return {
    minIdle: hasIdle ? parseInteger(words[1] ?? "") : 0,
    count: Math.max(parseInteger(count), 0),
    start: parseRangeBound(start, "start"),
    end: parseRangeBound(end, "end"),
    consumer,
  };
}

function pendingSummary(group: Group): Reply {
  const [first, last] = [group.pending.first(), group.pending.last()];
  if (first === undefined || last === undefined) return [0, null, null, NIL_ARRAY];
  const busy = [...group.consumers.values()]
    .filter(({ pending }) => pending.length > 0)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return [
    group.pending.length,
    formatId(first.id),
    formatId(last.id),
    busy.map(({ name, pending }) => [name, String(pending.length)]),
  ];
}

function pendingList({ keyspace }: Call, group: Group, request: PendingRequest): Reply {
  const pending =
    request.consumer === undefined ? group.pending : group.consumers.get(request.consumer)?.pending;
  return (pending?.range(request.start, request.end) ?? [])
    .filter(({ deliveredAt }) => keyspace.now - deliveredAt >= request.minIdle)
    .slice(0, request.count)
    .map(({ id, consumer, deliveredAt, deliveries }) => [
      formatId(id),
      consumer.name,
      Math.max(keyspace.now - deliveredAt, 0),
      deliveries,
    ]);
}
