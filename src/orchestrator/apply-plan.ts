/**
 * Carries out a plan within its run.
 *
 * P1 Attempts are append-only: a reset adds to them and overwrites none.
 * P2 A reset step has a fresh retry budget, and needs a person's approval anew.
 * P3 Interrupted attempts are closed here; what their workers still send is late and ignored.
 * P4 What is done again is really done: from then on the run takes nothing from the cache.
 */
import { invariant } from "../base/assert.ts";
import type { Failure } from "../protocol/failure.ts";
import type { StepKey } from "../protocol/ids.ts";
import type { SameRunWish } from "../protocol/rerun.ts";
import { dispatchReady } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import { failureOf } from "./failure-of.ts";
import { fanOut, instanceOf, itemsOf } from "./instances.ts";
import { isRejoined, planRerun } from "./plan-rerun.ts";
import type { RerunPlan } from "./rerun-plan.ts";
import { settle } from "./settle.ts";
import type { RunState, StepProgress, StepState } from "./state.ts";
import { definitionOf, entriesOf, unanswered } from "./step-access.ts";

/** An order to carry out a plan; without a hash it holds whatever the run has become. */
export interface PlanOrder {
  readonly wish: SameRunWish;
  readonly planHash?: string;
  readonly interrupt?: boolean;
  /** What a person says to a step that is done again. */
  readonly feedback?: { readonly to: StepKey; readonly text: string };
}

/** Why an order cannot be carried out; `conflict` when the run has moved on since the plan. */
export function orderRefusal(
  state: RunState,
  order: PlanOrder,
): { readonly reason: Failure; readonly conflict: boolean } | undefined {
  const plan = planRerun(state, order.wish, { interrupt: order.interrupt ?? false });
  if (order.planHash !== undefined && plan.planHash !== order.planHash) {
    const message = "the run has moved on since this plan was made";
    return { reason: failureOf("rejected", message, "look at the new plan"), conflict: true };
  }
  return plan.refusal === undefined ? undefined : { reason: plan.refusal, conflict: false };
}

/** The run with the plan carried out; unchanged when it cannot be. */
export function applyPlan(
  state: RunState,
  order: PlanOrder,
  at: number,
): readonly [RunState, readonly Effect[]] {
  if (orderRefusal(state, order) !== undefined) return [state, []];
  const plan = planRerun(state, order.wish);
  const effects = chosen(state, plan.active).flatMap(([key, { progress }]) =>
    stopEffects(state, key, progress),
  );
  const reset = resetSteps(state, plan, { order, at });
  const [next, wanted] = dispatchReady(
    {
      ...rejoinFanOuts(state, reset, { plan, at }),
      status: state.status === "paused" ? "paused" : "running",
      failure: null,
      startedAt: at,
      finishedAt: null,
      doneAnew: true, // P4
    },
    at,
  );
  return settle(next, [...effects, ...wanted], at);
}

function resetSteps(
  state: RunState,
  plan: RerunPlan,
  { order, at }: { readonly order: PlanOrder; readonly at: number },
): RunState {
  const steps = { ...state.steps };
  for (const [key, step] of chosen(state, plan.reset)) {
    const { attempts } = closed(step, at);
    steps[key] = {
      progress: { status: "waiting" },
      attempts, // P1
      attemptsForgiven: attempts.length, // P2
      approved: false,
      feedback: order.feedback?.to === key ? order.feedback.text : "",
    };
  }
  for (const [key, step] of chosen(state, plan.stale)) {
    const [by] = plan.reset;
    invariant(by !== undefined, "something goes stale because another step is done again");
    const stopped = closed(step, at);
    const attempt = step.progress.status === "succeeded" ? step.progress.attempt : 0;
    steps[key] = { ...stopped, progress: { status: "stale", attempt, by } };
  }
  return { ...state, steps };
}

/** The steps of a run that are among `keys`. */
function chosen(
  state: RunState,
  keys: readonly StepKey[],
): readonly (readonly [StepKey, StepState])[] {
  return entriesOf(state).filter(([key]) => keys.includes(key));
}

/** Fan-outs of which only some instances are done again keep their list and the other outputs. */
function rejoinFanOuts(
  before: RunState,
  state: RunState,
  { plan, at }: { readonly plan: RerunPlan; readonly at: number },
): RunState {
  const inReset = new Set<string>(plan.reset);
  return plan.reset
    .filter((key) => instanceOf(key) === undefined && isRejoined(before, key, inReset))
    .reduce((next, key) => fanOut(next, key, { items: itemsOf(before, key), at }), state);
}

/** P3. */
function closed(step: StepState, at: number): StepState {
  const { progress } = step;
  if (progress.status !== "dispatched" && progress.status !== "running") return step;
  const failure = failureOf("cancelled", "given up for a rerun", "see the next attempt");
  return unanswered(step, progress.taskId, { failure, at });
}

function stopEffects(state: RunState, stepKey: StepKey, progress: StepProgress): readonly Effect[] {
  const definition = definitionOf(state, stepKey);
  invariant(definition !== undefined, `${stepKey} is not in the flow`);
  if (progress.status === "retrying" || progress.status === "ready") {
    const kind = progress.status === "ready" ? "look-up" : "retry";
    return [{ type: "clear-timer", timer: { kind, stepKey, attempt: progress.attempt } }];
  }
  if (progress.status !== "dispatched") return []; // A fan-out has no task of its own.
  const { taskId, attempt } = progress;
  return [
    { type: "cancel-task", taskId, agent: definition.agent, reason: "rerun" },
    { type: "clear-timer", timer: { kind: "timeout", stepKey, attempt } },
  ];
}
