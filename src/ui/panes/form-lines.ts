/** The form of a run, as lines: a parameter a field, what it accepts, and what would come of it. */
import type { Flow } from "../../orchestrator/flow.ts";
import { constantsOfField, namesToOffer } from "../model/form-constants.ts";
import { previewOf } from "../model/plan-dialog.ts";
import type { FormField, RunForm } from "../model/run-form.ts";
import {
  acceptedBy,
  changedFields,
  checkForm,
  chooserRows,
  defaultText,
  flowOfForm,
  startableFlows,
  unitOf,
} from "../model/run-form.ts";
import { textOf } from "../model/text-field.ts";
import type { Line } from "../spans.ts";
import { cell, fitLine, span, truncate, widthOf, wrapText } from "../spans.ts";
import { fieldLine, keysLine } from "./dialog-parts.ts";
import type { PaneInput } from "./pane.ts";
import { windowStart } from "./pane.ts";

/** Rows of a field: its value, and what is to be said of it. */
const FIELD_ROWS = 2;

/** Rows a description takes at most, and those in which the active field says what it takes. */
const DESCRIPTION_ROWS = 2;
const ABOUT_ROWS = 3;

/**
 * Rows around the fields: flow, description, a blank one, more of what the active field says, the
 * verdict and what follows from it.
 */
const OTHER_ROWS = 4 + DESCRIPTION_ROWS + (ABOUT_ROWS - 1);

const LABEL_WIDTH = 14;

/** The form in at most `rows` rows; the field one is in is always among them. */
export function formLines(form: RunForm, input: PaneInput, rows: number): readonly Line[] {
  const { state } = input;
  const flow = flowOfForm(state, form);
  if (flow === undefined) return [[span("No flow is known.", "muted")]];
  const chooser = chooserRows(state, form);
  const { problems } = checkForm(flow, form, state);
  const active = form.row - chooser;
  const room = Math.max(1, Math.floor((rows - OTHER_ROWS) / FIELD_ROWS));
  const start = windowStart(Math.max(0, active), form.fields.length, room);
  const shown = form.fields.slice(start, start + room);
  const hidden = form.fields.length - shown.length;
  return [
    flowRow(flow, startableFlows(state).length * chooser, form.row < chooser),
    ...wrapped(flow.description, input.width, DESCRIPTION_ROWS).map(
      (text): Line => [span(`  ${text}`, "muted")],
    ),
    hidden === 0 ? [] : [span(`  ${hidden} more by ↑/↓`, "accent")],
    ...shown.flatMap((field, index) =>
      fieldRows(field, flow, {
        active: start + index === active,
        problem: problems.get(field.name),
        accepts: accepts(flow, form, field, input),
        forking: form.changes !== undefined,
        input,
      }),
    ),
    outlookLine(form, input, problems.size),
    verdictLine(form, problems.size),
  ];
}

function flowRow(flow: Flow, choices: number, active: boolean): Line {
  const name = choices > 1 ? `◂ ${flow.name} ▸  (${choices} flows)` : flow.name;
  return [
    span(active ? "› " : "  ", "accent", true),
    span("flow  ", "muted"),
    span(name, "text", true),
  ];
}

interface FieldRow {
  readonly active: boolean;
  readonly problem: string | undefined;
  /** What can be written. */
  readonly accepts: string;
  /** Whether the values are those of a run, not suggestions. */
  readonly forking: boolean;
  readonly input: PaneInput;
}

function fieldRows(one: FormField, flow: Flow, row: FieldRow): readonly Line[] {
  const { name, field } = one;
  const parameter = flow.parameters[name];
  if (parameter === undefined) return [];
  const { active, input } = row;
  const unit = unitOf(parameter);
  const label = span(
    `${active ? "" : "  "}${cell(name, LABEL_WIDTH - 2)} `,
    active ? "accent" : "muted",
    active,
  );
  const width = input.width - LABEL_WIDTH - 4 - (unit === "" ? 0 : widthOf(unit) + 1);
  const value = fitLine(fieldLine(field, width, active), width);
  const said = unit === "" ? [] : [span(` ${unit}`, "muted")];
  return [
    active ? [span("  "), label, ...value, ...said] : [label, span("  "), ...value, ...said],
    ...aboutLines(one, flow, row),
  ];
}

/** What a field takes: of a model's constants those that can be named now, with their values. */
function accepts(flow: Flow, form: RunForm, one: FormField, { state }: PaneInput): string {
  const parameter = flow.parameters[one.name];
  if (parameter === undefined) return "";
  const { constants } = state;
  const known = constantsOfField(flow, form.fields, { name: one.name, constants });
  if (known === undefined) return acceptedBy(parameter, state.models);
  const offered = namesToOffer(textOf(one.field), known).map(({ name, value, unit = "" }) =>
    `${name}=${value} ${unit}`.trimEnd(),
  );
  return `name=number, …   ${offered.join(" · ")}`;
}

/** The first rows of a text; what does not fit is marked. */
function wrapped(text: string, width: number, rows: number): readonly string[] {
  const lines = wrapText(text, width - 2);
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, rows - 1), truncate(lines.slice(rows - 1).join(" "), width - 2)];
}

/** A problem first; else where the value comes from, and what else can be written. */
function aboutLines(
  one: FormField,
  flow: Flow,
  { active, problem, accepts, forking, input }: FieldRow,
): readonly Line[] {
  const parameter = flow.parameters[one.name];
  if (parameter === undefined) return [];
  if (problem !== undefined) {
    const wrong = wrapped(`✗ ${problem}`, input.width, active ? ABOUT_ROWS - 1 : 1);
    const remedy = active ? wrapped(accepts, input.width, ABOUT_ROWS - wrong.length) : [];
    return [
      ...wrong.map((text): Line => [span(`  ${text}`, "bad")]),
      ...remedy.map((text): Line => [span(`  ${text}`, "muted")]),
    ];
  }
  const origin = originOf(one, defaultText(parameter), forking);
  const about = active ? accepts : (parameter.description ?? "");
  const [first = "", ...more] = wrapped(origin + about, input.width, active ? ABOUT_ROWS : 1);
  return [
    [
      span("  "),
      span(first.slice(0, origin.length), forking ? "warning" : "accent"),
      span(first.slice(origin.length), "muted"),
    ],
    ...more.map((text): Line => [span(`  ${text}`, "muted")]),
  ];
}

/** Where the value of a field is from, when that is not the flow file. */
function originOf({ field, before }: FormField, normal: string, forking: boolean): string {
  const told = (text: string): string => (text === "" ? "empty" : text);
  const changed = textOf(field) !== before;
  if (forking) return changed ? `was ${told(before)}; ` : "";
  return changed || before === normal ? "" : `last used; default ${told(normal)}; `;
}

/** What a fork with these values would do again; blank for a new run. */
function outlookLine(form: RunForm, { state }: PaneInput, problems: number): Line {
  if (form.changes === undefined || problems > 0) return [];
  if (changedFields(form).length === 0) {
    return [span("Change a value: a new run is forked, this one stays as it is.", "muted")];
  }
  const plan = previewOf(form, state);
  if (plan === undefined) return [];
  return plan.refusal === undefined
    ? [span("Done again: ", "warning", true), span(plan.reset.join(", "))]
    : [span(plan.refusal.message, "warning")];
}

function verdictLine(form: RunForm, problems: number): Line {
  if (problems > 0) return [span(`${problems} to correct before the run can start`, "bad")];
  return keysLine([
    ["enter", form.changes === undefined ? "start" : "show the plan"],
    ["tab", "next field"],
    ["esc", "close"],
  ]);
}
