/** `models`. */
import type { FoundModel } from "../console/catalogue.ts";
import { findModel, listModels } from "../console/catalogue.ts";
import { commandParameters } from "../engines/command-model/invocation.ts";
import { isTrusted, openCommandModel, showCommand } from "../engines/command-model/trust.ts";
import type { Parameter } from "../engines/xmile/parameters.ts";
import { listParameters } from "../engines/xmile/parameters.ts";
import { readCitation } from "../engines/xmile/read-citation.ts";
import { readModel } from "../engines/xmile/read-model.ts";
import { trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { catalogueFolders } from "./open-console.ts";
import type { Output } from "./output.ts";
import { escaped } from "./output.ts";

interface ListedModel {
  readonly name: string;
  readonly source: string;
  readonly title: string;
  readonly timeUnit: string;
  readonly parameters: readonly Parameter[];
  /** Where the model itself comes from, as its file says. */
  readonly citation?: string;
  /** What a command model runs, and whether the operator has trusted it. */
  readonly command?: readonly string[];
  readonly trusted?: boolean;
  /** Why it cannot be run. */
  readonly problem?: string;
}

/** Prints the models of all folders; one that cannot be run is listed with the reason. */
export function printModels(config: Config, form: OutputForm, output: Output): void {
  const folders = catalogueFolders(config);
  const builtIn = folders.models.at(-1);
  const models = listModels(folders).flatMap((name): readonly ListedModel[] => {
    const found = findModel(folders, name);
    if (!found.ok) return [];
    const source = found.value.folder === builtIn ? "built-in" : found.value.folder;
    const described = describe(found.value, config);
    return [{ name, source, ...described, title: described.title || name }];
  });
  if (form !== "text") output.out(JSON.stringify(models));
  else for (const model of models) printModel(model, output);
}

type Described = Omit<ListedModel, "name" | "source">;

function describe({ text, commandFile }: FoundModel, config: Config): Described {
  if (commandFile !== undefined) return describeCommand(commandFile, config);
  const model = readModel(text);
  if (!model.ok) return broken(model.error.message);
  const { title, timeUnit } = model.value;
  const citation = readCitation(text);
  return {
    title,
    timeUnit,
    parameters: listParameters(model.value),
    ...(citation === undefined ? {} : { citation }),
  };
}

function describeCommand(file: string, config: Config): Described {
  const opened = openCommandModel(file);
  if (!opened.ok) return broken(opened.error.message);
  const { model } = opened.value;
  return {
    title: model.title,
    timeUnit: model["time-unit"],
    parameters: commandParameters(model),
    ...(model.source === undefined ? {} : { citation: model.source.trim() }),
    command: model.command,
    trusted: isTrusted(trustFileOf(config), opened.value),
  };
}

function broken(problem: string): Described {
  return { title: "", timeUnit: "", parameters: [], problem };
}

function printModel(model: ListedModel, output: Output): void {
  const { name, source, title, timeUnit, parameters, citation, problem, command, trusted } = model;
  const { out: say } = escaped(output);
  say(`${name}  (${source})`);
  say(problem === undefined ? `  ${title}; time in ${timeUnit}` : `  cannot run: ${problem}`);
  if (citation !== undefined) say(`  source: ${citation}`);
  if (command !== undefined) {
    const remedy = trusted === true ? "" : `  (not trusted yet: aimie-console trust ${name})`;
    say(`  runs: ${showCommand({ command })}${remedy}`);
  }
  for (const parameter of parameters) say(`  ${describeParameter(parameter)}`);
}

function describeParameter({ name, value, unit, doc }: Parameter): string {
  const amount = unit === undefined ? String(value) : `${value} ${unit}`;
  return `${name} = ${amount}${doc === undefined ? "" : `  ${doc}`}`;
}
