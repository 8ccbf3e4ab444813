/** Reading and replacing the steps of a run's state. */
import type { Failure } from "../protocol/failure.ts";
import type { StepKey, TaskId } from "../protocol/ids.ts";
import type { ResultData } from "../protocol/tasks.ts";
import type { Step } from "./flow.ts";
import type { Attempt, RunState, StepProgress, StepState } from "./state.ts";

/** Stands for the worker where an attempt was closed without an answer. */
export const UNANSWERED = "";

/** The step instances of a run. */
export function keysOf(state: RunState): readonly StepKey[] {
  return Object.keys(state.steps) as StepKey[];
}

/** The step instances of a run with their states. */
export function entriesOf(state: RunState): readonly (readonly [StepKey, StepState])[] {
  return Object.entries(state.steps) as [StepKey, StepState][];
}

/** The state of a step; undefined when the run has none of that name. */
export function stateOf(state: RunState, key: string): StepState | undefined {
  return Object.hasOwn(state.steps, key) ? state.steps[key as StepKey] : undefined;
}

/** What the flow says of a step instance. */
export function definitionOf(state: RunState, key: string): Step | undefined {
  return state.origin.flow.steps.find((step) => step.id === key.replace(/\[\d+\]$/, ""));
}

/** The run with one step standing elsewhere. */
export function put(
  state: RunState,
  key: StepKey,
  step: StepState,
  progress: StepProgress,
): RunState {
  return { ...state, steps: { ...state.steps, [key]: { ...step, progress } } };
}

/** Closes an attempt whose worker has not answered. */
export function unanswered(
  step: StepState,
  taskId: TaskId,
  { failure, at }: { readonly failure: Failure; readonly at: number },
): StepState {
  return withResult(step, taskId, ({ dispatchedAt }) => ({
    status: "failed",
    failure,
    worker: UNANSWERED,
    startedAt: dispatchedAt,
    finishedAt: at,
  }));
}

/** The step with a result for one of its attempts. */
export function withResult(
  step: StepState,
  taskId: TaskId,
  resultOf: (attempt: Attempt) => ResultData,
): StepState {
  return {
    ...step,
    attempts: step.attempts.map((one) =>
      one.taskId === taskId ? { ...one, result: resultOf(one) } : one,
    ),
  };
}
