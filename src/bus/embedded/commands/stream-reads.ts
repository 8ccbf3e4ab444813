import { parseInteger, readLeadingOptions } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { CommandError, NIL_ARRAY, NO_REPLY, type Reply, syntaxError } from "../reply.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  LAST_ID,
  nextId,
  parseId,
  type StreamId,
} from "../stream-id.ts";
import { entryReply, readReply } from "../stream-reply.ts";
import {
  type Consumer,
  deliver,
  ensureConsumer,
  type Group,
  type PendingEntry,
  type StreamValue,
} from "../stream-value.ts";
import { recordGroup, recordPending } from "./stream-groups.ts";

/** The reading commands of streams, which may wait for more. */
export const streamReadCommands: CommandTable = {
  xread: { arity: -4, flags: ["readonly", "blocking"], run: xread },
  xreadgroup: { arity: -7, flags: ["write", "blocking"], run: xreadgroup },
};

interface ReadRequest {
  readonly group: { readonly name: string; readonly consumer: string } | undefined;
  readonly count: number;
  readonly blockMs: number | undefined;
  readonly noAck: boolean;
  readonly positions: readonly { readonly key: string; readonly from: string }[];
}

function readRequest(name: "XREAD" | "XREADGROUP", args: readonly string[]): ReadRequest {
  let group: ReadRequest["group"];
  let count = Number.POSITIVE_INFINITY;
  let blockMs: number | undefined;
  let noAck = false;
  const onlyWithGroup = (option: string) => {
    if (name === "XREADGROUP") return;
    throw new CommandError(
      `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`,
    );
  };
  const start = readLeadingOptions(args, 0, {
    block: (next) => {
      blockMs = parseTimeout(next());
    },
    count: (next) => {
      const wanted = parseInteger(next());
      count = wanted > 0 ? wanted : Number.POSITIVE_INFINITY;
    },
    group: (next) => {
      onlyWithGroup("GROUP");
      group = { name: next(), consumer: next() };
    },
    noack: () => {
      onlyWithGroup("NOACK");
      noAck = true;
    },
  });
  if (args[start]?.toUpperCase() !== "STREAMS") throw syntaxError();
  const positions = splitPositions(args.slice(start + 1));
  if (name === "XREADGROUP" && group === undefined) {
    throw new CommandError("ERR Missing GROUP option for XREADGROUP");
  }
  return { group, count, blockMs, noAck, positions };
}

function parseTimeout(text: string): number {
  let timeout: number;
  try {
    timeout = parseInteger(text);
  } catch (error) {
    throw new CommandError("ERR timeout is not an integer or out of range", { cause: error });
  }
  if (timeout < 0) throw new CommandError("ERR timeout is negative");
  return timeout;
}

function splitPositions(words: readonly string[]): ReadRequest["positions"] {
  const half = words.length / 2;
  if (half === 0 || !Number.isInteger(half)) {
    throw new CommandError(
      "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
    );
  }
  return words.slice(0, half).map((key, index) => ({ key, from: words[half + index] ?? "" }));
}

function xread(call: Call, args: readonly string[]): Reply {
  const request = readRequest("XREAD", args);
  const positions = request.positions.map(({ key, from }) => {
    if (from === ">") {
      throw new CommandError(
        "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> " +
          "<consumer> option.",
      );
    }
    const stream = call.keyspace.typed(key, "stream");
    return { key, after: from === "$" ? (stream?.lastId ?? FIRST_ID) : parseId(from) };
  });
  const attempt = () => {
    const found: [string, Reply][] = [];
    for (const { key, after } of positions) {
      const value = call.keyspace.find(key);
      const start = nextId(after);
      if (value?.type !== "stream" || start === undefined) continue;
      const entries = value.entries.range(start, LAST_ID, request.count);
      if (entries.length > 0) found.push([key, entries.map(entryReply)]);
    }
    return found.length > 0 ? readReply(call, found) : undefined;
  };
  return answerOrWait(call, request, attempt);
}

function answerOrWait(call: Call, request: ReadRequest, attempt: () => Reply | undefined): Reply {
  const reply = attempt();
  if (reply !== undefined) return reply;
  if (request.blockMs === undefined || !call.mayBlock) return NIL_ARRAY;
  const { client, broker } = call;
  const cancelTimer =
    request.blockMs === 0
      ? () => undefined
      : broker.clock.after(request.blockMs, () => broker.blocked.release(client, NIL_ARRAY));
  const keys = request.positions.map(({ key }) => key);
  broker.blocked.block(client, { keys, attempt, onTimeout: NIL_ARRAY, cancelTimer });
  return NO_REPLY;
}

