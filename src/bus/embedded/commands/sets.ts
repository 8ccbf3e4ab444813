import type { Call, CommandTable } from "../command.ts";
import type { Reply } from "../reply.ts";
import { scanAll } from "../scan.ts";

/** Commands on sets. */
export const setCommands: CommandTable = {
  sadd: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: sadd },
  srem: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: srem },
  smembers: {
    arity: 2,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, [key = ""]) => ({ type: "set", members: [...membersOf(call, key)] }),
  },
  sismember: {
    arity: 3,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: (call, [key = "", member = ""]) => (membersOf(call, key).has(member) ? 1 : 0),
  },
  scard: {
    arity: 2,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: (call, [key = ""]) => membersOf(call, key).size,
  },
  sscan: {
    arity: -3,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, args) =>
      scanAll(
        args,
        [...membersOf(call, args[0] ?? "")].map((member): [string] => [member]),
      ),
  },
};

const NOTHING: ReadonlySet<string> = new Set();

function membersOf({ keyspace }: Call, key: string): ReadonlySet<string> {
  return keyspace.typed(key, "set")?.members ?? NOTHING;
}

function sadd({ keyspace }: Call, [key = "", ...added]: readonly string[]): Reply {
  const { members } = keyspace.ensure(key, "set", () => ({ type: "set", members: new Set() }));
  const before = members.size;
  for (const member of added) members.add(member);
  if (members.size > before) keyspace.touch(key);
  return members.size - before;
}

function srem({ keyspace }: Call, [key = "", ...names]: readonly string[]): Reply {
  const members = keyspace.typed(key, "set")?.members;
  if (members === undefined) return 0;
  const removed = names.filter((name) => members.delete(name)).length;
  if (members.size === 0) keyspace.remove(key);
  else if (removed > 0) keyspace.touch(key);
  return removed;
}
