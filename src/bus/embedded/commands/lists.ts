import { parseInteger, sliceBounds } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { CommandError, NIL_ARRAY, OK, type Reply, wrongArity } from "../reply.ts";

/** Commands on lists. */
export const listCommands: CommandTable = {
  lpush: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: push("left") },
  rpush: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: push("right") },
  lpop: { arity: -2, flags: ["write", "fast"], keys: [1, 1, 1], run: pop("left") },
  rpop: { arity: -2, flags: ["write", "fast"], keys: [1, 1, 1], run: pop("right") },
  lrange: { arity: 4, flags: ["readonly"], keys: [1, 1, 1], run: lrange },
  llen: {
    arity: 2,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: ({ keyspace }, [key = ""]) => keyspace.typed(key, "list")?.items.length ?? 0,
  },
  ltrim: { arity: 4, flags: ["write"], keys: [1, 1, 1], run: ltrim },
};

type Side = "left" | "right";

function push(side: Side) {
  return ({ keyspace }: Call, [key = "", ...added]: readonly string[]): Reply => {
    const { items } = keyspace.ensure(key, "list", () => ({ type: "list", items: [] }));
    if (side === "right") for (const item of added) items.push(item);
    else items.unshift(...added.reverse());
    keyspace.touch(key);
    return items.length;
  };
}

function pop(side: Side) {
  return (call: Call, [key = "", count, ...more]: readonly string[]): Reply => {
    if (more.length > 0) throw wrongArity(side === "left" ? "lpop" : "rpop");
    if (count === undefined) return take(call, key, side, 1)?.[0] ?? null;
    return take(call, key, side, parseCount(count)) ?? NIL_ARRAY;
  };
}

/** Takes items off one end; undefined when there is no list. */
function take({ keyspace }: Call, key: string, side: Side, count: number): string[] | undefined {
  const items = keyspace.typed(key, "list")?.items;
  if (items === undefined || count === 0) return items && [];
  const taken =
    side === "left"
      ? items.splice(0, count)
      : items.splice(Math.max(items.length - count, 0)).reverse();
  if (items.length === 0) keyspace.remove(key);
  else keyspace.touch(key);
  return taken;
}

function parseCount(text: string): number {
  const count = parseInteger(text);
  if (count < 0) throw new CommandError("ERR value is out of range, must be positive");
  return count;
}

function lrange({ keyspace }: Call, [key = "", start = "", stop = ""]: readonly string[]): Reply {
  const [first, last] = [parseInteger(start), parseInteger(stop)];
  const items = keyspace.typed(key, "list")?.items ?? [];
  const { from, to } = sliceBounds(first, last, items.length);
  return items.slice(from, to);
}

function ltrim({ keyspace }: Call, [key = "", start = "", stop = ""]: readonly string[]): Reply {
  const [first, last] = [parseInteger(start), parseInteger(stop)];
  const list = keyspace.typed(key, "list");
  if (list === undefined) return OK;
  const { from, to } = sliceBounds(first, last, list.items.length);
  list.items = list.items.slice(from, to);
  if (list.items.length === 0) keyspace.remove(key);
  else keyspace.touch(key);
  return OK;
}
