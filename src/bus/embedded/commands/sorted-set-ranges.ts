import { parseDouble, parseInteger, readOptions, sliceBounds } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { CommandError, double, type Reply } from "../reply.ts";
import type { Scored, SortedSet } from "../sorted-set.ts";

/** Commands on the ranges of sorted sets. */
export const sortedSetRangeCommands: CommandTable = {
  zrange: {
    arity: -4,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, args) => range(call, args, readRangeOptions(args, {})),
  },
  zrevrange: {
    arity: -4,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, args) => range(call, args, readRangeOptions(args, { reversed: true })),
  },
  zrangebyscore: {
    arity: -4,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, args) => range(call, args, readRangeOptions(args, { byScore: true })),
  },
  zrevrangebyscore: {
    arity: -4,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run: (call, args) =>
      range(call, args, readRangeOptions(args, { byScore: true, reversed: true })),
  },
  zcount: {
    arity: 4,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run({ keyspace }, [key = "", low = "", high = ""]) {
      const bounds = { low: parseBound(low), high: parseBound(high) };
      const zset = keyspace.typed(key, "zset");
      return zset === undefined ? 0 : scoreSlice(zset, bounds.low, bounds.high).length;
    },
  },
  zremrangebyscore: {
    arity: 4,
    flags: ["write"],
    keys: [1, 1, 1],
    run(call, [key = "", low = "", high = ""]) {
      const [from, to] = [parseBound(low), parseBound(high)];
      return removeRange(call, key, (zset) => scoreSlice(zset, from, to));
    },
  },
  zremrangebyrank: {
    arity: 4,
    flags: ["write"],
    keys: [1, 1, 1],
    run(call, [key = "", start = "", stop = ""]) {
      const [first, last] = [parseInteger(start), parseInteger(stop)];
      return removeRange(call, key, (zset) => rankSlice(zset, first, last, false));
    },
  },
};

interface RangeOptions {
  byScore?: boolean;
  reversed?: boolean;
  withScores?: boolean;
  limit?: { readonly offset: number; readonly count: number };
}

function readRangeOptions(args: readonly string[], fixed: RangeOptions): RangeOptions {
  const options = { ...fixed };
  const isGeneral = Object.keys(fixed).length === 0;
  readOptions(args, 3, {
    withscores: () => {
      options.withScores = true;
    },
    limit: (next) => {
      options.limit = { offset: parseInteger(next()), count: parseInteger(next()) };
    },
    ...(isGeneral && {
      byscore: () => {
        options.byScore = true;
      },
      rev: () => {
        options.reversed = true;
      },
    }),
  });
  if (options.limit !== undefined && options.byScore !== true) {
    throw new CommandError(
      "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    );
  }
  return options;
}

function range(
  call: Call,
  [key = "", start = "", stop = ""]: readonly string[],
  options: RangeOptions,
): Reply {
  const reversed = options.reversed === true;
  const select =
    options.byScore === true ? byScore(start, stop, reversed) : byRank(start, stop, reversed);
  const zset = call.keyspace.typed(key, "zset");
  const found = limited(zset === undefined ? [] : select(zset), options.limit);
  if (options.withScores !== true) return found.map(({ member }) => member);
  const pairs = found.map(({ member, score }) => [member, double(score)]);
  return call.protocol === 3 ? pairs : pairs.flat();
}

type Selection = (zset: SortedSet) => Scored[];

function byScore(start: string, stop: string, reversed: boolean): Selection {
  const [low, high] = reversed ? [stop, start] : [start, stop];
  const [from, to] = [parseBound(low), parseBound(high)];
  return (zset) => {
    const found = scoreSlice(zset, from, to);
    return reversed ? found.reverse() : found;
  };
}

function byRank(start: string, stop: string, reversed: boolean): Selection {
  const [first, last] = [parseInteger(start), parseInteger(stop)];
  return (zset) => rankSlice(zset, first, last, reversed);
}

function limited(found: Scored[], limit: RangeOptions["limit"]): Scored[] {
  if (limit === undefined) return found;
  if (limit.offset < 0) return [];
  return limit.count < 0
    ? found.slice(limit.offset)
    : found.slice(limit.offset, limit.offset + limit.count);
}

interface ScoreBound {
  readonly score: number;
  readonly exclusive: boolean;
}

function parseBound(text: string): ScoreBound {
  const exclusive = text.startsWith("(");
  const score = parseDouble(exclusive ? text.slice(1) : text, "ERR min or max is not a float");
  return { score, exclusive };
}

function scoreSlice(zset: SortedSet, low: ScoreBound, high: ScoreBound): Scored[] {
  const from = zset.countBelow(low.score, low.exclusive);
  return zset.slice(from, Math.max(from, zset.countBelow(high.score, !high.exclusive)));
}

function rankSlice(zset: SortedSet, first: number, last: number, reversed: boolean): Scored[] {
  const { from, to } = sliceBounds(first, last, zset.size);
  return reversed ? zset.slice(zset.size - to, zset.size - from).reverse() : zset.slice(from, to);
}

function removeRange({ keyspace }: Call, key: string, select: Selection): Reply {
  const zset = keyspace.typed(key, "zset");
  if (zset === undefined) return 0;
  const found = select(zset);
  for (const { member } of found) zset.delete(member);
  if (zset.size === 0) keyspace.remove(key);
  else if (found.length > 0) keyspace.touch(key);
  return found.length;
}
