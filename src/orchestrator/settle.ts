/** Draws the consequences of a change for the run as a whole. */
import type { StepKey } from "../protocol/ids.ts";
import { stepKeyOf } from "../protocol/ids.ts";
import type { Effect } from "./effects.ts";
import { join } from "./instances.ts";
import { waitingSteps } from "./plan.ts";
import type { RunState, RunStatus, StepState } from "./state.ts";
import { isActive } from "./state.ts";

/** Marks steps that can no longer be reached, and ends the run when nothing is left to do. */
export function settle(
  state: RunState,
  effects: readonly Effect[],
  at: number,
): readonly [RunState, readonly Effect[]] {
  const settled = blockUnreachable(joinAll(state, at));
  const steps = Object.values(settled.steps);
  const busy = steps.some((step) => isActive(step.progress)) || waitingSteps(settled).length > 0;
  const awaited = steps.some((step) => step.progress.status === "awaiting-approval");
  if (!busy && !awaited) {
    return [{ ...settled, status: finalStatus(settled, steps), finishedAt: at }, effects];
  }
  if (state.status !== "running" && state.status !== "waiting") return [settled, effects];
  return [{ ...settled, status: busy ? "running" : "waiting" }, effects];
}

/** Closes fan-outs whose last instance has come to rest, also while nothing is dispatched. */
function joinAll(state: RunState, at: number): RunState {
  return state.origin.flow.steps.reduce(
    (next, { id, foreach }) => (foreach === undefined ? next : join(next, stepKeyOf(id), at)),
    state,
  );
}

function finalStatus(state: RunState, steps: readonly StepState[]): RunStatus {
  if (steps.every((step) => isDone(step))) return "succeeded";
  if (state.status === "cancelling") return "cancelled";
  const some = (status: string): boolean => steps.some((step) => step.progress.status === status);
  return some("failed") || !some("cancelled") ? "failed" : "cancelled";
}

/** Whether nothing is missing from a step: a stale one has its output, though not the newest. */
function isDone({ progress }: StepState): boolean {
  return (
    progress.status === "succeeded" || progress.status === "skipped" || progress.status === "stale"
  );
}

/** A waiting step is blocked by the first of its needs that failed or is blocked itself. */
function blockUnreachable(state: RunState): RunState {
  let steps = state.steps;
  for (let changed = true; changed; ) {
    changed = false;
    for (const definition of state.origin.flow.steps) {
      const key = stepKeyOf(definition.id);
      const step = steps[key];
      const by = definition.needs.map((id) => stepKeyOf(id)).find((need) => isDeadEnd(steps[need]));
      if (step?.progress.status !== "waiting" || by === undefined) continue;
      steps = { ...steps, [key]: blockedBy(step, by) };
      changed = true;
    }
  }
  return steps === state.steps ? state : { ...state, steps };
}

function isDeadEnd(step: StepState | undefined): boolean {
  const progress = step?.progress;
  if (progress?.status === "skipped") return progress.deadEnd;
  return (
    progress?.status === "failed" ||
    progress?.status === "blocked" ||
    progress?.status === "cancelled" ||
    progress?.status === "stale"
  );
}

function blockedBy(step: StepState, by: StepKey): StepState {
  return { ...step, progress: { status: "blocked", by } };
}
