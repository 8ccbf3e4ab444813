/** What can be done next in a run. */
import type { StepId } from "../protocol/ids.ts";
import { stepKeyOf } from "../protocol/ids.ts";
import type { Step } from "./flow.ts";
import type { RunState } from "./state.ts";

/** The waiting steps whose needs have all succeeded. */
export function readySteps(state: RunState): readonly Step[] {
  if (state.status !== "running") return [];
  const statusOf = (id: StepId): string | undefined => state.steps[stepKeyOf(id)]?.progress.status;
  return state.origin.flow.steps.filter(
    (step) =>
      statusOf(step.id) === "waiting" && step.needs.every((id) => statusOf(id) === "succeeded"),
  );
}
