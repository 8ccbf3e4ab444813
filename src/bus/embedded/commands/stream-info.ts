import { parseInteger, readOptions } from "../arguments.ts";
import { type Call, type CommandTable, container } from "../command.ts";
import { CommandError, mapOf, type Reply } from "../reply.ts";
import { FIRST_ID, formatId, LAST_ID } from "../stream-id.ts";
import { entryReply } from "../stream-reply.ts";
import type { Consumer, Group, StreamValue } from "../stream-value.ts";

/** XINFO. */
export const streamInfoCommands: CommandTable = {
  xinfo: {
    arity: -2,
    flags: ["readonly"],
    keys: [2, 2, 1],
    run: container("xinfo", {
      stream: { arity: -3, usage: "<key> [FULL [COUNT <count>]]", run: streamInfo },
      groups: {
        arity: 3,
        usage: "<key>",
        run: (call, [key = ""]) => {
          const stream = requireStream(call, key);
          return sortedByName(stream.groups).map((group) => groupSummary(stream, group));
        },
      },
      consumers: { arity: 4, usage: "<key> <groupname>", run: consumersInfo },
    }),
  },
};

const DEFAULT_FULL_COUNT = 10;
const NODE_ENTRIES = 100;

function requireStream({ keyspace }: Call, key: string): StreamValue {
  const stream = keyspace.typed(key, "stream");
  if (stream === undefined) throw new CommandError("ERR no such key");
  return stream;
}

function sortedByName<Item extends { readonly name: string }>(
  items: ReadonlyMap<string, Item>,
): Item[] {
  return [...items.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function streamInfo(call: Call, [key = "", ...words]: readonly string[]): Reply {
  let count = DEFAULT_FULL_COUNT;
  const [full, ...rest] = words;
  if (full !== undefined && full.toUpperCase() !== "FULL") {
    throw new CommandError(
      "ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.",
    );
  }
  readOptions(rest, 0, {
    count: (next) => {
      count = Math.max(parseInteger(next()), 0);
    },
  });
  const stream = requireStream(call, key);
  return full === undefined
    ? briefInfo(stream)
    : fullInfo(stream, count === 0 ? Number.POSITIVE_INFINITY : count);
}

function commonInfo(stream: StreamValue): Record<string, Reply> {
  // There is no tree here: the numbers are those of one whose nodes are all full.
  const nodes = Math.ceil(stream.entries.length / NODE_ENTRIES);
  return {
    length: stream.entries.length,
    "radix-tree-keys": nodes,
    "radix-tree-nodes": nodes + 1,
    "last-generated-id": formatId(stream.lastId),
    "max-deleted-entry-id": formatId(stream.maxDeletedId),
    "entries-added": stream.entriesAdded,
    "recorded-first-entry-id": formatId(stream.entries.first()?.id ?? FIRST_ID),
  };
}

function briefInfo(stream: StreamValue): Reply {
  const [first, last] = [stream.entries.first(), stream.entries.last()];
  return mapOf({
    ...commonInfo(stream),
    groups: stream.groups.size,
    "first-entry": first === undefined ? null : entryReply(first),
    "last-entry": last === undefined ? null : entryReply(last),
  });
}

function fullInfo(stream: StreamValue, count: number): Reply {
  return mapOf({
    ...commonInfo(stream),
    entries: stream.entries.range(FIRST_ID, LAST_ID, count).map(entryReply),
    groups: sortedByName(stream.groups).map((group) =>
      mapOf({
        name: group.name,
        "last-delivered-id": formatId(group.lastId),
        "entries-read": group.entriesRead ?? null,
        lag: stream.lag(group) ?? null,
        "pel-count": group.pending.length,
        pending: group.pending
          .range(FIRST_ID, LAST_ID, count)
          .map(({ id, consumer, deliveredAt, deliveries }) => [
            formatId(id),
            consumer.name,
            deliveredAt,
            deliveries,
          ]),
        consumers: sortedByName(group.consumers).map((consumer) => fullConsumer(consumer, count)),
      }),
    ),
  });
}

function fullConsumer(consumer: Consumer, count: number): Reply {
  return mapOf({
    name: consumer.name,
    "seen-time": consumer.seenAt,
    "pel-count": consumer.pending.length,
    pending: consumer.pending
      .range(FIRST_ID, LAST_ID, count)
      .map(({ id, deliveredAt, deliveries }) => [formatId(id), deliveredAt, deliveries]),
  });
}

function groupSummary(stream: StreamValue, group: Group): Reply {
  return mapOf({
    name: group.name,
    consumers: group.consumers.size,
    pending: group.pending.length,
    "last-delivered-id": formatId(group.lastId),
    "entries-read": group.entriesRead ?? null,
    lag: stream.lag(group) ?? null,
  });
}

function consumersInfo(call: Call, [key = "", name = ""]: readonly string[]): Reply {
  const group = requireStream(call, key).groups.get(name);
  if (group === undefined) {
    throw new CommandError(`NOGROUP No such consumer group '${name}' for key name '${key}'`);
  }
  return sortedByName(group.consumers).map((consumer) =>
    mapOf({
      name: consumer.name,
      pending: consumer.pending.length,
      idle: Math.max(call.keyspace.now - consumer.seenAt, 0),
    }),
  );
}
