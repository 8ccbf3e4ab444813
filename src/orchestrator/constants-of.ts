import type { JsonValue } from "../base/json-value.ts";
import type { Flow } from "./flow.ts";
import { isWholeReference, parseReference, referencesIn } from "./references.ts";

/**
 * The parameters of a flow whose numbers are constants of a model, with the parameter that names the
 * model: those that a simulation takes as its `parameters` beside its `model`.
 */
export function constantsOf({ steps }: Pick<Flow, "steps">): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { agent, input } of steps) {
    if (agent !== "simulation") continue;
    const numbers = parameterMeant(input["parameters"]);
    const model = parameterMeant(input["model"]);
    if (numbers !== undefined && model !== undefined) found.set(numbers, model);
  }
  return found;
}

/** The parameter that a value is a look-up of; undefined for anything else. */
function parameterMeant(value: JsonValue | undefined): string | undefined {
  if (typeof value !== "string" || !isWholeReference(value)) return undefined;
  const [written = ""] = referencesIn(value);
  const path = parseReference(written);
  if (!path.ok) return undefined;
  const [root, name, ...deeper] = path.value;
  return root === "params" && deeper.length === 0 ? name : undefined;
}
