import { pairsOf, parseDouble, parseInteger, readLeadingOptions } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { CommandError, double, type Reply, syntaxError } from "../reply.ts";
import { formatDouble } from "../resp-writer.ts";
import { scanAll } from "../scan.ts";
import { SortedSet } from "../sorted-set.ts";

/** Commands on sorted sets, but for their ranges. */
export const sortedSetCommands: CommandTable = {
  zadd: { arity: -4, flags: ["write", "fast"], keys: [1, 1, 1], run: zadd },
  zincrby: {
    arity: 4,
    flags: ["write", "fast"],
    keys: [1, 1, 1],
    run: (call, [key = "", by = "", member = ""]) => zadd(call, [key, "INCR", by, member]),
  },
  zrem: { arity: -3, flags: ["write", "fast"], keys: [1, 1, 1], run: zrem },
  zscore: reader(3, (zset, [member = ""]) => {
    const score = zset?.score(member);
    return score === undefined ? null : double(score);
  }),
  zmscore: reader(-3, (zset, members) =>
    members.map((member) => {
      const score = zset?.score(member);
      return score === undefined ? null : double(score);
    }),
  ),
  zrank: reader(3, (zset, [member = ""]) => zset?.rank(member) ?? null),
  zcard: reader(2, (zset) => zset?.size ?? 0),
  zpopmin: { arity: -2, flags: ["write", "fast"], keys: [1, 1, 1], run: zpopmin },
  zscan: {
    arity: -3,
    flags: ["readonly"],
    keys: [1, 1, 1],
    run({ keyspace }, args) {
      const zset = keyspace.typed(args[0] ?? "", "zset");
      const all = zset?.slice(0, zset.size) ?? [];
      return scanAll(
        args,
        all.map(({ member, score }): [string, string] => [member, formatDouble(score)]),
      );
    },
  },
};

function reader(
  arity: number,
  read: (zset: SortedSet | undefined, args: readonly string[]) => Reply,
): CommandTable[string] {
  return {
    arity,
    flags: ["readonly", "fast"],
    keys: [1, 1, 1],
    run: ({ keyspace }, [key = "", ...args]) => read(keyspace.typed(key, "zset"), args),
  };
}

interface AddOptions {
  readonly has: (word: string) => boolean;
  readonly pairs: readonly (readonly [score: number, member: string])[];
}

function readAddOptions(args: readonly string[]): AddOptions {
  const given = new Set<string>();
  const flag = (word: string) => () => {
    given.add(word);
  };
  const start = readLeadingOptions(args, 1, {
    nx: flag("NX"),
    xx: flag("XX"),
    gt: flag("GT"),
    lt: flag("LT"),
    ch: flag("CH"),
    incr: flag("INCR"),
  });
  const words = args.slice(start);
  if (words.length === 0 || words.length % 2 !== 0) throw syntaxError();
  checkAddOptions(given, words.length / 2);
  const pairs = pairsOf(words).map(([score, member]): [number, string] => [
    parseDouble(score),
    member,
  ]);
  return { has: (word) => given.has(word), pairs };
}

function checkAddOptions(given: ReadonlySet<string>, count: number): void {
  if (given.has("NX") && given.has("XX")) {
    throw new CommandError("ERR XX and NX options at the same time are not compatible");
  }
  if ([...given].filter((word) => /^(?:GT|LT|NX)$/.test(word)).length > 1) {
    throw new CommandError("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  if (given.has("INCR") && count > 1) {
    throw new CommandError("ERR INCR option supports a single increment-element pair");
  }
}

/** The score a member gets, undefined when the options leave it alone. */
function wantedScore(
  options: AddOptions,
  current: number | undefined,
  given: number,
): number | undefined {
  if (current === undefined) return options.has("XX") ? undefined : given;
  if (options.has("NX")) return undefined;
  const wanted = options.has("INCR") ? current + given : given;
  if (Number.isNaN(wanted)) {
    throw new CommandError("ERR resulting score is not a number (NaN)");
  }
  if (options.has("GT") && wanted <= current) return undefined;
  if (options.has("LT") && wanted >= current) return undefined;
  return wanted;
}

function zadd({ keyspace }: Call, args: readonly string[]): Reply {
  const [key = ""] = args;
  const options = readAddOptions(args);
  const zset = keyspace.typed(key, "zset") ?? new SortedSet();
  const outcomes = options.pairs.map(([score, member]) => addOne(zset, options, score, member));
  const added = outcomes.filter(({ change }) => change === "added").length;
  const moved = outcomes.filter(({ change }) => change === "moved").length;
  if (added + moved > 0) keyspace.replace(key, zset);
  const last = outcomes.at(-1)?.score;
  if (options.has("INCR")) return last === undefined ? null : double(last);
  return options.has("CH") ? added + moved : added;
}

function addOne(
  zset: SortedSet,
  options: AddOptions,
  given: number,
  member: string,
): { readonly score: number | undefined; readonly change: "added" | "moved" | "none" } {
  const current = zset.score(member);
  const score = wantedScore(options, current, given);
  if (score === undefined || score === current) return { score, change: "none" };
  zset.set(member, score);
  return { score, change: current === undefined ? "added" : "moved" };
}

function zrem({ keyspace }: Call, [key = "", ...members]: readonly string[]): Reply {
  const zset = keyspace.typed(key, "zset");
  if (zset === undefined) return 0;
  const removed = members.filter((member) => zset.delete(member)).length;
  if (zset.size === 0) keyspace.remove(key);
  else if (removed > 0) keyspace.touch(key);
  return removed;
}

function zpopmin(call: Call, [key = "", count, ...more]: readonly string[]): Reply {
  if (more.length > 0) throw syntaxError();
  const wanted = count === undefined ? 1 : parseInteger(count);
  if (wanted < 0) throw new CommandError("ERR value is out of range, must be positive");
  const zset = call.keyspace.typed(key, "zset");
  const taken = zset?.slice(0, wanted) ?? [];
  for (const { member } of taken) zset?.delete(member);
  if (zset?.size === 0) call.keyspace.remove(key);
  else if (taken.length > 0) call.keyspace.touch(key);
  const pairs = taken.map(({ member, score }) => [member, double(score)]);
  return call.protocol === 3 && count !== undefined ? pairs : pairs.flat();
}
