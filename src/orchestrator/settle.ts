/** Draws the consequences of a change for the run as a whole. */
import type { StepKey } from "../protocol/ids.ts";
import { stepKeyOf } from "../protocol/ids.ts";
import type { Effect } from "./effects.ts";
import { readySteps } from "./plan.ts";
import type { RunState, RunStatus, StepState } from "./state.ts";
import { isActive } from "./state.ts";

/** Marks steps that can no longer be reached, and ends the run when nothing is left to do. */
export function settle(
  state: RunState,
  effects: readonly Effect[],
  at: number,
): readonly [RunState, readonly Effect[]] {
  const blocked = blockUnreachable(state);
  const steps = Object.values(blocked.steps);
  const busy = steps.some((step) => isActive(step.progress)) || readySteps(blocked).length > 0;
  if (busy) return [blocked, effects];
  return [{ ...blocked, status: finalStatus(blocked, steps), finishedAt: at }, effects];
}

function finalStatus(state: RunState, steps: readonly StepState[]): RunStatus {
  if (steps.every((step) => step.progress.status === "succeeded")) return "succeeded";
  if (state.status === "cancelling") return "cancelled";
  return steps.some((step) => step.progress.status === "failed") ? "failed" : "cancelled";
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
  const status = step?.progress.status;
  return status === "failed" || status === "blocked" || status === "cancelled";
}

function blockedBy(step: StepState, by: StepKey): StepState {
  return { ...step, progress: { status: "blocked", by } };
}
