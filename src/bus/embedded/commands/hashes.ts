import { addIntegers, pairsOf, parseBigInteger } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { CommandError, map, OK, type Reply, wrongArity } from "../reply.ts";
import { scanAll } from "../scan.ts";

/** Commands on hashes. */
export const hashCommands: CommandTable = {
  hset: { arity: -4, flags: ["write", "fast"], keys: [1, 1, 1], run: hset },
  hmset: {
    arity: -4,
    flags: ["write", "fast"],
    keys: [1, 1, 1],
    run(call, args) {
      setFields(call, args, "hmset");
      return OK;
    },
  },
  hsetnx: { arity: 4, flags: ["write", "fast"], keys: [1, 1, 1], run: hsetnx },
  hget: reader(3, (fields, [name = ""]) => fields.get(name) ?? null),
  hmget: reader(-3, (fields, names) => names.map((name) => fields.get(name) ?? null)),
  hgetall: reader(2, (fields) => map([...fields])),
  hexists: reader(3, (fields, [name = ""]) => (fields.has(name) ? 1 : 0)),
  hlen: reader(2, (fields) => fields.size),
  hkeys: reader(2, (fields) => [...fields.keys()]),
  hvals: reader(2, (fields) => [...fields.values()]),
  hstrlen: reader(3, (fields, [name = ""]) => fields.get(name)?.length ?? 0),
  hdel: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: hdel },
  hincrby: { arity: 4, flags: ["write", "fast"], keys: [1, 1, 1], run: hincrby },
  hscan: {
    arity: -3,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: ({ keyspace }, args) => scanAll(args, keyspace.typed(args[0] ?? "", "hash")?.fields ?? []),
  },
};

type Fields = ReadonlyMap<string, string>;

const NO_FIELDS: Fields = new Map();

function reader(
  arity: number,
  read: (fields: Fields, names: readonly string[]) => Reply,
): CommandTable[string] {
  return {
    arity,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: ({ keyspace }, [key = "", ...names]) =>
      read(keyspace.typed(key, "hash")?.fields ?? NO_FIELDS, names),
  };
}

function fieldsToChange(call: Call, key: string): Map<string, string> {
  return call.keyspace.ensure(key, "hash", () => ({ type: "hash", fields: new Map() })).fields;
}

function setFields(call: Call, args: readonly string[], name: string): number {
  const [key = "", ...words] = args;
  if (words.length % 2 !== 0) throw wrongArity(name);
  const fields = fieldsToChange(call, key);
  const before = fields.size;
  for (const [field, text] of pairsOf(words)) fields.set(field, text);
  call.keyspace.touch(key);
  return fields.size - before;
}

function hset(call: Call, args: readonly string[]): Reply {
  return setFields(call, args, "hset");
}

function hsetnx(call: Call, [key = "", field = "", text = ""]: readonly string[]): Reply {
  if (call.keyspace.typed(key, "hash")?.fields.has(field) === true) return 0;
  fieldsToChange(call, key).set(field, text);
  call.keyspace.touch(key);
  return 1;
}

function hdel({ keyspace }: Call, [key = "", ...names]: readonly string[]): Reply {
  const fields = keyspace.typed(key, "hash")?.fields;
  if (fields === undefined) return 0;
  const removed = names.filter((name) => fields.delete(name)).length;
  if (fields.size === 0) keyspace.remove(key);
  else if (removed > 0) keyspace.touch(key);
  return removed;
}

function hincrby(call: Call, [key = "", field = "", amount = ""]: readonly string[]): Reply {
  const by = parseBigInteger(amount);
  const text = call.keyspace.typed(key, "hash")?.fields.get(field);
  const sum = addIntegers(text === undefined ? 0n : parseStored(text), by);
  fieldsToChange(call, key).set(field, String(sum));
  call.keyspace.touch(key);
  return sum;
}

function parseStored(text: string): bigint {
  try {
    return parseBigInteger(text);
  } catch (error) {
    throw new CommandError("ERR hash value is not an integer", { cause: error });
  }
}
