/** What can be done next in a run. */
import type { StepId } from "../protocol/ids.ts";
import { stepIdSchema, stepKeyOf } from "../protocol/ids.ts";
import { referencesOfCondition } from "./condition.ts";
import type { Step } from "./flow.ts";
import { parseReference, referencesIn } from "./references.ts";
import type { RunState, StepState } from "./state.ts";

/** The waiting steps whose needs are met: succeeded, or skipped without harm. */
export function readySteps(state: RunState): readonly Step[] {
  if (state.status !== "running" && state.status !== "waiting") return [];
  return waitingSteps(state);
}

/** The same, whether or not anything may be dispatched now. */
export function waitingSteps(state: RunState): readonly Step[] {
  const stepOf = (id: StepId): StepState | undefined => state.steps[stepKeyOf(id)];
  return state.origin.flow.steps.filter(
    (step) =>
      stepOf(step.id)?.progress.status === "waiting" && step.needs.every((id) => isMet(stepOf(id))),
  );
}

/** Whether steps that need this one may be done. */
export function isMet(step: StepState | undefined): boolean {
  if (step?.progress.status === "skipped") return !step.progress.deadEnd;
  return step?.progress.status === "succeeded";
}

/** What a definition looks up, as segments: in its input, its list and its condition. */
export function lookUpsOf(
  step: Pick<Step, "input" | "foreach" | "when">,
): readonly (readonly string[])[] {
  const texts = [
    ...referencesIn(step.input),
    ...referencesIn(step.foreach?.items ?? null),
    ...(step.when === undefined ? [] : referencesOfCondition(step.when)),
  ];
  return texts.flatMap((text) => {
    const reference = parseReference(text);
    return reference.ok ? [reference.value] : [];
  });
}

/** A step this one cannot do without that was skipped; undefined when there is none. */
export function skippedSource(state: RunState, step: Step): string | undefined {
  const some = Object.values(state.steps).some(({ progress }) => progress.status === "skipped");
  if (!some) return undefined; // Looking for look-ups is slow, and most runs skip nothing.
  const used = lookUpsOf({ input: step.input, ...(step.foreach && { foreach: step.foreach }) });
  return used
    .filter(([root]) => root === "steps")
    .map(([, name = ""]) => stepIdSchema.parse(name))
    .find((id) => state.steps[stepKeyOf(id)]?.progress.status === "skipped");
}
