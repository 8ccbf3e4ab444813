/** Trust that a rerun needs: a program may have changed since its run began. Pure. */
import { consumesParameter } from "../orchestrator/plan-fork.ts";
import { definitionOf } from "../orchestrator/step-access.ts";
import type { StepKey } from "../protocol/ids.ts";
import type { RunComposer } from "./compose-run.ts";
import type { RunView } from "./console-state.ts";
import type { TrustRequest, WishProblem } from "./program-trust.ts";
import { refusalOfSteps } from "./program-trust.ts";

/** What a rerun would run without trust: the first program that a step of the plan needs. */
export function trustOfRerun(
  { state }: RunView,
  reset: readonly StepKey[],
  { findModel, trust }: Pick<RunComposer, "findModel" | "trust">,
): WishProblem | undefined {
  const { flow, spec } = state.origin;
  const steps = reset.flatMap((key) => definitionOf(state, key) ?? []);
  for (const [name, { type }] of Object.entries(flow.parameters)) {
    const value = spec.parameters[name];
    // A run has the texts of its other models; of a program it has the name alone.
    if (type !== "model" || typeof value !== "string" || Object.hasOwn(spec.models, value))
      continue;
    if (!steps.some((step) => consumesParameter(step, new Set([name])))) continue;
    const model = findModel(value);
    const wanted = model.ok ? trust.wanted(model.value) : undefined;
    if (wanted !== undefined) return untrusted(wanted);
  }
  return refusalOfSteps(steps, trust);
}

function untrusted(trust: TrustRequest): WishProblem {
  const message = `the model ${trust.name} runs a program that you have not trusted yet`;
  return { message, nextStep: `look at it, then aimie-console trust ${trust.name}`, trust };
}
