/** What the words of `rerun` and `plan` wish for. */
import { parse as parseYaml } from "yaml";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { RunState } from "../orchestrator/state.ts";
import { keysOf } from "../orchestrator/step-access.ts";
import type { StepKey } from "../protocol/ids.ts";
import { jsonSchema } from "../protocol/json.ts";
import type { RerunWish } from "../protocol/rerun.ts";
import type { WishFlags } from "./rerun-flags.ts";
import { readParameters } from "./run-command.ts";
import { closestTo } from "./suggest.ts";

/** What the files say that the flags name; undefined where none is named. */
export interface WishTexts {
  /** Of `--input-file`. */
  readonly input?: string | undefined;
  /** Of `--pin-file`. */
  readonly output?: string | undefined;
}

/**
 * The wish of the flags.
 * @throws OperatorError `usage` for flags that exclude each other and for unknown steps.
 */
export function wishOf(
  state: RunState,
  { from, only, set }: WishFlags,
  texts: WishTexts = {},
): RerunWish {
  const given = texts.input ?? texts.output;
  if (set.length > 0) {
    if (from !== undefined || only || given !== undefined) {
      throw usage(
        "--set finds by itself what is to be done again",
        "leave --from, --only, --input-file and --pin-file away",
      );
    }
    return { kind: "parameters", parameters: changedParameters(state, set) };
  }
  if (given !== undefined) return editWish(state, { from, only }, texts);
  if (only && from === undefined) throw usage("--only needs a step", "name it with --from STEP");
  const stepKey = from === undefined ? firstStep(state) : stepOf(state, from);
  return { kind: only ? "only" : "from", stepKey };
}

function editWish(
  state: RunState,
  { from, only }: Pick<WishFlags, "from" | "only">,
  { input, output }: WishTexts,
): RerunWish {
  if (input !== undefined && output !== undefined) {
    throw usage("--input-file and --pin-file exclude each other", "leave one of them away");
  }
  const flag = input === undefined ? "--pin-file is the output" : "--input-file is the input";
  if (from === undefined || only) {
    throw usage(`${flag} of one step`, "name it with --from, without --only");
  }
  const stepKey = stepOf(state, from);
  return input === undefined
    ? { kind: "pin-output", stepKey, output: valueIn(output ?? "", "output") }
    : { kind: "edit-input", stepKey, input: valueIn(input, "input") };
}

/**
 * The step of a run that an operator names.
 * @throws OperatorError `usage` when the run has none of that name.
 */
export function stepOf(state: RunState, name: string): StepKey {
  const keys = keysOf(state);
  const key = keys.find((one) => one === name);
  if (key !== undefined) return key;
  const closest = closestTo(name, keys);
  throw usage(
    `the run has no step "${name}"`,
    closest === undefined ? `it has ${keys.join(", ")}` : `did you mean ${closest}?`,
  );
}

/** The step that everything begins with. */
function firstStep(state: RunState): StepKey {
  const first = state.origin.flow.steps.filter((step) => step.needs.length === 0);
  const [only, another] = first;
  if (only !== undefined && another === undefined) return stepOf(state, only.id);
  const names = first.map((step) => step.id).join(", ");
  throw usage(`the flow begins with ${names}`, "say which with --from STEP");
}

/** The parameters that change; members of a parameter that are not named keep the run's values. */
function changedParameters(
  { origin: { flow, spec } }: RunState,
  assignments: readonly string[],
): ReturnType<typeof readParameters> {
  const values = readParameters(flow, assignments, undefined, spec.parameters);
  const named = assignments.map((one) => one.split(/[.=]/, 1)[0]);
  return Object.fromEntries(Object.entries(values).filter(([name]) => named.includes(name)));
}

function valueIn(text: string, part: string): ReturnType<typeof jsonSchema.parse> {
  try {
    return jsonSchema.parse(parseYaml(text));
  } catch (cause) {
    throw usage(`the ${part} cannot be read: ${errorMessage(cause)}`, "write YAML or JSON");
  }
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
