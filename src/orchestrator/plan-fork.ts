/**
 * Plans a run that is forked from another one because of an edit. Pure.
 *
 * F1 The run it is forked from stays as it is.
 * F2 Done again: the steps the edit concerns, and their descendants. Nothing else.
 * F3 Any other step is inherited, if it succeeded, its output fits its agent's schema and its
 *    artifacts are intact; else it is left out, with the reason.
 */
import type { JsonValue } from "../base/json-value.ts";
import { toJsonValue } from "../base/json-value.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { StepId, StepKey } from "../protocol/ids.ts";
import { stepKeyOf, stepKeySchema, taskIdOf } from "../protocol/ids.ts";
import type { ParameterValues } from "../protocol/parameter-values.ts";
import type { Fork, ForkWish } from "../protocol/rerun.ts";
import { inputProblem, outputProblem } from "./agent-schemas.ts";
import { canonicalText } from "./digest.ts";
import { estimateMs } from "./estimate.ts";
import { failureOf } from "./failure-of.ts";
import type { Flow, Step } from "./flow.ts";
import { parseFlow } from "./flow-file.ts";
import { descendantsOf } from "./graph.ts";
import { instanceOf } from "./instances.ts";
import { checkParameters } from "./parameters.ts";
import { lookUpsOf } from "./plan.ts";
import { reasonAgainst } from "./plan-rerun.ts";
import type { PlanFacts, RerunPlan } from "./rerun-plan.ts";
import { planHashOf } from "./rerun-plan.ts";
import type { RunState, StepState } from "./state.ts";
import { lastAttempt, outputOf } from "./state.ts";
import { definitionOf, entriesOf, stateOf } from "./step-access.ts";

/** A plan, and what the forked run is requested with. */
export interface ForkPlan extends RerunPlan {
  readonly request: {
    readonly flowText: string;
    readonly parameters: ParameterValues;
    readonly fork: Fork;
  };
}

/** What the edited run would be. */
interface Edited {
  readonly flow: Flow;
  readonly flowText: string;
  readonly parameters: ParameterValues;
  /** The steps the edit concerns itself. */
  readonly roots: readonly StepId[];
  readonly inputs: Fork["inputs"];
  /** The step whose output the operator wrote. */
  readonly pinned?: { readonly stepKey: StepKey; readonly output: JsonValue };
}

/** What a wish with an edit would do. */
export function planFork(state: RunState, wish: ForkWish, facts: PlanFacts = {}): ForkPlan {
  const result = editedBy(state, wish);
  const edited = result.ok ? result.value : unedited(state);
  const again = new Set<string>(
    edited.roots.flatMap((id) => [id, ...descendantsOf(edited.flow.steps, id)]),
  );
  const taken = takeOver(state, edited, { again, unusable: facts.unusable ?? {} });
  const reset = edited.flow.steps.filter(({ id }) => again.has(id)).map(({ id }) => stepKeyOf(id));
  const blocked = blockedBy(edited.flow, again, taken.leftOut);
  const problem = result.ok ? refusalOf(reset, blocked) : result.error;
  return {
    wish,
    target: "fork",
    reset,
    inherit: Object.keys(taken.inherited).map((key) => stepKeySchema.parse(key)),
    stale: [],
    blocked,
    ineligible: Object.entries(taken.leftOut).map(([key, reason]) => ({
      stepKey: stepKeySchema.parse(key),
      reason,
    })),
    active: [],
    estimateMs: estimateMs(
      { ...state, origin: { ...state.origin, flow: edited.flow } },
      reset,
      facts.history ?? {},
    ),
    planHash: planHashOf(state, wish),
    refusal:
      problem === undefined
        ? undefined
        : failureOf("rejected", problem, "correct the edit, or choose another step"),
    request: {
      flowText: edited.flowText,
      parameters: edited.parameters,
      fork: { ...taken, inputs: edited.inputs },
    },
  };
}

function unedited(state: RunState): Edited {
  const { flow, spec } = state.origin;
  const { flowText, parameters, fork } = spec;
  return { flow, flowText, parameters, roots: [], inputs: fork?.inputs ?? {} };
}

function editedBy(state: RunState, wish: ForkWish): Result<Edited, string> {
  switch (wish.kind) {
    case "edit-input":
      return withInput(state, wish.stepKey, wish.input);
    case "pin-output":
      return withOutput(state, wish.stepKey, wish.output);
    case "parameters":
      return withParameters(state, wish.parameters);
    case "flow":
      return withFlow(state, wish.flowText);
  }
}

function withInput(state: RunState, stepKey: StepKey, input: JsonValue): Result<Edited, string> {
  const step = definitionOf(state, stepKey);
  if (step === undefined) return err(`this run has no step "${stepKey}"`);
  if (step.foreach !== undefined) {
    return err(`"${stepKey}" is done once per item: change its list by a parameter instead`);
  }
  const problem = inputProblem(step.agent, input);
  if (problem !== undefined) return err(`the input does not fit agent ${step.agent}: ${problem}`);
  const before = unedited(state);
  return ok({ ...before, roots: [step.id], inputs: { ...before.inputs, [stepKey]: input } });
}

function withOutput(state: RunState, stepKey: StepKey, output: JsonValue): Result<Edited, string> {
  const step = definitionOf(state, stepKey);
  if (step === undefined) return err(`this run has no step "${stepKey}"`);
  if (instanceOf(stepKey) !== undefined) {
    return err(`"${stepKey}" is one of several: pin the output of "${step.id}" as a list`);
  }
  const problem = outputProblem(step.agent, output, step.foreach !== undefined);
  if (problem !== undefined) return err(`the output does not fit agent ${step.agent}: ${problem}`);
  const { steps } = state.origin.flow;
  const roots = steps.filter(({ needs }) => needs.includes(step.id)).map(({ id }) => id);
  return ok({ ...unedited(state), roots, pinned: { stepKey, output } });
}

