import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import { didYouMean } from "../xmile/identifier.ts";
import type { Parameter } from "../xmile/parameters.ts";
import type { CommandModel } from "./description.ts";
import { FOLDER, OUTPUT, PLACEHOLDER } from "./description.ts";

/** How a program is started: words as they are, without a shell. */
export interface Invocation {
  readonly program: string;
  readonly words: readonly string[];
  /** Variables added to the program's environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the program reads from its standard input. */
  readonly input: string;
}

/** The values a model runs with: its defaults, with the given ones in place. */
export function valuesOf(
  { parameters }: CommandModel,
  given: Readonly<Record<string, number>>,
): Result<Readonly<Record<string, number>>, Failure> {
  const names = Object.keys(parameters);
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      const message = `The model has no parameter \`${name.slice(0, 100)}\`.${didYouMean(name, names)}`;
      const known =
        names.length === 0 ? "It has none." : `It has ${names.slice(0, 12).join(", ")}.`;
      return err({ kind: "invalid-input", message, nextStep: known });
    }
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = parameter;
    if (!Number.isFinite(value) || value < min || value > max) {
      const message = `The parameter \`${name}\` cannot be ${value}.`;
      return err({ kind: "invalid-input", message, nextStep: `It lies from ${min} to ${max}.` });
    }
  }
  const defaults = names.map((name) => [name, parameters[name]?.default ?? 0] as const);
  return ok({ ...Object.fromEntries(defaults), ...given });
}

/** The parameters as any model lists them. */
export function commandParameters({ parameters }: CommandModel): readonly Parameter[] {
  return Object.entries(parameters).map(([name, { default: value, unit, doc }]) => ({
    name,
    label: name,
    value,
    ...(unit === undefined ? {} : { unit }),
    ...(doc === undefined ? {} : { doc }),
  }));
}

/** What a command can name besides parameters. */
export interface Places {
  /** The folder of the model's file. */
  readonly folder: string;
  /** Where a table that is a file is to be written. */
  readonly file: string;
}

/**
 * How the program is started with `values`. A parameter goes where the command names it; else to
 * its flag or variable; what is left goes to the standard input, as one line of JSON.
 */
export function invocationOf(
  { command, parameters, output }: CommandModel,
  values: Readonly<Record<string, number>>,
  { folder, file }: Places,
): Invocation {
  const used = new Set<string>();
  const place = (name: string): string | undefined => {
    if (name === FOLDER) return folder;
    return name === OUTPUT && output === "parquet" ? file : undefined;
  };
  const [program = "", ...words] = command.map((word) =>
    word.replaceAll(PLACEHOLDER, (_, name: string) => {
      used.add(name);
      return place(name) ?? String(values[name]);
    }),
  );
  const flags: string[] = [];
  const variables: Record<string, string> = {};
  const rest: Record<string, number> = {};
  for (const [name, { flag, env }] of Object.entries(parameters)) {
    const value = values[name] ?? 0;
    if (flag !== undefined) flags.push(flag, String(value));
    else if (env !== undefined) variables[env] = String(value);
    else if (!used.has(name)) rest[name] = value;
  }
  return { program, words: [...words, ...flags], variables, input: `${JSON.stringify(rest)}\n` };
}
