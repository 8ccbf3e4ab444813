import { parseInteger, readOptions } from "../arguments.ts";
import { type Broker, type Call, type CommandTable, container } from "../command.ts";
import { type ExpiryUnit, expiryTime } from "../expiry.ts";
import { matchesGlob } from "../glob.ts";
import type { Keyspace, Value } from "../keyspace.ts";
import { CommandError, OK, type Reply, status, syntaxError } from "../reply.ts";
import { readScanOptions } from "../scan.ts";

/** Commands on keys of any type, and on the whole keyspace. */
export const keyCommands: CommandTable = {
  exists: {
    arity: -2,
    flags: ["readonly", "fast"],
    keys: [1, -1, 1],
    run: ({ keyspace }, keys) => keys.filter((key) => keyspace.find(key) !== undefined).length,
  },
  del: { arity: -2, flags: ["write"], keys: [1, -1, 1], run: remove },
  unlink: { arity: -2, flags: ["write", "fast"], keys: [1, -1, 1], run: remove },
  type: {
    arity: 2,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: ({ keyspace }, [key = ""]) => status(keyspace.find(key)?.type ?? "none"),
  },
  expire: expireCommand("expire", "EX"),
  pexpire: expireCommand("pexpire", "PX"),
  expireat: expireCommand("expireat", "EXAT"),
  pexpireat: expireCommand("pexpireat", "PXAT"),
  ttl: timeCommand((expiry, now) => Math.round((expiry - now) / 1000)),
  pttl: timeCommand((expiry, now) => expiry - now),
  expiretime: timeCommand((expiry) => Math.floor((expiry + 500) / 1000)),
  pexpiretime: timeCommand((expiry) => expiry),
  persist: { arity: 2, flags: ["write", "fast"], keys: [1, 1, 1], run: persist },
  rename: { arity: 3, flags: ["write"], keys: [1, 2, 1], run: rename },
  randomkey: { arity: 1, flags: ["readonly"], run: randomKey },
  keys: {
    arity: 2,
    flags: ["readonly"],
    run: ({ keyspace }, [pattern = ""]) =>
      keyspace.keys().filter((key) => matchesGlob(pattern, key)),
  },
  scan: { arity: -2, flags: ["readonly"], run: scan },
  dbsize: { arity: 1, flags: ["readonly", "fast"], run: ({ keyspace }) => keyspace.keys().length },
  flushall: { arity: -1, flags: ["write"], run: flush },
  flushdb: { arity: -1, flags: ["write"], run: flush },
  object: {
    arity: -2,
    flags: ["readonly"],
    keys: [2, 2, 1],
    run: container("object", {
      encoding: { arity: 3, usage: "<key>", run: (call, args) => encodingOf(existing(call, args)) },
      freq: { arity: 3, usage: "<key>", run: noFrequency },
      idletime: { arity: 3, usage: "<key>", run: (call, args) => existing(call, args) && 0 },
      refcount: { arity: 3, usage: "<key>", run: (call, args) => existing(call, args) && 1 },
    }),
  },
  memory: {
    arity: -2,
    flags: ["readonly"],
    run: container("memory", {
      usage: { arity: -3, usage: "<key> [SAMPLES <count>]", run: memoryUsage },
    }),
  },
};

function remove({ keyspace }: Call, keys: readonly string[]): Reply {
  return keys.filter((key) => keyspace.find(key) !== undefined && keyspace.remove(key)).length;
}

function expireCommand(name: string, unit: ExpiryUnit): CommandTable[string] {
  return {
    arity: -3,
    flags: ["write", "fast"],
    keys: [1, 1, 1],
    run({ keyspace, broker }, args) {
      const [key = "", time = ""] = args;
      const allows = readExpireCondition(args);
      const expireAt = expiryTime(unit, time, keyspace.now, name);
      if (keyspace.find(key) === undefined) return 0;
      if (!allows(keyspace.expiryOf(key), expireAt)) return 0;
      keyspace.expireAt(key, expireAt);
      recordExpiry(broker, keyspace, key);
      return 1;
    },
  };
}

/** Logs when a key ends, or that it has ended: what it comes to later is not told by the words. */
function recordExpiry(broker: Broker, keyspace: Keyspace, key: string): void {
  const expireAt = keyspace.expiryOf(key);
  if (expireAt === undefined) broker.record("DEL", key);
  else broker.record("PEXPIREAT", key, String(expireAt));
}

type ExpireCondition = (current: number | undefined, wanted: number) => boolean;