interface GroupPosition {
  readonly key: string;
  /** Undefined for `>`: what nobody of the group was given yet. */
  readonly historyAfter: StreamId | undefined;
}

function xreadgroup(call: Call, args: readonly string[]): Reply {
  const request = readRequest("XREADGROUP", args);
  const { name = "", consumer = "" } = request.group ?? {};
  const positions = request.positions.map(({ key, from }): GroupPosition => {
    const group = call.keyspace.typed(key, "stream")?.groups.get(name);
    if (group === undefined) {
      throw new CommandError(
        `NOGROUP No such key '${key}' or consumer group '${name}' in XREADGROUP with GROUP option`,
      );
    }
    if (from === "$") {
      throw new CommandError(
        "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history " +
          "of this consumer by specifying a proper ID, or use the > ID to get new messages. The " +
          "$ ID would just return an empty result set.",
      );
    }
    return { key, historyAfter: from === ">" ? undefined : parseId(from) };
  });
  const read = (position: GroupPosition) => {
    const { stream, group } = requireGroup(call, position.key, name);
    const reader = { call, request, stream, group, key: position.key, consumerName: consumer };
    return position.historyAfter === undefined
      ? readNew(reader)
      : readHistory(reader, position.historyAfter);
  };
  const attempt = () => {
    const found: [string, Reply][] = [];
    for (const position of positions) {
      const entries = read(position);
      if (entries !== undefined) found.push([position.key, entries]);
    }
    return found.length > 0 ? readReply(call, found) : undefined;
  };
  return answerOrWait(call, request, attempt);
}

/** The group of a read that may have waited: stream and group can be gone meanwhile. */
function requireGroup(
  call: Call,
  key: string,
  name: string,
): { readonly stream: StreamValue; readonly group: Group } {
  const stream = call.keyspace.find(key);
  if (stream?.type !== "stream") {
    throw new CommandError("UNBLOCKED the stream key no longer exists");
  }
  const group = stream.groups.get(name);
  if (group === undefined) {
    throw new CommandError(
      "NOGROUP the consumer group this client was blocked on no longer exists",
    );
  }
  return { stream, group };
}

interface GroupRead {
  readonly key: string;
  readonly call: Call;
  readonly request: ReadRequest;
  readonly stream: StreamValue;
  readonly group: Group;
  readonly consumerName: string;
}

function seeConsumer({ call, group, key, consumerName }: GroupRead): Consumer {
  const isNew = !group.consumers.has(consumerName);
  const consumer = ensureConsumer(group, consumerName, call.keyspace.now);
  consumer.seenAt = call.keyspace.now;
  if (isNew) {
    call.keyspace.markChanged();
    call.broker.record("XGROUP", "CREATECONSUMER", key, group.name, consumerName);
  }
  return consumer;
}

function readNew(read: GroupRead): Reply | undefined {
  const { call, request, stream, group } = read;
  if (compareIds(stream.newestId(), group.lastId) <= 0) return undefined;
  const consumer = seeConsumer(read);
  const start = nextId(group.lastId) ?? LAST_ID;
  const entries = stream.entries.range(start, LAST_ID, request.count);
  const delivered: PendingEntry[] = [];
  for (const { id } of entries) {
    stream.advance(group, id);
    if (!request.noAck) delivered.push(deliver(group, consumer, id, call.keyspace.now));
  }
  call.keyspace.markChanged();
  recordPending(call, read.key, group, delivered);
  recordGroup(call, read.key, group);
  return entries.map(entryReply);
}

/** What this consumer was given and has not acknowledged; reading it counts as a delivery. */
function readHistory(read: GroupRead, after: StreamId): Reply {
  const { call, request, stream, group } = read;
  const consumer = seeConsumer(read);
  const start = nextId(after);
  if (start === undefined) return [];
  const repeated: PendingEntry[] = [];
  const reply = consumer.pending.range(start, LAST_ID, request.count).map((pending) => {
    const entry = stream.entries.find(pending.id);
    if (entry === undefined) return [formatId(pending.id), NIL_ARRAY];
    pending.deliveredAt = call.keyspace.now;
    pending.deliveries += 1;
    repeated.push(pending);
    return entryReply(entry);
  });
  if (repeated.length > 0) call.keyspace.markChanged();
  recordPending(call, read.key, group, repeated);
  return reply;
}
