/** What a verb of the command line is. One file per verb; the table lists them. */
import { z } from "zod";
import { OperatorError } from "../base/operator-error.ts";
import { describeIssues } from "../protocol/parse-message.ts";
import type { Config } from "./config.ts";
import type { CommonFlags, FlagShape, NamedFlag } from "./flag.ts";
import { COMMON_FLAGS, flagsOf } from "./flag.ts";
import type { Output } from "./output.ts";
import type { Signals } from "./signals.ts";

/** The headings verbs are listed under, in the order of the help. */
export const VERB_GROUPS = ["runs", "sessions", "flows and models", "the system"] as const;

/** What every verb is given. */
export interface Surroundings {
  readonly config: Config;
  readonly output: Output;
  readonly signals: Signals;
}

/** What a verb works with. */
export interface VerbContext<Flags> extends Surroundings {
  /** What follows the verb. */
  readonly operands: readonly string[];
  readonly flags: CommonFlags & Flags;
}

/** What is said of a verb, whatever its flags are. */
interface VerbWords {
  /** One or two words: `run`, `flows validate`. */
  readonly name: string;
  readonly group: (typeof VERB_GROUPS)[number];
  /** One line for the list of verbs. */
  readonly summary: string;
  /** The operands as usage shows them, such as `[FLOW|FILE]`; empty when there are none. */
  readonly operands: string;
  /** The fewest and the most operands it takes. */
  readonly count: readonly [least: number, most: number];
  /** More for its own help; paragraphs. */
  readonly details?: readonly string[];
  /** What its exit codes mean, where that is more or other than what all verbs mean by them. */
  readonly exits?: readonly { readonly code: number; readonly when: string }[];
  /** Command lines to copy, each with what it does. */
  readonly examples: readonly { readonly line: string; readonly says: string }[];
}

/** A verb with its flags in their own types. */
export interface VerbDefinition<Shape extends FlagShape> extends VerbWords {
  /** The flags that are this verb's own. */
  readonly flags: Shape;
  /** Does the work; resolves with the exit code. Heavy parts are imported here, not before. */
  perform(context: VerbContext<z.infer<z.ZodObject<Shape>>>): Promise<number>;
}

/** A verb of the table. */
export interface Verb extends VerbWords {
  readonly flags: readonly NamedFlag[];
  /**
   * Checks the flags that were read and makes the verb ready.
   * @throws OperatorError `usage` for a value that cannot be used.
   */
  prepare(given: GivenFlags, operands: readonly string[]): PreparedVerb;
}

/** Flags as they were read, unchecked. */
export type GivenFlags = Readonly<Record<string, unknown>>;

/** A verb whose words have been checked. */
export interface PreparedVerb {
  readonly operands: readonly string[];
  readonly common: CommonFlags;
  /** The common flags and the verb's own, checked. */
  readonly flags: Readonly<Record<string, unknown>>;
  perform(surroundings: Surroundings): Promise<number>;
}

/** Makes an entry of the table. */
export function defineVerb<Shape extends FlagShape>(definition: VerbDefinition<Shape>): Verb {
  const { flags: shape, perform, ...words } = definition;
  const own = z.object(shape);
  const all = z.object(COMMON_FLAGS);
  return {
    ...words,
    flags: flagsOf(shape),
    prepare(given, operands) {
      const common = checked(all, given, words.name);
      const flags = { ...common, ...checked(own, given, words.name) };
      return {
        operands,
        common,
        flags,
        perform: (context) => perform({ ...context, operands, flags }),
      };
    },
  };
}

/** How a verb is written, without its flags. */
export function usageOf({ name, operands }: Pick<VerbWords, "name" | "operands">): string {
  return ["aimie-console", name, operands].filter((word) => word !== "").join(" ");
}

/** Where a verb's own help is. */
export function helpOf(name: string): string {
  return `see ${usageOf({ name, operands: "--help" })}`;
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  given: GivenFlags,
  verb: string,
): z.infer<Schema> {
  const flags = schema.safeParse(given);
  if (flags.success) return flags.data;
  const message = describeIssues(flags.error);
  throw new OperatorError({ code: "usage", message, nextStep: helpOf(verb) });
}