function readExpireCondition(args: readonly string[]): ExpireCondition {
  const given = new Set<string>();
  const add = (word: string) => () => {
    given.add(word);
  };
  try {
    readOptions(args, 2, { nx: add("NX"), xx: add("XX"), gt: add("GT"), lt: add("LT") });
  } catch (error) {
    const unknown = args.slice(2).find((word) => !/^(?:nx|xx|gt|lt)$/i.test(word)) ?? "";
    throw new CommandError(`ERR Unsupported option ${unknown}`, { cause: error });
  }
  if (given.has("NX") && given.size > 1) {
    throw new CommandError("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (given.has("GT") && given.has("LT")) {
    throw new CommandError("ERR GT and LT options at the same time are not compatible");
  }
  return (current, wanted) =>
    !(
      (given.has("NX") && current !== undefined) ||
      (given.has("XX") && current === undefined) ||
      (given.has("GT") && wanted <= (current ?? Number.POSITIVE_INFINITY)) ||
      (given.has("LT") && wanted >= (current ?? Number.POSITIVE_INFINITY))
    );
}

function timeCommand(shape: (expiry: number, now: number) => number): CommandTable[string] {
  return {
    arity: 2,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run({ keyspace }, [key = ""]) {
      if (keyspace.find(key) === undefined) return -2;
      const expiry = keyspace.expiryOf(key);
      return expiry === undefined ? -1 : shape(expiry, keyspace.now);
    },
  };
}

function persist({ keyspace }: Call, [key = ""]: readonly string[]): Reply {
  if (keyspace.expiryOf(key) === undefined) return 0;
  keyspace.expireAt(key, undefined);
  return 1;
}

function rename({ keyspace }: Call, [from = "", to = ""]: readonly string[]): Reply {
  const value = keyspace.find(from);
  if (value === undefined) throw new CommandError("ERR no such key");
  if (from === to) return OK;
  const expiry = keyspace.expiryOf(from);
  keyspace.remove(from);
  keyspace.remove(to);
  keyspace.put(to, value);
  if (expiry !== undefined) keyspace.expireAt(to, expiry);
  return OK;
}

function randomKey({ keyspace }: Call): Reply {
  const keys = keyspace.keys();
  return keys[Math.floor(Math.random() * keys.length)] ?? null;
}

function scan({ keyspace }: Call, args: readonly string[]): Reply {
  const options = readScanOptions(args, 0, true);
  const found = keyspace.scan(options.cursor, options.count);
  const keys = found.keys.filter(
    (key) =>
      options.matches(key) &&
      (options.type === undefined || keyspace.find(key)?.type === options.type),
  );
  return [String(found.cursor), keys];
}

function flush({ keyspace }: Call, args: readonly string[]): Reply {
  if (args.length > 1 || !/^(?:|sync|async)$/i.test(args[0] ?? "")) throw syntaxError();
  keyspace.clear();
  return OK;
}

function existing({ keyspace }: Call, [key = ""]: readonly string[]): Value | null {
  return keyspace.find(key) ?? null;
}

function noFrequency(): Reply {
  throw new CommandError(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. " +
      "Please note that when switching between policies at runtime LRU and LFU data will take " +
      "some time to adjust.",
  );
}

const ENCODINGS: Readonly<Record<Value["type"], string>> = {
  string: "raw",
  hash: "hashtable",
  set: "hashtable",
  list: "quicklist",
  zset: "skiplist",
  stream: "stream",
};

function encodingOf(value: Value | null): Reply {
  return value === null ? null : ENCODINGS[value.type];
}

/** What a key, a small object and each of its parts cost in V8, about. */
const PART_BYTES = 64;

function memoryUsage(call: Call, args: readonly string[]): Reply {
  const [key = ""] = args;
  readOptions(args, 1, { samples: (next) => parseInteger(next()) });
  const value = existing(call, args);
  return value === null ? null : key.length + PART_BYTES + sizeOf(value);
}

function sizeOf(value: Value): number {
  switch (value.type) {
    case "string":
      return value.text.length;
    case "hash":
      return sizeOfAll([...value.fields].flat());
    case "set":
      return sizeOfAll([...value.members]);
    case "list":
      return sizeOfAll(value.items);
    case "zset":
      return sizeOfAll(value.slice(0, value.size).map(({ member }) => member));
    case "stream":
      return sizeOfAll(
        Array.from({ length: value.entries.length }, (_, position) =>
          (value.entries.at(position)?.fields ?? []).join(""),
        ),
      );
    default:
      return 0;
  }
}

function sizeOfAll(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + part.length + PART_BYTES, 0);
}
