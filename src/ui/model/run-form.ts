/** The form of a run, new or forked: made from the parameters a flow declares. */
import type { ConsoleState, FlowView, RunView } from "../../console/console-state.ts";
import type { Flow, Parameter } from "../../orchestrator/flow.ts";
import { checkParameters, readParameterText } from "../../orchestrator/parameters.ts";
import type { RunId } from "../../protocol/ids.ts";
import type { ParameterValues } from "../../protocol/parameter-values.ts";
import type { ForkWish } from "../../protocol/rerun.ts";
import { constantsOfField, unknownConstant } from "./form-constants.ts";
import type { TextField } from "./text-field.ts";
import { fieldOf, textOf } from "./text-field.ts";

/** A form being filled in. Row 0 chooses the flow when there are several. */
export interface RunForm {
  readonly flowIndex: number;
  readonly row: number;
  readonly fields: readonly FormField[];
  /** The run whose parameters are being changed; absent for a new run. */
  readonly changes?: ChangedRun;
}

/** A run that is to be forked with other parameters; its flow is the one it has, not the file's. */
export interface ChangedRun {
  readonly runId: RunId;
  readonly flow: Flow;
}

/** One parameter's text. */
export interface FormField {
  readonly name: string;
  readonly field: TextField;
  /** The text the field began with, and the value it stands for. */
  readonly before: string;
  readonly value: ParameterValues[string] | undefined;
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

/** The form for the flow at `flowIndex`, filled in with what was used last, else the defaults. */
export function formOf(state: ConsoleState, flowIndex: number, row: number): RunForm {
  const flow = startableFlows(state)[flowIndex]?.flow;
  const fields = flow === undefined ? [] : fieldsOf(flow, lastUsed(state, flow));
  return { flowIndex, row, fields };
}

/** The values of the session's newest run of a flow, as far as the flow still takes them. */
function lastUsed({ runs }: ConsoleState, flow: Flow): ParameterValues {
  const spec = runs
    .map((run) => run.state.origin.spec)
    .find(({ flowName, basedOn }) => flowName === flow.name && basedOn === undefined);
  const fitting = Object.entries(spec?.parameters ?? {}).filter(([name, value]) => {
    const parameter = Object.hasOwn(flow.parameters, name) ? flow.parameters[name] : undefined;
    if (parameter === undefined) return false;
    return checkParameters({ ...flow, parameters: { [name]: parameter } }, { [name]: value }).ok;
  });
  return Object.fromEntries(fitting);
}

/** The form for a fork of a run with other parameters, filled in with those it has. */
export function formOfRun({ runId, state }: RunView): RunForm {
  const { flow, spec } = state.origin;
  return {
    flowIndex: 0,
    row: 0,
    fields: fieldsOf(flow, spec.parameters),
    changes: { runId, flow },
  };
}

function fieldsOf(flow: Flow, given: ParameterValues): readonly FormField[] {
  return Object.entries(flow.parameters).map(([name, parameter]) => {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    const before = valueText(value);
    return { name, field: fieldOf(before), before, value };
  });
}

/** The flow that a form is about; undefined when none is known. */
export function flowOfForm(state: ConsoleState, form: RunForm): Flow | undefined {
  return form.changes?.flow ?? startableFlows(state)[form.flowIndex]?.flow;
}

/** How many rows can be visited: the flow's, when there is a choice, and one per parameter. */
export function formRows(state: ConsoleState, form: RunForm): number {
  return form.fields.length + chooserRows(state, form);
}

/** 1 when the form has a row to choose the flow, else 0. */
export function chooserRows(state: ConsoleState, form?: RunForm): number {
  return form?.changes === undefined && startableFlows(state).length > 1 ? 1 : 0;
}

/** The parameters whose text is no longer the one the form began with. */
export function changedFields(form: RunForm): readonly string[] {
  return form.fields.flatMap(({ name, field, before }) => (textOf(field) === before ? [] : [name]));
}

/** The wish that a form of changed parameters amounts to, given what its fields say. */
export function changeWish(
  form: RunForm,
  values: ParameterValues,
): Extract<ForkWish, { kind: "parameters" }> {
  const names = new Set(changedFields(form));
  const changed = Object.entries(values).filter(([name]) => names.has(name));
  return { kind: "parameters", parameters: Object.fromEntries(changed) };
}

/** Reads and checks every field. */
export function checkForm(flow: Flow, form: RunForm, catalogue: Catalogue): FormCheck {
  const values: Record<string, ParameterValues[string]> = {};
  const problems = new Map<string, string>();
  for (const one of form.fields) {
    const parameter = flow.parameters[one.name];
    if (parameter === undefined) continue;
    const read = readChecked(flow, form, { one, parameter, ...catalogue });
    if (typeof read === "string") problems.set(one.name, read);
    else Object.assign(values, read.values);
  }
  return { values, problems };
}

/** What of the models is known. */
type Catalogue = Pick<ConsoleState, "constants" | "models">;

/** A field's value, or what is wrong with it. */
function readChecked(
  flow: Flow,
  form: RunForm,
  about: { readonly one: FormField; readonly parameter: Parameter } & Catalogue,
): { readonly values: ParameterValues } | string {
  const { one, parameter, models, constants } = about;
  const { name } = one;
  const text = textOf(one.field);
  const value = text === one.before ? one.value : undefined;
  const read = readField(flow, name, { parameter, text, value });
  if (typeof read === "string") return read;
  if (value === undefined && isUnknownModel(parameter, text, models))
    return "there is no such model";
  return misnamedConstant(flow, form, { name, read: read.values, constants }) ?? read;
}

/** A fork's model may be another than the one that now has its name: it is looked at when sent. */
function misnamedConstant(
  flow: Flow,
  form: RunForm,
  about: { readonly name: string; readonly read: ParameterValues } & Pick<
    ConsoleState,
    "constants"
  >,
): string | undefined {
  const value = about.read[about.name];
  if (form.changes !== undefined || typeof value !== "object" || Array.isArray(value)) {
    return undefined;
  }
  const known = constantsOfField(flow, form.fields, about);
  return known === undefined ? undefined : unknownConstant(Object.keys(value), known);
}

/** A model is named by the catalogue, or by the path of its file. */
function isUnknownModel(parameter: Parameter, text: string, models: readonly string[]): boolean {
  const name = text.trim();
  return parameter.type === "model" && name !== "" && !models.includes(name) && !name.includes(".");
}

function readField(
  flow: Flow,
  name: string,
  {
    parameter,
    text,
    value,
  }: {
    readonly parameter: Parameter;
    readonly text: string;
    /** What the text stands for, where that is known. */
    readonly value: ParameterValues[string] | undefined;
  },
): { readonly values: ParameterValues } | string {
  const empty = text.trim() === "" && parameter.type !== "string";
  const given: Record<string, ParameterValues[string]> = {};
  if (value !== undefined) given[name] = value;
  else if (!empty) {
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
  return valueText(parameter.default);
}

function valueText(value: ParameterValues[string] | undefined): string {
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

/** The unit a parameter's number is in; empty where there is none. */
export function unitOf(parameter: Parameter): string {
  return parameter.type === "number" || parameter.type === "integer" ? (parameter.unit ?? "") : "";
}

function limitsOf(parameter: Extract<Parameter, { type: "number" | "integer" }>): string {
  const { min, max } = parameter;
  const kind = parameter.type === "integer" ? "a whole number" : "a number";
  const from = min === undefined ? "" : ` from ${min}`;
  const to = max === undefined ? "" : ` to ${max}`;
  return `${kind}${from}${to} ${unitOf(parameter)}`.trimEnd();
}
