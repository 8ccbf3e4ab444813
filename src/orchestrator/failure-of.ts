/** Failures that the orchestrator finds itself, cut to what the schema of a failure allows. */
import type { Failure } from "../protocol/failure.ts";

/** The lengths `failureSchema` allows. */
const MESSAGE_LENGTH_MAX = 4000;
const NEXT_STEP_LENGTH_MAX = 1000;

/** A failure whose texts are cut where they would be too long to be stored. */
export function failureOf(kind: Failure["kind"], message: string, nextStep: string): Failure {
  return {
    kind,
    message: cut(message, MESSAGE_LENGTH_MAX),
    nextStep: cut(nextStep, NEXT_STEP_LENGTH_MAX),
  };
}

function cut(text: string, maximum: number): string {
  return text.length > maximum ? `${text.slice(0, maximum - 1)}…` : text;
}
