/** `models`. */
import { findModel, listModels } from "../console/catalogue.ts";
import type { Parameter } from "../engines/xmile/parameters.ts";
import { listParameters } from "../engines/xmile/parameters.ts";
import { readModel } from "../engines/xmile/read-model.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { catalogueFolders } from "./open-console.ts";
import type { Output } from "./output.ts";

interface ListedModel {
  readonly name: string;
  readonly source: string;
  readonly title: string;
  readonly timeUnit: string;
  readonly parameters: readonly Parameter[];
  /** Why it cannot be run. */
  readonly problem?: string;
}

/** Prints the models of all folders; one that cannot be run is listed with the reason. */
export function printModels(config: Config, form: OutputForm, output: Output): void {
  const folders = catalogueFolders(config);
  const builtIn = folders.models.at(-1);
  const models = listModels(folders).flatMap((name) => {
    const found = findModel(folders, name);
    if (!found.ok) return [];
    const { folder, text } = found.value;
    return [describe(name, folder === builtIn ? "built-in" : folder, text)];
  });
  if (form !== "text") {
    output.out(JSON.stringify(models));
    return;
  }
  for (const { name, source, title, timeUnit, parameters, problem } of models) {
    output.out(`${name}  (${source})`);
    output.out(
      problem === undefined ? `  ${title}; time in ${timeUnit}` : `  cannot run: ${problem}`,
    );
    for (const parameter of parameters) output.out(`  ${describeParameter(parameter)}`);
  }
}

function describe(name: string, source: string, text: string): ListedModel {
  const model = readModel(text);
  if (!model.ok) {
    const { message } = model.error;
    return { name, source, title: name, timeUnit: "", parameters: [], problem: message };
  }
  const { title, timeUnit } = model.value;
  return { name, source, title, timeUnit, parameters: listParameters(model.value) };
}

function describeParameter({ name, value, unit, doc }: Parameter): string {
  const amount = unit === undefined ? String(value) : `${value} ${unit}`;
  return `${name} = ${amount}${doc === undefined ? "" : `  ${doc}`}`;
}
