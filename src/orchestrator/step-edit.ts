/**
 * A step's input or output as a text that a person edits: commented YAML. Pure.
 *
 * E1 A text without content, or with the content it had, is no edit.
 * E2 What is wrong stands in lines of its own, `#!`, above the text, and goes when it is corrected.
 */
import { parse, stringify } from "yaml";
import { z } from "zod";
import { errorMessage } from "../base/error-message.ts";
import type { JsonValue } from "../base/json-value.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { RunId, StepKey, TaskAgentName } from "../protocol/ids.ts";
import { jsonSchema } from "../protocol/json.ts";
import type { ForkWish } from "../protocol/rerun.ts";
import { inputProblem, outputProblem, schemaOf } from "./agent-schemas.ts";
import { canonicalText } from "./digest.ts";
import { instanceOf } from "./instances.ts";
import type { RunState } from "./state.ts";
import { definitionOf, stateOf } from "./step-access.ts";

/** What is edited, and its value before; a null value is written from nothing. */
export interface StepEdit {
  readonly runId: RunId;
  readonly stepKey: StepKey;
  readonly part: "input" | "output";
  readonly agent: TaskAgentName;
  /** Whether it is a list of outputs, as of a fan-out. */
  readonly isList: boolean;
  readonly value: JsonValue;
}

/** What a written text amounts to. */
export type EditAnswer =
  | { readonly kind: "unchanged" }
  | { readonly kind: "problem"; readonly message: string }
  | { readonly kind: "wish"; readonly wish: ForkWish };

/** What can be edited of a step; else why it cannot. */
export function stepEdit(
  state: RunState,
  stepKey: StepKey,
  part: StepEdit["part"],
): Result<StepEdit, string> {
  const definition = definitionOf(state, stepKey);
  const attempts = stateOf(state, stepKey)?.attempts ?? [];
  if (definition === undefined) return err(`this run has no step "${stepKey}"`);
  const isList = definition.foreach !== undefined;
  const common = { runId: state.origin.spec.runId, stepKey, part, agent: definition.agent, isList };
  if (part === "output") {
    const parent = instanceOf(stepKey)?.parent;
    if (parent !== undefined) return err(`${stepKey} is one of several: pin the list of ${parent}`);
    const outputs = attempts.flatMap(({ result }) =>
      result?.status === "succeeded" ? [result.output] : [],
    );
    return ok({ ...common, value: outputs.at(-1) ?? null });
  }
  if (isList) return err(`${stepKey} is done once per item: change its list by a parameter`);
  const value = attempts.findLast(({ input }) => input !== null)?.input;
  if (value === undefined) return err(`${stepKey} has not begun yet: its input is not known`);
  return ok({ ...common, value });
}

/** The text an editor is opened with. */
export function textToEdit(edit: StepEdit): string {
  const { runId, stepKey, part, agent, isList, value } = edit;
  const head = [
    `The ${part} of step ${stepKey} (agent ${agent}) of run ${runId}.`,
    "Save it and leave the editor to see what a new run with it would do.",
    "Nothing happens when it is left unchanged, or empty.",
    "",
    isList ? "A list; of each item:" : "What it may hold:",
    ...fieldLines(z.toJSONSchema(schemaOf(agent, part), { io: "input", unrepresentable: "any" })),
  ];
  const comments = head.map((line) => `# ${line}`.trimEnd()).join("\n");
  return `${comments}\n${value === null ? "" : stringify(value)}`;
}

/** The text with what is wrong above it (E2). */
export function withProblem(text: string, problem: string): string {
  const rest = text.split("\n").filter((line) => !line.startsWith("#!"));
  return [...problem.split("\n").map((line) => `#! ${line}`), ...rest].join("\n");
}

/** Reads what was written. */
export function readEdit(edit: StepEdit, text: string): EditAnswer {
  const value = contentOf(text);
  if (!value.ok) return { kind: "problem", message: value.error };
  const { stepKey, part, agent, isList } = edit;
  const before = canonicalText(edit.value);
  if (value.value === null || canonicalText(value.value) === before) return { kind: "unchanged" }; // E1
  const message =
    part === "input" ? inputProblem(agent, value.value) : outputProblem(agent, value.value, isList);
  if (message !== undefined) return { kind: "problem", message };
  const wish: ForkWish =
    part === "input"
      ? { kind: "edit-input", stepKey, input: value.value }
      : { kind: "pin-output", stepKey, output: value.value };
  return { kind: "wish", wish };
}

function contentOf(text: string): Result<JsonValue, string> {
  try {
    return ok(jsonSchema.parse(parse(text)));
  } catch (cause) {
    return err(`this is not YAML: ${errorMessage(cause)}`);
  }
}

const fieldSchema = z.looseObject({
  type: z
    .union([z.string(), z.array(z.string()).transform((types) => types.join(" or "))])
    .optional(),
  enum: z.array(z.json()).optional(),
  description: z.string().optional(),
});
const objectSchema = z.looseObject({
  properties: z.record(z.string(), fieldSchema),
  required: z.array(z.string()).default([]),
});

/** One line per member: its name, what it holds, what it is for. */
function fieldLines(schema: unknown): readonly string[] {
  const { properties, required } = objectSchema.parse(schema);
  return Object.entries(properties).map(([name, { type, enum: choices, description }]) => {
    const holds = choices?.join(" · ") ?? type ?? "a value";
    const optional = required.includes(name) ? "" : ", optional";
    const about = description === undefined ? "" : `: ${description}`;
    return `  ${name}  (${holds}${optional})${about}`;
  });
}
