import { listParameters, type Parameter } from "../../../engines/xmile/parameters.ts";
import { readModel } from "../../../engines/xmile/read-model.ts";
import { listModelNames, readModelText } from "./model-catalogue.ts";

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
  const text = await readModelText(name, folders);
  const model = text.ok ? readModel(text.value) : text;
  if (!model.ok) {
    return { name, title: name, timeUnit: "", parameters: [], problem: model.error.message };
  }
  const { title, timeUnit } = model.value;
  return { name, title, timeUnit, parameters: [...listParameters(model.value)] };
}
