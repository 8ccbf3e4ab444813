/** What the flags of `approve` say to a step that waits for a person. */
import { OperatorError } from "../base/operator-error.ts";
import type { RunState } from "../orchestrator/state.ts";
import type { Verdict } from "../protocol/run-events.ts";
import { stepOf } from "./rerun-wish.ts";

/** The words of a verdict. */
interface VerdictFlags {
  readonly reject?: string | undefined;
  readonly pushBack?: string | undefined;
  readonly feedback?: string | undefined;
}

/**
 * The verdict of the flags: yes, unless they say otherwise.
 * @throws OperatorError `usage` for flags that exclude each other or miss each other.
 */
export function verdictOf(state: RunState, { reject, pushBack, feedback }: VerdictFlags): Verdict {
  if (pushBack === undefined && feedback !== undefined) {
    throw usage("--feedback goes to an earlier step", "name it with --push-back STEP");
  }
  if (pushBack === undefined) {
    return reject === undefined ? { kind: "approve" } : { kind: "reject", reason: reject };
  }
  if (reject !== undefined) {
    throw usage("--reject and --push-back exclude each other", "give one of them");
  }
  if (feedback === undefined) {
    throw usage("--push-back needs a word to the step", "add --feedback TEXT");
  }
  return { kind: "push-back", to: stepOf(state, pushBack), feedback };
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
