/**
 * Decides what follows from one event of a run. Pure: the same inputs always give the same answer.
 *
 * R1 A result counts only for the current attempt of an active step; any other changes nothing.
 * R2 A join fires once: a step is dispatched when all its needs have succeeded, and is then active.
 * R3 Attempts are append-only; a rerun adds to them and overwrites none.
 * R4 A run ends when no step is active and none can become so; it ends once until it is rerun.
 * R5 Time and chance come in with the event; timers are effects, their firing is an event.
 * R6 An attempt that is no longer awaited has a result: its worker's, or the verdict of this file.
 */
import type { Failure } from "../protocol/failure.ts";
import type { StepKey, TaskId } from "../protocol/ids.ts";
import type { RunEvent } from "../protocol/run-events.ts";
import type { ResultData } from "../protocol/tasks.ts";
import { applyPlan } from "./apply-plan.ts";
import { dispatchReady, inputOf } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import { failureOf } from "./failure-of.ts";
import type { Step } from "./flow.ts";
import { giveVerdict, pause, resume } from "./orders.ts";
import { retryDelayMs } from "./retry.ts";
import { afterLook } from "./reuse.ts";
import { settle } from "./settle.ts";
import { lostRun, startRun } from "./start-run.ts";
import type { RunState, StepProgress, StepState } from "./state.ts";
import { isUnderWay } from "./state.ts";
import {
  definitionOf,
  entriesOf,
  put,
  stateOf,
  UNANSWERED,
  unanswered,
  withResult,
} from "./step-access.ts";

/** How long a cancelled task's worker has to say that it stopped. */
export const CANCEL_GRACE_MS = 10_000;

/** A new state and what is to be done. */
export type Decision = readonly [RunState, readonly Effect[]];

type EventOf<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/** Decides what follows from an event. Only the two that begin a run may come without a state. */
export function reduce(state: RunState | undefined, event: RunEvent): Decision | undefined {
  if (event.type === "run-requested") return state === undefined ? startRun(event) : [state, []];
  if (event.type === "run-lost") return [state ?? lostRun(event), []];
  if (state === undefined) return undefined;
  switch (event.type) {
    case "result-received":
      return receiveResult(state, event);
    case "result-reused":
    case "reuse-declined":
      return endLook(state, event);
    case "result-ignored":
      return [{ ...state, ignoredResults: state.ignoredResults + 1 }, []];
    case "retry-due":
      return retryStep(state, event);
    case "timeout-reached":
      return timeOut(state, event);
    case "rerun-requested":
      return applyPlan(state, { wish: { kind: "from", stepKey: event.stepKey } }, event.at); // R3
    case "plan-applied":
      return applyPlan(state, event, event.at);
    case "cancel-requested":
      return cancel(state, event);
    case "pause-requested":
      return pause(state);
    case "resume-requested":
      return resume(state, event.at);
    case "verdict-given":
      return giveVerdict(state, event);
    case "command-refused":
      return [state, []];
  }
}

/** Why a result would change nothing now; undefined when it counts (R1). */
export function ignoreReason(
  state: RunState,
  result: { readonly stepKey: StepKey; readonly attempt: number; readonly taskId: TaskId },
): "late" | "duplicate" | "unknown" | undefined {
  const step = stateOf(state, result.stepKey);
  const attempt = step?.attempts.find((one) => one.taskId === result.taskId);
  if (step === undefined || attempt?.attempt !== result.attempt) return "unknown";
  const { progress } = step;
  const awaited = progress.status === "dispatched" || progress.status === "cancelling";
  if (awaited && progress.taskId === result.taskId) return undefined;
  return isOwnVerdict(attempt.result) ? "late" : "duplicate";
}

/** Whether an attempt was closed by this file because its worker had not answered in time. */
function isOwnVerdict(result: ResultData | null): boolean {
  return result === null || (result.status === "failed" && result.worker === UNANSWERED);
}

function receiveResult(state: RunState, event: EventOf<"result-received">): Decision {
  if (ignoreReason(state, event) !== undefined) return [state, []]; // R1
  const step = stateOf(state, event.stepKey);
  const definition = definitionOf(state, event.stepKey);
  if (step === undefined || definition === undefined) return [state, []];
  const recorded = withResult(step, event.taskId, () => event.result);
  const clear: Effect = {
    type: "clear-timer",
    timer: { kind: "timeout", stepKey: event.stepKey, attempt: event.attempt },
  };
  if (step.progress.status === "cancelling") {
    return settle(put(state, event.stepKey, recorded, { status: "cancelled" }), [clear], event.at);
  }
  if (event.result.status === "succeeded") {
    const progress: StepProgress = { status: "succeeded", attempt: event.attempt };
    const [next, effects] = dispatchReady(put(state, event.stepKey, recorded, progress), event.at);
    const { stepKey, attempt } = event;
    const remember: readonly Effect[] =
      definition.cache === true ? [{ type: "remember-result", stepKey, attempt }] : [];
    return settle(next, [clear, ...remember, ...effects], event.at);
  }
  const [next, effects] = failAttempt(state, recorded, definition, {
    stepKey: event.stepKey,
    attempt: event.attempt,
    taskId: event.taskId,
    failure: event.result.failure,
    at: event.at,
  });
  return settle(next, [clear, ...effects], event.at);
}

