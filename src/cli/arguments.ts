/** The command line, read by meow and checked against the table of verbs. */
import meow from "meow";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { NamedFlag, OutputForm } from "./flag.ts";
import { COMMON_FLAGS, flagsOf, typedName } from "./flag.ts";
import { closestTo } from "./suggest.ts";
import type { PreparedVerb, Verb } from "./verb.ts";
import { helpOf, usageOf } from "./verb.ts";

/** A command line, understood. */
export interface CommandLine extends PreparedVerb {
  /** The verb that was named; undefined when none was, and the first of the table is meant. */
  readonly verb: Verb | undefined;
}

/**
 * Reads the arguments after the program's name; without a verb the first of the table is meant.
 * @throws OperatorError `usage`, with a suggestion for a mistyped verb or flag.
 */
export function readArguments(argv: readonly string[], table: readonly Verb[]): CommandLine {
  const { input, flags } = split(argv, table);
  const { verb, operands } = verbOf(input, table);
  const meant = verb ?? table[0];
  if (meant === undefined) throw new Error("the table of verbs is empty");
  refuseStrangers(namesGiven(flags), meant, table);
  const prepared = meant.prepare(flags, operands);
  if (!prepared.common.help && !prepared.common.version) countOperands(operands, meant);
  return { verb, ...prepared };
}

/** The form of output that is asked for; known even when the other arguments cannot be used. */
export function outputFormOf(argv: readonly string[]): OutputForm {
  const at = argv.findLastIndex((word) => /^--output(=|$)/.test(word));
  const word = argv[at] ?? "";
  const asked = word.includes("=") ? word.slice(word.indexOf("=") + 1) : argv[at + 1];
  return at < 0 ? "text" : COMMON_FLAGS.output.catch("text").parse(asked);
}

function split(
  argv: readonly string[],
  table: readonly Verb[],
): { readonly input: readonly string[]; readonly flags: Readonly<Record<string, unknown>> } {
  try {
    return meow("", {
      importMeta: import.meta,
      argv: withoutNegation(argv),
      flags: Object.fromEntries(allFlags(table).map((one) => [one.name, meowFlag(one)])),
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

/** The parser takes `--no-x` for `--x=false`, whoever x may be; here it is a flag like any other. */
function withoutNegation(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((word, index) =>
    /^--no-[^=]+$/.test(word) && (end < 0 || index < end) ? `${word}=true` : word,
  );
}

function allFlags(table: readonly Verb[]): readonly NamedFlag[] {
  return [...flagsOf(COMMON_FLAGS), ...table.flatMap((verb) => verb.flags)];
}

function meowFlag({ kind, short }: NamedFlag) {
  const shortFlag = short === undefined ? {} : { shortFlag: short };
  if (kind === "switch") return { type: "boolean" as const, ...shortFlag };
  if (kind === "texts") return { type: "string" as const, isMultiple: true as const, ...shortFlag };
  return { type: "string" as const, ...shortFlag };
}

/** The verb whose words come first; two words win over one. */
function verbOf(
  input: readonly string[],
  table: readonly Verb[],
): { readonly verb: Verb | undefined; readonly operands: readonly string[] } {
  const [first, second] = input;
  if (first === undefined) return { verb: undefined, operands: [] };
  const double = table.find((one) => one.name === `${first} ${second}`);
  if (double !== undefined) return { verb: double, operands: input.slice(2) };
  const verb = table.find((one) => one.name === first);
  const parts = table.filter((one) => one.name.startsWith(`${first} `)).map((one) => one.name);
  const more = verb?.count[1] === 0 ? second : undefined;
  if (parts.length > 0 && (verb === undefined || more !== undefined)) {
    throw unknownWord("command", `${first} ${second ?? ""}`.trim(), parts);
  }
  if (verb !== undefined) return { verb, operands: input.slice(1) };
  throw unknownWord(
    "command",
    first,
    table.map((one) => one.name),
  );
}

/** The names that were typed: the parser answers `false` or nothing for those that were not. */
function namesGiven(flags: Readonly<Record<string, unknown>>): readonly string[] {
  const silent = (value: unknown): boolean =>
    value === undefined || value === false || (Array.isArray(value) && value.length === 0);
  return Object.keys(flags).filter((name) => !silent(flags[name]));
}

/** Refuses flags nobody knows and flags that belong to other verbs. */
function refuseStrangers(given: readonly string[], verb: Verb, table: readonly Verb[]): void {
  const own = [...flagsOf(COMMON_FLAGS), ...verb.flags].map((one) => one.name);
  const elsewhere = allFlags(table).map((one) => one.name);
  for (const name of given) {
    if (own.includes(name)) continue;
    const typed = `--${typedName(name)}`;
    if (elsewhere.includes(name)) {
      const message = `${typed} is not a flag of ${usageOf({ name: verb.name, operands: "" })}`;
      throw new OperatorError({ code: "usage", message, nextStep: helpOf(verb.name) });
    }
    throw unknownWord(
      "flag",
      typed,
      own.map((one) => `--${typedName(one)}`),
    );
  }
}

function countOperands(operands: readonly string[], verb: Verb): void {
  const [least, most] = verb.count;
  if (operands.length >= least && operands.length <= most) return;
  const message =
    operands.length < least
      ? `${verb.name} needs ${verb.operands}`
      : `${verb.name} takes no "${operands[most]}"`;
  throw new OperatorError({ code: "usage", message, nextStep: `use ${usageOf(verb)}` });
}

function unknownWord(kind: string, word: string, known: readonly string[]): OperatorError {
  const closest = closestTo(word, known);
  return new OperatorError({
    code: "usage",
    message: `unknown ${kind} ${word}`,
    nextStep: closest === undefined ? "see aimie-console --help" : `did you mean ${closest}?`,
  });
}
