/** The description of a command model: which program computes it, and what it is given. */
import { z } from "zod";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import { readYamlMap } from "../read-yaml-map.ts";

/** How the file names the folder it lies in, inside the command. */
export const FOLDER = "folder";

/** How a model that writes Parquet names the file it writes, inside the command. */
export const OUTPUT = "output";

const NAME = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,99}$/, "use letters, digits, - and _");

const parameterSchema = z
  .strictObject({
    default: z.number(),
    unit: z.string().max(100).optional(),
    doc: z.string().max(1000).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    /** The words `flag value` are added to the command. */
    flag: z.string().regex(/^-/, "a flag begins with -").max(100).optional(),
    /** The variable of the program's environment that holds the value. */
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "use letters, digits and _")
      .optional(),
  })
  .refine(({ flag, env }) => flag === undefined || env === undefined, "choose one of flag and env")
  .refine(
    ({ default: value, min = value, max = value }) => min <= value && value <= max,
    "the default lies outside min and max",
  );

const variableSchema = z.strictObject({
  unit: z.string().max(100).optional(),
  doc: z.string().max(1000).optional(),
});

const descriptionSchema = z.strictObject({
  /** The version of this form, and the sign that the file is a command model at all. */
  "command-model": z.literal(1, "say command-model: 1, which is the form of this file"),
  title: z.string().min(1).max(200),
  /** Where the model comes from: its citation. */
  source: z.string().max(2000).optional(),
  "time-unit": z.string().max(100).default(""),
  /** The program and its words; never read by a shell. */
  command: z.array(z.string().max(4000)).min(1).max(100),
  parameters: z.record(NAME, parameterSchema).default({}),
  variables: z.record(z.string().max(200), variableSchema).default({}),
  highlights: z.array(z.string().max(200)).max(20).default([]),
  output: z.enum(["csv", "jsonl", "parquet"]).default("csv"),
  /** Where the program runs: an empty folder that is removed afterwards, or the file's own. */
  "work-in": z.enum(["scratch", "folder"]).default("scratch"),
  /** Seconds. */
  timeout: z.number().positive().max(3600).default(60),
  /** MiB. */
  "output-limit": z.number().positive().max(1024).default(64),
});

/** What a file of a command model says. */
export type CommandModel = z.infer<typeof descriptionSchema>;

/** Reads a description; a failure names the line and what is wrong there. */
export function readDescription(text: string): Result<CommandModel, Failure> {
  const read = readYamlMap(text, descriptionSchema);
  if (!read.ok) return refuse(read.error);
  const { value, lineOf } = read.value;
  const problem = placeholderProblem(value);
  if (problem === undefined) return ok(value);
  return refuse(`command: ${problem} (line ${lineOf("command")}).`);
}

/** A name in braces inside a word of the command. */
export const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9_-]*)\}/g;

function placeholderProblem({ command, parameters, output }: CommandModel): string | undefined {
  const [program = "", ...words] = command;
  const writesFile = output === "parquet";
  if (program === "") return "the program has no name";
  if (command.some((word) => word.includes("\0"))) return "a word holds a zero byte";
  if (namesIn(program).some((name) => name !== FOLDER)) {
    return "the program itself cannot depend on a parameter";
  }
  const named = words.flatMap(namesIn);
  if (writesFile && !named.includes(OUTPUT)) {
    return `a model that writes Parquet is told the file: name it as {${OUTPUT}}`;
  }
  if (writesFile && Object.hasOwn(parameters, OUTPUT)) {
    return `{${OUTPUT}} is the file; give the parameter another name`;
  }
  const places = writesFile ? [FOLDER, OUTPUT] : [FOLDER];
  const unknown = named.find((name) => !places.includes(name) && !Object.hasOwn(parameters, name));
  return unknown === undefined ? undefined : `there is no parameter \`${unknown}\``;
}

function namesIn(word: string): readonly string[] {
  return [...word.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}

function refuse(message: string): Result<never, Failure> {
  return err({
    kind: "invalid-input",
    message: message.slice(0, 1000),
    nextStep: "Correct the file; docs/MODELS.md lists what a command model can say.",
  });
}
