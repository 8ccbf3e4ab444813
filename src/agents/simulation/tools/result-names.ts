/** How results of simulations are called, and what failures of the engine mean to an operator. */
import type { ModelProblem } from "../../../engines/xmile/problem.ts";
import type { Failure } from "../../../protocol/failure.ts";

/** A model's name as an artifact may carry it; the text of a model may come with any name. */
export function fileName(model: string): string {
  const safe = model.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 80);
  return safe === "" ? "simulation" : safe;
}

/** A problem of a model as the failure of a step. */
export function failureOf({ code, message, nextStep }: ModelProblem): Failure {
  return { kind: code === "cancelled" ? "cancelled" : "invalid-input", message, nextStep };
}