/** An earlier result was looked for: the run goes on with it, or does the work. */
function endLook(
  state: RunState,
  event: EventOf<"result-reused"> | EventOf<"reuse-declined">,
): Decision {
  const definition = definitionOf(state, event.stepKey);
  const input = definition && inputOf(state, definition, event.stepKey);
  const looked = input?.ok === true ? afterLook(state, event, input.value) : undefined;
  if (looked === undefined) return [state, []];
  const [found, clear] = looked;
  const [next, effects] = dispatchReady(found, event.at);
  return settle(next, [clear, ...effects], event.at);
}

interface FailedAttempt {
  readonly stepKey: StepKey;
  readonly attempt: number;
  readonly taskId: TaskId;
  readonly failure: Failure;
  readonly at: number;
}

function failAttempt(
  state: RunState,
  step: StepState,
  definition: Step,
  failed: FailedAttempt,
): Decision {
  const { stepKey, attempt } = failed;
  const made = attempt - step.attemptsForgiven;
  const delayMs = retryDelayMs(definition.retry, made, failed.failure, failed.taskId);
  if (delayMs === undefined) return [put(state, stepKey, step, { status: "failed", attempt }), []];
  const dueAt = failed.at + delayMs;
  return [
    put(state, stepKey, step, { status: "retrying", attempt, dueAt }),
    [{ type: "set-timer", timer: { kind: "retry", stepKey, attempt }, dueAt }],
  ];
}

function retryStep(state: RunState, event: EventOf<"retry-due">): Decision {
  const step = stateOf(state, event.stepKey);
  if (step?.progress.status !== "retrying" || step.progress.attempt !== event.attempt) {
    return [state, []];
  }
  const [next, effects] = dispatchReady(
    put(state, event.stepKey, step, { status: "waiting" }),
    event.at,
  );
  return settle(next, effects, event.at);
}

function timeOut(state: RunState, event: EventOf<"timeout-reached">): Decision {
  const step = stateOf(state, event.stepKey);
  const definition = definitionOf(state, event.stepKey);
  if (step === undefined || definition === undefined) return [state, []];
  const { progress } = step;
  const awaited = progress.status === "dispatched" || progress.status === "cancelling";
  if (!awaited || progress.attempt !== event.attempt) return [state, []];
  const failure =
    progress.status === "cancelling"
      ? failureOf("cancelled", "the worker did not say that it stopped", "rerun the step")
      : failureOf(
          "timeout",
          `no result within ${definition.timeoutMs / 1000} s`,
          `look at the ${definition.agent} worker, or give the step a longer timeout`,
        );
  const recorded = unanswered(step, progress.taskId, { failure, at: event.at });
  if (progress.status === "cancelling") {
    return settle(put(state, event.stepKey, recorded, { status: "cancelled" }), [], event.at);
  }
  const [next, effects] = failAttempt(state, recorded, definition, {
    stepKey: event.stepKey,
    attempt: event.attempt,
    taskId: progress.taskId,
    failure,
    at: event.at,
  });
  const stop: Effect = {
    type: "cancel-task",
    taskId: progress.taskId,
    agent: definition.agent,
    reason: "timeout",
  };
  return settle(next, [stop, ...effects], event.at);
}

function cancel(state: RunState, event: EventOf<"cancel-requested">): Decision {
  if (!isUnderWay(state.status)) return [state, []];
  const effects: Effect[] = [];
  const steps = { ...state.steps };
  for (const [key, step] of entriesOf(state)) {
    const definition = definitionOf(state, key);
    if (definition === undefined) continue;
    const [progress, wanted] = stopped(step.progress, {
      stepKey: key,
      agent: definition.agent,
      at: event.at,
    });
    steps[key] = { ...step, progress };
    effects.push(...wanted);
  }
  return settle({ ...state, steps, status: "cancelling" }, effects, event.at);
}

/** Where a step stands once it was told to stop; one at rest stays where it is. */
function stopped(
  progress: StepProgress,
  about: { readonly stepKey: StepKey; readonly agent: Step["agent"]; readonly at: number },
): readonly [StepProgress, readonly Effect[]] {
  const { stepKey, agent, at } = about;
  switch (progress.status) {
    case "dispatched": {
      const { attempt, taskId } = progress;
      const timer = { kind: "timeout", stepKey, attempt } as const;
      return [
        { status: "cancelling", attempt, taskId },
        [
          { type: "cancel-task", taskId, agent, reason: "cancelled" },
          { type: "set-timer", timer, dueAt: at + CANCEL_GRACE_MS },
        ],
      ];
    }
    case "waiting":
    case "awaiting-approval":
      return [{ status: "cancelled" }, []];
    case "retrying":
    case "ready": {
      const kind = progress.status === "ready" ? "look-up" : "retry";
      const timer = { kind, stepKey, attempt: progress.attempt } as const;
      return [{ status: "cancelled" }, [{ type: "clear-timer", timer }]];
    }
    default:
      return [progress, []];
  }
}
