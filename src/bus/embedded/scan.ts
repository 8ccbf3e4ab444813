import { parseInteger, readOptions } from "./arguments.ts";
import { matchesGlob } from "./glob.ts";
import { CommandError, type Reply, syntaxError } from "./reply.ts";

/** The options of SCAN and its relatives. */
export interface ScanOptions {
  readonly cursor: number;
  readonly count: number;
  readonly type: string | undefined;
  matches(name: string): boolean;
}

/** Reads `cursor [MATCH pattern] [COUNT count] [TYPE type]` from a position on. */
export function readScanOptions(
  args: readonly string[],
  start: number,
  withType: boolean,
): ScanOptions {
  const cursor = args[start] ?? "";
  if (!/^\d{1,20}$/.test(cursor)) throw new CommandError("ERR invalid cursor");
  let pattern = "*";
  let count = 10;
  let type: string | undefined;
  readOptions(args, start + 1, {
    match: (next) => {
      pattern = next();
    },
    count: (next) => {
      count = parseInteger(next());
      if (count < 1) throw syntaxError();
    },
    type: (next) => {
      if (!withType) throw syntaxError();
      type = next().toLowerCase();
    },
  });
  const matches = (name: string) => pattern === "*" || matchesGlob(pattern, name);
  return { cursor: Number(cursor), count, type, matches };
}

/** The reply of HSCAN and the like: everything at once, as Redis does for small values. */
export function scanAll(
  args: readonly string[],
  pairs: Iterable<readonly [string, ...string[]]>,
): Reply {
  const { matches } = readScanOptions(args, 1, false);
  return ["0", [...pairs].filter(([name]) => matches(name)).flat()];
}
