/** Plans what an operator wants done again, with what only a console knows: history and files. */
import type { ForkPlan } from "../orchestrator/plan-fork.ts";
import { planFork } from "../orchestrator/plan-fork.ts";
import { planRerun } from "../orchestrator/plan-rerun.ts";
import type { PlanFacts, RerunPlan } from "../orchestrator/rerun-plan.ts";
import type { Attempt } from "../orchestrator/state.ts";
import { outputOf } from "../orchestrator/state.ts";
import type { Artifact } from "../protocol/artifact.ts";
import { artifactsIn } from "../protocol/artifact.ts";
import type { ForkWish, RerunWish } from "../protocol/rerun.ts";
import { isForkWish } from "../protocol/rerun.ts";
import type { ArtifactStore } from "../session/artifact-store.ts";
import type { RunView } from "./console-state.ts";

/** Where a plan's facts come from. */
export interface PlanScope {
  /** Runs whose durations tell how long steps take. */
  readonly runs: Iterable<RunView>;
  readonly artifacts: Pick<ArtifactStore, "verify">;
  /** Brings a file of another machine here; undefined when nobody has it. */
  readonly fetch?: (artifact: Artifact) => Promise<string | undefined>;
}

/**
 * Plans a wish; reads every artifact the run's outputs point to. Files of steps that the plan would
 * keep are fetched where they are not here, and then it is planned again.
 */
export async function planWish(
  scope: PlanScope,
  run: RunView,
  wish: RerunWish,
  interrupt = false,
): Promise<RerunPlan> {
  const plan = (facts: PlanFacts): RerunPlan =>
    isForkWish(wish)
      ? planFork(run.state, wish, { ...facts, interrupt })
      : planRerun(run.state, wish, { ...facts, interrupt });
  return await planWithFiles(scope, run, plan);
}

/** Plans a forked run. */
export async function planForkWish(
  scope: PlanScope,
  run: RunView,
  wish: ForkWish,
): Promise<ForkPlan> {
  return await planWithFiles(scope, run, (facts) => planFork(run.state, wish, facts));
}

async function planWithFiles<Plan extends Pick<RerunPlan, "ineligible">>(
  scope: PlanScope,
  run: RunView,
  planOf: (facts: PlanFacts) => Plan,
): Promise<Plan> {
  const facts = await factsOf(scope, run);
  const plan = planOf(facts);
  const lacking = plan.ineligible.filter(({ stepKey }) => facts.unusable?.[stepKey] !== undefined);
  if (scope.fetch === undefined || lacking.length === 0) return plan;
  for (const { stepKey } of lacking) {
    const step = run.state.steps[stepKey];
    const files = step === undefined ? [] : artifactsIn(outputOf(step));
    for (const file of files) await scope.fetch(file);
  }
  return planOf(await factsOf(scope, run));
}

async function factsOf(scope: PlanScope, run: RunView): Promise<PlanFacts> {
  return {
    history: historyOf(scope.runs, run),
    unusable: await unusableOutputs(scope.artifacts, run),
  };
}

/** How long each step took in the other runs of the same flow, milliseconds. */
function historyOf(runs: Iterable<RunView>, run: RunView): Record<string, readonly number[]> {
  const { flowName } = run.state.origin.spec;
  const others = [...runs].filter(
    (other) => other.runId !== run.runId && other.state.origin.spec.flowName === flowName,
  );
  const history: Record<string, number[]> = {};
  for (const [key, step] of others.flatMap(({ state }) => Object.entries(state.steps))) {
    history[key] = [...(history[key] ?? []), ...step.attempts.flatMap(durationOf)];
  }
  return history;
}

function durationOf({ result, inheritedFrom, cachedFrom }: Attempt): readonly number[] {
  if (result?.status !== "succeeded") return [];
  if (inheritedFrom !== undefined || cachedFrom !== undefined) return [];
  return [result.finishedAt - result.startedAt];
}

/** The steps whose output points to a file that is gone or is not what it was. */
async function unusableOutputs(
  artifacts: PlanScope["artifacts"],
  { state }: RunView,
): Promise<Record<string, string>> {
  const unusable: Record<string, string> = {};
  for (const [key, step] of Object.entries(state.steps)) {
    for (const artifact of artifactsIn(outputOf(step))) {
      const verdict = await artifacts.verify(artifact);
      if (verdict !== "intact") unusable[key] = `its file ${artifact.name} is ${verdict} here`;
    }
  }
  return unusable;
}
