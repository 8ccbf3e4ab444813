import { parseInteger } from "../arguments.ts";
import { type Call, type CommandTable, container } from "../command.ts";
import { CommandError, OK, type Reply } from "../reply.ts";
import type { KnownScript } from "../script-library.ts";
import { runScript } from "../script-runner.ts";

/** EVAL and its relatives, for the scripts this broker knows. */
export const scriptingCommands: CommandTable = {
  eval: {
    arity: -3,
    flags: ["noscript"],
    run: (call, [text = "", ...args]) => evaluate(call, byText(call, text), args),
  },
  evalsha: {
    arity: -3,
    flags: ["noscript"],
    run: (call, [sha = "", ...args]) => evaluate(call, bySha(call, sha), args),
  },
  function: { arity: -2, flags: ["noscript"], run: (call, args) => functionParts(call, args) },
  script: {
    arity: -2,
    flags: ["noscript"],
    run: container("script", {
      load: { arity: 3, usage: "<script>", run: (call, [text = ""]) => byText(call, text).sha },
      exists: {
        arity: -3,
        usage: "<sha1> [<sha1> ...]",
        run: ({ broker }, shas) =>
          shas.map((sha) => (broker.scripts.bySha(sha) === undefined ? 0 : 1)),
      },
      flush: { arity: -2, usage: "[ASYNC|SYNC]", run: () => OK },
      kill: {
        arity: 2,
        usage: "",
        run: () => {
          throw new CommandError("NOTBUSY No scripts in execution right now.");
        },
      },
    }),
  },
};

/** There are no functions, so there is nothing to list or to forget. */
const functionParts: CommandTable[string]["run"] = container("function", {
  flush: { arity: -2, usage: "[ASYNC|SYNC]", run: () => OK },
  list: { arity: -2, usage: "[LIBRARYNAME PATTERN] [WITHCODE]", run: () => [] },
});

function byText({ broker }: Call, text: string): KnownScript {
  const known = broker.scripts.byText(text);
  if (known !== undefined) return known;
  throw new CommandError(
    "ERR this broker runs only the scripts of aimie-console; for others start the console " +
      "with a Redis or Valkey of your own",
  );
}

function bySha({ broker }: Call, sha: string): KnownScript {
  const known = broker.scripts.bySha(sha);
  if (known !== undefined) return known;
  throw new CommandError("NOSCRIPT No matching script. Please use EVAL.");
}

function evaluate(call: Call, known: KnownScript, args: readonly string[]): Reply {
  const [count = "", ...words] = args;
  const keyCount = parseInteger(count);
  if (keyCount > words.length) {
    throw new CommandError("ERR Number of keys can't be greater than number of args");
  }
  if (keyCount < 0) throw new CommandError("ERR Number of keys can't be negative");
  return runScript(call, known, words.slice(0, keyCount), words.slice(keyCount));
}
