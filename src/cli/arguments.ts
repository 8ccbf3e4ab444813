/** The command line, read by meow and checked by zod. */
import meow from "meow";
import { z } from "zod";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import { describeIssues } from "../protocol/parse-message.ts";
import { HELP } from "./help.ts";
import { closestTo } from "./suggest.ts";

const FLAGS = {
  set: { type: "string", isMultiple: true },
  question: { type: "string" },
  output: { type: "string" },
  timeout: { type: "string" },
  redis: { type: "string" },
  broker: { type: "string" },
  namespace: { type: "string" },
  agents: { type: "string" },
  session: { type: "string" },
  help: { type: "boolean", shortFlag: "h" },
  version: { type: "boolean", shortFlag: "v" },
} as const;

/** The verbs, in the order of the help. */
export const VERBS = ["run", "show", "sessions", "flows", "config", "broker"] as const;

const outputForm = z.enum(["text", "json", "jsonl"], "--output is text, json or jsonl");

const flagsSchema = z.object({
  set: z.array(z.string()).default([]),
  question: z.string().min(1).max(2000).optional(),
  output: outputForm.default("text"),
  timeout: z.coerce
    .number("--timeout is a number of seconds")
    .positive()
    .max(2_147_483, "--timeout is at most 24 days")
    .optional(),
  redis: z.string().optional(),
  broker: z.enum(["auto", "redis", "embedded"], "--broker is auto, redis or embedded").optional(),
  namespace: z.string().optional(),
  agents: z.enum(["auto", "own", "none"], "--agents is auto, own or none").optional(),
  session: z.string().min(1).max(200).optional(),
  help: z.boolean().default(false),
  version: z.boolean().default(false),
});

/** The flags, checked. */
export type Flags = z.infer<typeof flagsSchema>;

/** A command line, understood. */
export interface CommandLine {
  /** The verb; undefined when none was given. */
  readonly verb: (typeof VERBS)[number] | undefined;
  /** What follows the verb. */
  readonly operands: readonly string[];
  readonly flags: Flags;
}

/**
 * Reads the arguments after the program's name.
 * @throws OperatorError `usage`, with a suggestion for a mistyped verb or flag.
 */
export function readArguments(argv: readonly string[]): CommandLine {
  const cli = split(argv);
  const known = Object.keys(FLAGS);
  for (const name of Object.keys(cli.flags)) {
    if (!known.includes(name))
      throw unknownWord(
        "flag",
        `--${name}`,
        known.map((one) => `--${one}`),
      );
  }
  const flags = flagsSchema.safeParse(cli.flags);
  if (!flags.success) {
    throw new OperatorError({
      code: "usage",
      message: describeIssues(flags.error),
      nextStep: "see aimie-console --help",
    });
  }
  const [first, ...operands] = cli.input;
  if (first === undefined) return { verb: undefined, operands, flags: flags.data };
  const verb = VERBS.find((one) => one === first);
  if (verb === undefined) throw unknownWord("command", first, VERBS);
  return { verb, operands, flags: flags.data };
}

/** The form of output that is asked for; known even when the other arguments cannot be used. */
export function outputFormOf(argv: readonly string[]): Flags["output"] {
  const at = argv.findLastIndex((word) => /^--output(=|$)/.test(word));
  const word = argv[at] ?? "";
  const asked = word.includes("=") ? word.slice(word.indexOf("=") + 1) : argv[at + 1];
  return at < 0 ? "text" : outputForm.catch("text").parse(asked);
}

function split(argv: readonly string[]) {
  try {
    return meow(HELP, {
      importMeta: import.meta,
      argv: [...argv],
      flags: FLAGS,
      autoHelp: false,
      autoVersion: false,
      pkg: { name: "aimie-console" },
    });
  } catch (cause) {
    // Thrown for a flag that is given twice and may be given once.
    const nextStep = "see aimie-console --help";
    throw new OperatorError({ code: "usage", message: errorMessage(cause), nextStep }, { cause });
  }
}

function unknownWord(kind: string, word: string, known: readonly string[]): OperatorError {
  const closest = closestTo(word, known);
  return new OperatorError({
    code: "usage",
    message: `unknown ${kind} ${word}`,
    nextStep: closest === undefined ? "see aimie-console --help" : `did you mean ${closest}?`,
  });
}
