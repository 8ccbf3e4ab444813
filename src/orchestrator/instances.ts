/** Fan-outs: one step, done once per item of a list, joined in the order of the list. */
import { invariant } from "../base/assert.ts";
import type { JsonValue } from "../base/json-value.ts";
import { isJsonArray } from "../base/json-value.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepKeySchema, taskIdOf } from "../protocol/ids.ts";
import type { ResultData } from "../protocol/tasks.ts";
import { failureOf } from "./failure-of.ts";
import type { RunState, StepState } from "./state.ts";
import { FRESH_STEP, isActive, lastAttempt, outputOf } from "./state.ts";
import { entriesOf, put, stateOf, UNANSWERED, withResult } from "./step-access.ts";

/** The step a fan-out's instance belongs to, and its place in the list; undefined for others. */
export function instanceOf(
  key: string,
): { readonly parent: StepKey; readonly index: number } | undefined {
  const match = /^(.+)\[(\d+)\]$/.exec(key);
  if (match?.[1] === undefined) return undefined;
  return { parent: stepKeySchema.parse(match[1]), index: Number(match[2]) };
}

/** The instances of a step that its present list has, in its order. */
export function instancesOf(state: RunState, parent: StepKey): readonly StepKey[] {
  return itemsOf(state, parent).map((_, index) => stepKeySchema.parse(`${parent}[${index}]`));
}

/** The list a step has been fanned out over; empty before that. */
export function itemsOf(state: RunState, parent: StepKey): readonly JsonValue[] {
  const step = stateOf(state, parent);
  const input = step === undefined ? null : (lastAttempt(step)?.input ?? null);
  return isJsonArray(input) ? input : [];
}

/** Opens an attempt of the whole list; its instances wait for their turn. */
export function fanOut(
  state: RunState,
  parent: StepKey,
  { items, at }: { readonly items: readonly JsonValue[]; readonly at: number },
): RunState {
  const step = stateOf(state, parent);
  invariant(step !== undefined, `the fan-out ${parent} has no state`);
  const attempt = step.attempts.length + 1;
  const taskId = taskIdOf(state.origin.spec.runId, parent, attempt);
  const made = { attempt, taskId, input: items, dispatchedAt: at, result: null };
  const opened = put(
    state,
    parent,
    { ...step, attempts: [...step.attempts, made] },
    { status: "running", attempt, taskId },
  );
  const steps = { ...opened.steps };
  for (const [key, old] of entriesOf(opened)) {
    const instance = instanceOf(key);
    if (instance?.parent !== parent || instance.index < items.length) continue;
    const reason = `the list of ${parent} has only ${items.length} items now`;
    steps[key] = {
      ...old,
      progress: { status: "skipped", reason, deadEnd: false },
    };
  }
  for (const key of instancesOf(opened, parent)) steps[key] ??= FRESH_STEP;
  return { ...opened, steps };
}

/** Closes a fan-out when the last of its instances has come to rest. */
export function join(state: RunState, parent: StepKey, at: number): RunState {
  const step = stateOf(state, parent);
  if (step?.progress.status !== "running") return state;
  const instances = instancesOf(state, parent).map((key) => {
    const one = stateOf(state, key);
    invariant(one !== undefined, `${key} has no state, though it has been fanned out`);
    return [key, one] as const;
  });
  const open = instances.some(
    ([, one]) => isActive(one.progress) || one.progress.status === "waiting",
  );
  if (open) return state;
  const { attempt, taskId } = step.progress;
  const result = joined(instances);
  const closed = withResult(step, taskId, ({ dispatchedAt }) => ({
    ...result,
    worker: UNANSWERED,
    startedAt: dispatchedAt,
    finishedAt: at,
  }));
  if (result.status === "succeeded")
    return put(state, parent, closed, { status: "succeeded", attempt });
  const cancelled = result.failure.kind === "cancelled";
  return put(
    state,
    parent,
    closed,
    cancelled ? { status: "cancelled" } : { status: "failed", attempt },
  );
}

type Joined =
  | Pick<Extract<ResultData, { status: "succeeded" }>, "status" | "output">
  | Pick<Extract<ResultData, { status: "failed" }>, "status" | "failure">;

function joined(instances: readonly (readonly [StepKey, StepState])[]): Joined {
  const missing = instances.filter(([, one]) => outputOf(one) === undefined);
  if (missing.length === 0) {
    return { status: "succeeded", output: instances.map(([, one]) => outputOf(one) ?? null) };
  }
  const failed = missing.filter(([, one]) => one.progress.status === "failed");
  const names = (failed.length > 0 ? failed : missing).map(([key]) => key).join(", ");
  if (failed.length === 0) {
    return {
      status: "failed",
      failure: failureOf("cancelled", `${names} cancelled`, "rerun the step"),
    };
  }
  const [kind] = failed
    .map(([, one]) => lastAttempt(one)?.result)
    .filter((result) => result?.status === "failed")
    .map(({ failure }) => failure.kind);
  invariant(kind !== undefined, "a failed instance tells why");
  return { status: "failed", failure: failureOf(kind, `${names} failed`, "retry what has failed") };
}
