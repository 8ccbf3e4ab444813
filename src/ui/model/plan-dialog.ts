/** Confirmations that show a plan before anything is done again. */
import type { RunView } from "../../console/console-state.ts";
import type { Intent } from "../../console/intents.ts";
import { planFork } from "../../orchestrator/plan-fork.ts";
import { planRerun } from "../../orchestrator/plan-rerun.ts";
import type { RerunPlan } from "../../orchestrator/rerun-plan.ts";
import type { RunId, StepKey } from "../../protocol/ids.ts";
import type { SameRunWish } from "../../protocol/rerun.ts";
import { isForkWish } from "../../protocol/rerun.ts";
import type { RunForm } from "./run-form.ts";
import { changeWish, checkForm } from "./run-form.ts";
import type { Dialog, Screen, View } from "./screen.ts";
import { selectedStep } from "./selection.ts";
import { chosen } from "./verdict-form.ts";

/** What an operator can want done again with one key. */
export type PlannedWish = "from" | "only" | "failed" | "stale";

/** The wish for the selected step or run. */
export function wishOf(kind: PlannedWish, stepKey: StepKey): SameRunWish {
  return kind === "from" || kind === "only" ? { kind, stepKey } : { kind };
}

const TITLES: Readonly<Record<PlannedWish, (step: string) => string>> = {
  from: (step) => `Rerun ${step}`,
  only: (step) => `Rerun only ${step}`,
  failed: () => "Retry what failed",
  stale: () => "Bring up to date what is stale",
};

/** The confirmation of a rerun; Enter applies exactly the plan that is shown. */
export function planDialog(kind: PlannedWish) {
  return (screen: Screen, { state }: Pick<View, "state">): Dialog | null => {
    const selected = selectedStep(screen, state);
    if (selected === undefined) return null;
    const { run, key } = selected;
    const wish = wishOf(kind, key);
    const plan = planRerun(run.state, wish);
    const { planHash } = plan;
    const intent: Intent = { type: "apply-plan", runId: run.runId, wish, planHash };
    return {
      kind: "confirm",
      title: TITLES[kind](key),
      lines: planLines(plan, run),
      confirmLabel: "rerun",
      enterConfirms: true,
      intent,
      plan,
    };
  };
}

/** The confirmation of a forked run; null when it cannot be, or its run is gone. */
export function forkDialog(
  { runId, plan }: { readonly runId: RunId; readonly plan: RerunPlan },
  { state }: Pick<View, "state">,
): Dialog | null {
  const run = state.runs.find((one) => one.runId === runId);
  const { wish, planHash } = plan;
  if (run === undefined || !isForkWish(wish)) return null;
  return {
    kind: "confirm",
    title: "Fork a run",
    lines: [
      "The run stays as it is; a new one begins from its results.",
      "",
      ...planLines(plan, run),
    ],
    confirmLabel: "fork",
    enterConfirms: true,
    intent: { type: "fork-run", runId, wish, planHash },
    plan,
  };
}

/** What a form of changed parameters would do, by the run alone; undefined for other forms. */
export function previewOf(form: RunForm, state: View["state"]): RerunPlan | undefined {
  const { changes } = form;
  const run = state.runs.find(({ runId }) => runId === changes?.runId);
  return changes === undefined || run === undefined
    ? undefined
    : planFork(run.state, changeWish(form, checkForm(changes.flow, form, state).values));
}

function planLines(plan: RerunPlan, run: RunView): readonly string[] {
  const { reset, stale, blocked, ineligible, inherit } = plan;
  const nextOf = (key: StepKey): number =>
    plan.target === "fork" ? 1 : (run.state.steps[key]?.attempts.length ?? 0) + 1;
  const listed = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  return [
    ...listed(
      reset.length === 1 ? "This step will be done again:" : "These steps will be done again:",
      reset.map((key) => `${key}  attempt ${nextOf(key)}`),
    ),
    ...listed("Built on an older result afterwards, until u:", stale),
    ...listed(
      "Cannot be done:",
      blocked.map(({ stepKey, by }) => `${stepKey}, blocked by ${by}`),
    ),
    ...listed(
      "Left as they are, without a result:",
      ineligible.map(({ stepKey, reason }) => `${stepKey}: ${reason}`),
    ),
    "",
    inherit.length === 0
      ? "Earlier attempts are kept."
      : `Kept as they are: ${inherit.length} other ${inherit.length === 1 ? "step" : "steps"}, and earlier attempts.`,
  ];
}

/** The plan that a dialog shows. */
export function shownPlan(dialog: Dialog | null): RerunPlan | undefined {
  if (dialog?.kind === "confirm") return dialog.plan;
  if (dialog?.kind !== "verdict") return undefined;
  const choice = chosen(dialog.form);
  return choice.kind === "push-back" ? choice.plan : undefined;
}

/** What the plan that is being shown says of a step; undefined when it leaves it alone. */
export function plannedFor(screen: Screen, key: string): "again" | "stale" | undefined {
  const plan = shownPlan(screen.dialog);
  if (plan === undefined) return undefined;
  if (plan.reset.some((one) => String(one) === key)) return "again";
  return plan.stale.some((one) => String(one) === key) ? "stale" : undefined;
}
