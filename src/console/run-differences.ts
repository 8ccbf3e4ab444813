/** How two runs, or two attempts of a step, differ: parameters, inputs, outputs, timing. Pure. */
import type { JsonValue } from "../base/json-value.ts";
import { taskIdOfAttempt } from "../orchestrator/reuse.ts";
import type { Attempt, RunState, StepState } from "../orchestrator/state.ts";
import { lastAttempt } from "../orchestrator/state.ts";
import type { StepKey, TaskId } from "../protocol/ids.ts";
import { stepKeySchema } from "../protocol/ids.ts";
import type { ValueDifference } from "./value-differences.ts";
import { changeBetween, differencesBetween, numberPathsIn } from "./value-differences.ts";

/** One side of a compared step. */
export interface StepSide {
  readonly attempt: number;
  /** Of the attempt: what its result says, or `under-way`; without an attempt, of the step. */
  readonly status: string;
  /** How long the work itself took; null while it is under way, and for what was never done. */
  readonly durationMs: number | null;
  /** Why it failed; null when it did not. */
  readonly failure: string | null;
  /** The task of another run that really did it, when the result was taken over. */
  readonly inheritedFrom: TaskId | null;
  /** The task that really did it, when the result was taken from the cache. */
  readonly cachedFrom: TaskId | null;
}

/** A step on both sides; a side is null where there is no such step. */
export interface StepDifference {
  readonly step: StepKey;
  readonly left: StepSide | null;
  readonly right: StepSide | null;
  /** Whether status, input and output are the same; timing does not count. */
  readonly same: boolean;
  /** The change of the duration in parts of the left one; null when one is unknown. */
  readonly durationChange: number | null;
  readonly input: readonly ValueDifference[];
  readonly output: readonly ValueDifference[];
  /** The places of all numbers in the outputs, of either side. */
  readonly numbers: readonly string[];
}

/** Two runs, compared. */
export interface RunDifference {
  readonly sameFlow: boolean;
  readonly parameters: readonly ValueDifference[];
  readonly steps: readonly StepDifference[];
}

/** Compares two runs by the last attempts of their steps; `only` names the steps to look at. */
export function compareRuns(left: RunState, right: RunState, only?: StepKey): RunDifference {
  const keys = [...new Set([...Object.keys(left.steps), ...Object.keys(right.steps)])];
  return {
    sameFlow: left.origin.spec.flowText === right.origin.spec.flowText,
    parameters: differencesBetween(left.origin.spec.parameters, right.origin.spec.parameters),
    steps: keys
      .filter((key) => only === undefined || key === only)
      .map((key) => {
        const step = stepKeySchema.parse(key);
        return compareStep(step, lastSideOf(left.steps[step]), lastSideOf(right.steps[step]));
      }),
  };
}

/** Compares two attempts of a step; one that was never made is a missing side. */
export function compareAttempts(
  step: StepKey,
  state: StepState,
  [first, second]: readonly [number, number],
): StepDifference {
  const sideOf = (number: number): Side | undefined => {
    const attempt = state.attempts.find((one) => one.attempt === number);
    return attempt === undefined ? undefined : attemptSide(attempt);
  };
  return compareStep(step, sideOf(first), sideOf(second));
}

/** A number that has moved too far, or a step that no longer succeeds. */
export interface Regression {
  /** The step, or the place in its output: `simulation.variables[infectious].maximum`. */
  readonly path: string;
  readonly left: JsonValue | undefined;
  readonly right: JsonValue | undefined;
  readonly change: number | null;
}

/**
 * What is worse on the right: steps that no longer succeed, numbers in outputs that are gone or
 * have changed by more than a part (0.05 is five percent) in either direction.
 */
export function regressionsIn(
  steps: readonly StepDifference[],
  over: number,
  counts: (path: string) => boolean = () => true,
): readonly Regression[] {
  return steps.flatMap(({ step, left, right, output }) => {
    if (left?.status === "succeeded" && right?.status !== "succeeded") {
      return [{ path: step, left: left.status, right: right?.status, change: null }];
    }
    return output
      .filter((one) => typeof one.left === "number" && one.kind === "value")
      .map((one) => ({ ...one, path: placeIn(step, one.path) }))
      .filter((one) => counts(one.path) && (one.change === null || Math.abs(one.change) > over))
      .map(({ path, left, right, change }) => ({ path, left, right, change }));
  });
}

/** A place in the output of a step, as regressions name it. */
export function placeIn(step: StepKey, path: string): string {
  return path === "" || path.startsWith("[") ? `${step}${path}` : `${step}.${path}`;
}

interface Side {
  readonly shown: StepSide;
  readonly input: JsonValue | undefined;
  readonly output: JsonValue | undefined;
}

function compareStep(
  step: StepKey,
  left: Side | undefined,
  right: Side | undefined,
): StepDifference {
  const input = differencesBetween(left?.input, right?.input);
  const output = differencesBetween(left?.output, right?.output);
  const [before, after] = [left?.shown.durationMs, right?.shown.durationMs];
  return {
    step,
    left: left?.shown ?? null,
    right: right?.shown ?? null,
    same: left?.shown.status === right?.shown.status && input.length + output.length === 0,
    durationChange: before == null || after == null ? null : changeBetween(before, after),
    input,
    output,
    numbers: [...new Set([...numberPathsIn(left?.output), ...numberPathsIn(right?.output)])],
  };
}

function lastSideOf(step: StepState | undefined): Side | undefined {
  if (step === undefined) return undefined;
  const last = lastAttempt(step);
  if (last !== undefined) return attemptSide(last);
  const { status } = step.progress;
  const nothing = { durationMs: null, failure: null, inheritedFrom: null, cachedFrom: null };
  return { shown: { attempt: 0, status, ...nothing }, input: undefined, output: undefined };
}

function attemptSide({ attempt, input, result, inheritedFrom, cachedFrom }: Attempt): Side {
  const wasDone = result !== null && cachedFrom === undefined;
  const durationMs = wasDone ? result.finishedAt - result.startedAt : null;
  const cached = cachedFrom === undefined ? null : taskIdOfAttempt(cachedFrom);
  const failure = result?.status === "failed" ? result.failure.message : null;
  const status = result?.status ?? "under-way";
  return {
    shown: {
      ...{ attempt, status, durationMs, failure },
      ...{ inheritedFrom: inheritedFrom ?? null, cachedFrom: cached },
    },
    input,
    output: result?.status === "succeeded" ? result.output : undefined,
  };
}
