import { commandParameters } from "../../../engines/command-model/invocation.ts";
import { openCommandModel } from "../../../engines/command-model/trust.ts";
import { listParameters, type Parameter } from "../../../engines/xmile/parameters.ts";
import { readModel } from "../../../engines/xmile/read-model.ts";
import { findModel, listModelNames } from "./model-catalogue.ts";

/** A catalogued model as `list_models` shows it. */
export interface ModelDescription {
  readonly name: string;
  readonly title: string;
  readonly timeUnit: string;
  readonly parameters: Parameter[];
  /** Why the model cannot be run; absent when it can. */
  readonly problem?: string;
}

/** Describes every catalogued model, those that cannot be run included. */
export function describeModels(folders: readonly string[]): Promise<ModelDescription[]> {
  return listModelNames(folders).then((names) =>
    Promise.all(names.map((name) => describeModel(name, folders))),
  );
}

async function describeModel(name: string, folders: readonly string[]): Promise<ModelDescription> {
  const found = await findModel(name, folders);
  if (!found.ok) return broken(name, found.error.message);
  if (found.value.kind === "command") return describeCommand(name, found.value.file);
  const model = readModel(found.value.text);
  if (!model.ok) return broken(name, model.error.message);
  const { title, timeUnit } = model.value;
  return { name, title, timeUnit, parameters: [...listParameters(model.value)] };
}

function describeCommand(name: string, file: string): ModelDescription {
  const opened = openCommandModel(file);
  if (!opened.ok) return broken(name, opened.error.message);
  const { title, "time-unit": timeUnit } = opened.value.model;
  return { name, title, timeUnit, parameters: [...commandParameters(opened.value.model)] };
}

function broken(name: string, problem: string): ModelDescription {
  return { name, title: name, timeUnit: "", parameters: [], problem };
}
