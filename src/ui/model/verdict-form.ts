/** The form in which a person answers a step that waits for approval. */
import type { RunView } from "../../console/console-state.ts";
import type { Intent } from "../../console/intents.ts";
import { ancestorsOf } from "../../orchestrator/graph.ts";
import { planRerun } from "../../orchestrator/plan-rerun.ts";
import type { RerunPlan } from "../../orchestrator/rerun-plan.ts";
import { definitionOf } from "../../orchestrator/step-access.ts";
import type { RunId, StepKey } from "../../protocol/ids.ts";
import { stepKeyOf } from "../../protocol/ids.ts";
import type { TextField } from "./text-field.ts";
import { fieldOf, textOf } from "./text-field.ts";

/** Longest reason or feedback, in characters. */
const MAXIMUM_WORDS = 2000;

/** What can be said; sending back carries what it would do again. */
export type VerdictChoice =
  | { readonly kind: "approve" }
  | { readonly kind: "reject" }
  | { readonly kind: "push-back"; readonly to: StepKey; readonly plan: RerunPlan };

/** The form being filled in. */
export interface VerdictForm {
  readonly runId: RunId;
  readonly stepKey: StepKey;
  /** What the flow asks the person. */
  readonly question: string;
  readonly choices: readonly VerdictChoice[];
  readonly row: number;
  /** The reason of a rejection, or the feedback to an earlier step. */
  readonly words: TextField;
}

/** The form for a step that waits; undefined when the flow has no such step. */
export function verdictForm(run: RunView, stepKey: StepKey): VerdictForm | undefined {
  const definition = definitionOf(run.state, stepKey);
  if (definition === undefined) return undefined;
  const { steps } = run.state.origin.flow;
  const before = ancestorsOf(steps, definition.id);
  const earlier = steps.filter(({ id }) => before.has(id)).toReversed();
  const backwards = earlier.flatMap(({ id }): readonly VerdictChoice[] => {
    const to = stepKeyOf(id);
    const plan = planRerun(run.state, { kind: "from", stepKey: to });
    return plan.refusal === undefined ? [{ kind: "push-back", to, plan }] : [];
  });
  return {
    runId: run.runId,
    stepKey,
    question: definition.approval ?? "",
    choices: [{ kind: "approve" }, { kind: "reject" }, ...backwards],
    row: 0,
    words: fieldOf(""),
  };
}

/** The form with another choice. */
export function choose(form: VerdictForm, delta: number): VerdictForm {
  const last = form.choices.length - 1;
  return { ...form, row: Math.max(0, Math.min(form.row + delta, last)) };
}

/** What is chosen now. */
export function chosen({ choices, row }: VerdictForm): VerdictChoice {
  return choices[row] ?? { kind: "approve" };
}

/** Why the form cannot be sent; undefined when it can. */
export function verdictProblem(form: VerdictForm): string | undefined {
  const { length } = textOf(form.words).trim();
  if (chosen(form).kind === "approve" || length <= MAXIMUM_WORDS) return undefined;
  return `at most ${MAXIMUM_WORDS} characters, these are ${length}`;
}

/** The wish a filled-in form amounts to. */
export function verdictIntent(form: VerdictForm): Intent {
  const { runId, stepKey } = form;
  const choice = chosen(form);
  const words = textOf(form.words).trim();
  const common = { type: "give-verdict", runId, stepKey } as const;
  switch (choice.kind) {
    case "approve":
      return { ...common, verdict: { kind: "approve" } };
    case "reject":
      return { ...common, verdict: { kind: "reject", reason: words } };
    case "push-back":
      return { ...common, verdict: { kind: "push-back", to: choice.to, feedback: words } };
  }
}