function withParameters(state: RunState, given: ParameterValues): Result<Edited, string> {
  const before = unedited(state);
  const checked = checkParameters(before.flow, { ...before.parameters, ...given });
  if (!checked.ok) return err(checked.error.join("; "));
  const changed = changedNames(before.parameters, checked.value);
  return ok({
    ...before,
    parameters: checked.value,
    roots: before.flow.steps.filter((step) => consumesParameter(step, changed)).map(({ id }) => id),
    inputs: before.inputs,
  });
}

function withFlow(state: RunState, flowText: string): Result<Edited, string> {
  const parsed = parseFlow(flowText, "any");
  if (!parsed.ok) {
    const problems = parsed.error.map(({ line, message }) => `line ${line}: ${message}`);
    return err(problems.slice(0, 1).join(""));
  }
  const flow = parsed.value;
  const before = unedited(state);
  const kept = Object.entries(before.parameters).filter(([name]) =>
    Object.hasOwn(flow.parameters, name),
  );
  const checked = checkParameters(flow, Object.fromEntries(kept));
  if (!checked.ok) return err(checked.error.join("; "));
  const changed = changedNames(before.parameters, checked.value);
  const roots = flow.steps.filter((step) => {
    const old = definitionOf(state, step.id);
    return old === undefined || workOf(old) !== workOf(step) || consumesParameter(step, changed);
  });
  return ok({
    ...before,
    flow,
    flowText,
    parameters: checked.value,
    roots: roots.map(({ id }) => id),
  });
}

/** What a step's output depends on; how it is tried, asked for or spared does not matter. */
function workOf({ retry: _, timeoutMs: __, approval: ___, cache: ____, ...work }: Step): string {
  return canonicalText(toJsonValue(work));
}

function changedNames(before: ParameterValues, after: ParameterValues): ReadonlySet<string> {
  const names = Object.keys(after).filter(
    (name) => canonicalText(toJsonValue(before[name])) !== canonicalText(toJsonValue(after[name])),
  );
  return new Set(names);
}

/** Whether the work of a step depends on any of these parameters. */
export function consumesParameter(step: Step, names: ReadonlySet<string>): boolean {
  return lookUpsOf(step).some(([root, name = ""]) => root === "params" && names.has(name));
}

/** F3. */
function takeOver(
  state: RunState,
  { flow, pinned }: Edited,
  {
    again,
    unusable,
  }: { readonly again: ReadonlySet<string>; readonly unusable: Readonly<Record<string, string>> },
): Pick<Fork, "inherited" | "leftOut"> {
  const inherited: Record<string, Fork["inherited"][string]> = {};
  const leftOut: Record<string, string> = {};
  const known = new Set<string>(flow.steps.map(({ id }) => id));
  for (const [key, step] of entriesOf(state)) {
    const definition = definitionOf(state, key);
    if (definition === undefined || !known.has(definition.id) || again.has(definition.id)) continue;
    if (key === pinned?.stepKey) continue;
    const reason = unusable[key] ?? reasonAgainst(step) ?? reasonOf(step, definition, key);
    if (reason === undefined) Object.assign(inherited, asInherited(key, step));
    else leftOut[key] = reason;
  }
  if (pinned !== undefined) inherited[pinned.stepKey] = pinnedAttempt(state, pinned);
  return { inherited, leftOut };
}

/** The last attempt as another run takes it over; nothing for a step that was skipped. */
function asInherited(key: string, step: StepState): Fork["inherited"] {
  const attempt = lastAttempt(step);
  if (step.progress.status !== "succeeded" || attempt?.result == null) return {};
  const { taskId, inheritedFrom = taskId, input, result } = attempt;
  return { [key]: { taskId: inheritedFrom, input, result } };
}

function reasonOf(step: StepState, { agent, foreach }: Step, key: string): string | undefined {
  if (step.progress.status !== "succeeded") return undefined;
  const isList = foreach !== undefined && instanceOf(key) === undefined;
  const problem = outputProblem(agent, outputOf(step), isList);
  return problem === undefined ? undefined : `its output is not valid: ${problem}`;
}

function pinnedAttempt(
  state: RunState,
  { stepKey, output }: NonNullable<Edited["pinned"]>,
): Fork["inherited"][string] {
  const attempt = stateOf(state, stepKey)?.attempts.at(-1);
  const at = attempt?.dispatchedAt ?? state.startedAt;
  return {
    taskId: attempt?.taskId ?? taskIdOf(state.origin.spec.runId, stepKey, 1),
    input: attempt?.input ?? null,
    result: { status: "succeeded", output, worker: "operator", startedAt: at, finishedAt: at },
  };
}

function blockedBy(
  flow: Flow,
  again: ReadonlySet<string>,
  leftOut: Readonly<Record<string, string>>,
): RerunPlan["blocked"] {
  const lost = new Map<string, StepKey>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const { id, needs } of flow.steps) {
      const by = needs.find((need) => Object.hasOwn(leftOut, need) || lost.has(need));
      if (by === undefined || lost.has(id) || !again.has(id)) continue;
      lost.set(id, stepKeySchema.parse(by));
      changed = true;
    }
  }
  return [...lost].map(([key, by]) => ({ stepKey: stepKeySchema.parse(key), by }));
}

function refusalOf(reset: readonly StepKey[], blocked: RerunPlan["blocked"]): string | undefined {
  if (reset.length === 0) return "the edit changes nothing that a step uses";
  const [first] = blocked;
  if (first === undefined || blocked.length < reset.length) return undefined;
  return `"${first.stepKey}" needs ${first.by}, whose output cannot be used`;
}
