/** The form of a new run: made from the parameters a flow declares. */
import type { ConsoleState, FlowView } from "../../console/console-state.ts";
import type { Flow, Parameter } from "../../orchestrator/flow.ts";
import { checkParameters, readParameterText } from "../../orchestrator/parameters.ts";
import type { ParameterValues } from "../../protocol/parameter-values.ts";
import type { TextField } from "./text-field.ts";
import { fieldOf, textOf } from "./text-field.ts";

/** A form being filled in. Row 0 chooses the flow when there are several. */
export interface RunForm {
  readonly flowIndex: number;
  readonly row: number;
  readonly fields: readonly FormField[];
}

/** One parameter's text. */
export interface FormField {
  readonly name: string;
  readonly field: TextField;
}

/** What a form amounts to now. */
export interface FormCheck {
  readonly values: ParameterValues;
  /** What is wrong, by parameter. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The flows an operator can start; a question has a key of its own. */
export function startableFlows(state: ConsoleState): readonly FlowView[] {
  return state.flows.filter((view) => view.flow.name !== "ask");
}

/** An empty form for the flow at `flowIndex`, defaults filled in. */
export function formOf(state: ConsoleState, flowIndex: number, row: number): RunForm {
  const flow = startableFlows(state)[flowIndex]?.flow;
  const fields = Object.entries(flow?.parameters ?? {}).map(([name, parameter]) => ({
    name,
    field: fieldOf(defaultText(parameter)),
  }));
  return { flowIndex, row, fields };
}

/** How many rows can be visited: the flow's, when there is a choice, and one per parameter. */
export function formRows(state: ConsoleState, form: RunForm): number {
  return form.fields.length + chooserRows(state);
}

/** 1 when the form has a row to choose the flow, else 0. */
export function chooserRows(state: ConsoleState): number {
  return startableFlows(state).length > 1 ? 1 : 0;
}

/** Reads and checks every field. */
export function checkForm(flow: Flow, form: RunForm): FormCheck {
  const values: Record<string, ParameterValues[string]> = {};
  const problems = new Map<string, string>();
  for (const { name, field } of form.fields) {
    const parameter = flow.parameters[name];
    if (parameter === undefined) continue;
    const read = readField(flow, name, { parameter, text: textOf(field) });
    if (typeof read === "string") problems.set(name, read);
    else Object.assign(values, read.values);
  }
  return { values, problems };
}

function readField(
  flow: Flow,
  name: string,
  { parameter, text }: { readonly parameter: Parameter; readonly text: string },
): { readonly values: ParameterValues } | string {
  const empty = text.trim() === "" && parameter.type !== "string";
  const given: Record<string, ParameterValues[string]> = {};
  if (!empty) {
    const read = readParameterText(parameter, text);
    if (!read.ok) return read.error;
    given[name] = read.value;
  }
  const checked = checkParameters({ ...flow, parameters: { [name]: parameter } }, given);
  if (checked.ok) return { values: checked.value };
  if (empty) return "needs a value";
  return (checked.error[0] ?? "is not valid").replace(`parameter "${name}" `, "");
}

/** A parameter's default as one would type it. */
export function defaultText(parameter: Parameter): string {
  const value = parameter.default;
  if (value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.join(", ");
  return Object.entries(value)
    .map(([name, number]) => `${name}=${number}`)
    .join(", ");
}

/** What a parameter accepts, in a few words. */
export function acceptedBy(parameter: Parameter, models: readonly string[]): string {
  switch (parameter.type) {
    case "choice":
      return parameter.choices.join(" · ");
    case "model":
      return `a model: ${models.join(" · ")}`;
    case "boolean":
      return "true or false";
    case "numbers":
      return "name=number, name=number";
    case "list":
      return "item, item";
    case "number":
    case "integer":
      return limitsOf(parameter);
    case "string":
      return "text";
  }
}

function limitsOf(parameter: Extract<Parameter, { type: "number" | "integer" }>): string {
  const { min, max, unit } = parameter;
  const kind = parameter.type === "integer" ? "a whole number" : "a number";
  const from = min === undefined ? "" : ` from ${min}`;
  const to = max === undefined ? "" : ` to ${max}`;
  return `${kind}${from}${to}${unit === undefined ? "" : ` ${unit}`}`;
}
