import { addIntegers, pairsOf, parseBigInteger, readOptions } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { absoluteExpiry } from "../expiry.ts";
import { CommandError, OK, type Reply, syntaxError, wrongArity } from "../reply.ts";

/** Commands on strings and counters. */
export const stringCommands: CommandTable = {
  get: { arity: 2, flags: ["readonly", "fast"], keys: [1, 1, 1], run: get },
  set: { arity: -3, flags: ["write"], keys: [1, 1, 1], run: set },
  setnx: { arity: 3, flags: ["write", "fast"], keys: [1, 1, 1], run: setnx },
  setex: {
    arity: 4,
    flags: ["write"],
    keys: [1, 1, 1],
    run: (call, args) => setWithExpiry(call, args, "EX", "setex"),
  },
  psetex: {
    arity: 4,
    flags: ["write"],
    keys: [1, 1, 1],
    run: (call, args) => setWithExpiry(call, args, "PX", "psetex"),
  },
  getset: { arity: 3, flags: ["write", "fast"], keys: [1, 1, 1], run: getset },
  getdel: { arity: 2, flags: ["write", "fast"], keys: [1, 1, 1], run: getdel },
  mget: {
    arity: -2,
    flags: ["readonly", "fast"],
    keys: [1, -1, 1],
    run: ({ keyspace }, keys) =>
      keys.map((key) => {
        const value = keyspace.find(key);
        return value?.type === "string" ? value.text : null;
      }),
  },
  mset: { arity: -3, flags: ["write"], keys: [1, -1, 2], run: mset },
  incr: counter(2, () => 1n),
  decr: counter(2, () => -1n),
  incrby: counter(3, parseBigInteger),
  decrby: counter(3, (text) => -parseBigInteger(text)),
  append: { arity: 3, flags: ["write", "fast"], keys: [1, 1, 1], run: append },
  strlen: {
    arity: 2,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: (call, [key = ""]) => textOf(call, key)?.length ?? 0,
  },
};

function textOf(call: Call, key: string): string | undefined {
  return call.keyspace.typed(key, "string")?.text;
}

function get(call: Call, [key = ""]: readonly string[]): Reply {
  return textOf(call, key) ?? null;
}

interface SetOptions {
  condition: "NX" | "XX" | undefined;
  keepTtl: boolean;
  answerOld: boolean;
  expireAt: number | undefined;
}

function readSetOptions(call: Call, args: readonly string[]): SetOptions {
  const options: SetOptions = {
    condition: undefined,
    keepTtl: false,
    answerOld: false,
    expireAt: undefined,
  };
  const condition = (word: "NX" | "XX") => () => {
    if (options.condition !== undefined && options.condition !== word) throw syntaxError();
    options.condition = word;
  };
  const expiry = (unit: "EX" | "PX" | "EXAT" | "PXAT") => (next: () => string) => {
    if (options.keepTtl || options.expireAt !== undefined) throw syntaxError();
    options.expireAt = absoluteExpiry(unit, next(), call.keyspace.now, "set");
  };
  readOptions(args, 2, {
    nx: condition("NX"),
    xx: condition("XX"),
    get: () => {
      options.answerOld = true;
    },
    keepttl: () => {
      if (options.expireAt !== undefined) throw syntaxError();
      options.keepTtl = true;
    },
    ex: expiry("EX"),
    px: expiry("PX"),
    exat: expiry("EXAT"),
    pxat: expiry("PXAT"),
  });
  return options;
}

function set(call: Call, args: readonly string[]): Reply {
  const [key = "", text = ""] = args;
  const options = readSetOptions(call, args);
  const { keyspace } = call;
  const old = options.answerOld ? (textOf(call, key) ?? null) : null;
  const exists = keyspace.find(key) !== undefined;
  const refused = options.condition === (exists ? "NX" : "XX");
  if (refused) return old;
  if (options.keepTtl) keyspace.replace(key, { type: "string", text });
  else keyspace.put(key, { type: "string", text });
  if (options.expireAt !== undefined) keyspace.expireAt(key, options.expireAt);
  recordSet(call, key, text, options);
  return options.answerOld ? old : OK;
}

/** Logs a SET as it came out: without conditions, its time absolute. */
function recordSet(
  { broker, keyspace }: Call,
  key: string,
  text: string,
  { expireAt, keepTtl }: Pick<SetOptions, "expireAt" | "keepTtl">,
): void {
  if (expireAt === undefined) broker.record("SET", key, text, ...(keepTtl ? ["KEEPTTL"] : []));
  else if (keyspace.find(key) === undefined) broker.record("DEL", key);
  else broker.record("SET", key, text, "PXAT", String(expireAt));
}

function setnx({ keyspace }: Call, [key = "", text = ""]: readonly string[]): Reply {
  if (keyspace.find(key) !== undefined) return 0;
  keyspace.put(key, { type: "string", text });
  return 1;
}

function setWithExpiry(
  call: Call,
  [key = "", time = "", text = ""]: readonly string[],
  unit: "EX" | "PX",
  name: string,
): Reply {
  const { keyspace } = call;
  const expireAt = absoluteExpiry(unit, time, keyspace.now, name);
  keyspace.put(key, { type: "string", text });
  keyspace.expireAt(key, expireAt);
  recordSet(call, key, text, { expireAt, keepTtl: false });
  return OK;
}

function getset(call: Call, [key = "", text = ""]: readonly string[]): Reply {
  const old = textOf(call, key) ?? null;
  call.keyspace.put(key, { type: "string", text });
  return old;
}

function getdel(call: Call, [key = ""]: readonly string[]): Reply {
  const old = textOf(call, key) ?? null;
  call.keyspace.remove(key);
  return old;
}

function mset({ keyspace }: Call, args: readonly string[]): Reply {
  if (args.length % 2 !== 0) throw wrongArity("mset");
  for (const [key, text] of pairsOf(args)) keyspace.put(key, { type: "string", text });
  return OK;
}

function counter(arity: number, step: (text: string) => bigint): CommandTable[string] {
  return {
    arity,
    flags: ["write", "fast"],
    keys: [1, 1, 1],
    run(call, [key = "", amount = ""]) {
      const by = step(amount);
      const text = textOf(call, key);
      const sum = addIntegers(text === undefined ? 0n : parseBigInteger(text), by);
      call.keyspace.replace(key, { type: "string", text: String(sum) });
      return sum;
    },
  };
}

/** The longest string APPEND may make: the longest that a client could have sent, doubled. */
const STRING_LIMIT_BYTES = 8 * 1024 * 1024;

function append(call: Call, [key = "", suffix = ""]: readonly string[]): Reply {
  const text = (textOf(call, key) ?? "") + suffix;
  if (text.length > STRING_LIMIT_BYTES) {
    throw new CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  }
  call.keyspace.replace(key, { type: "string", text });
  return text.length;
}
