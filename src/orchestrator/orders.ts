/** Orders that hold a run or answer a question it asks: pause, resume, approvals. */
import type { Failure } from "../protocol/failure.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepIdSchema, taskIdOf } from "../protocol/ids.ts";
import type { RunEvent, Verdict } from "../protocol/run-events.ts";
import { applyPlan, orderRefusal } from "./apply-plan.ts";
import { dispatchReady } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import { failureOf } from "./failure-of.ts";
import { ancestorsOf } from "./graph.ts";
import { settle } from "./settle.ts";
import type { RunState } from "./state.ts";
import { isUnderWay } from "./state.ts";
import { definitionOf, put, stateOf, UNANSWERED } from "./step-access.ts";

type Decision = readonly [RunState, readonly Effect[]];

/** An order as the log would have it. */
export type Order = Extract<
  RunEvent,
  {
    type:
      | "rerun-requested"
      | "plan-applied"
      | "cancel-requested"
      | "pause-requested"
      | "resume-requested"
      | "verdict-given";
  }
>;

/** Why an order would change nothing, and whether because the run has moved on. */
interface Refusal {
  readonly reason: Failure;
  readonly conflict: boolean;
}

/** Why an order would change nothing now, and whether because the run has moved on. */
export function refusalOf(state: RunState, order: Order): Refusal | undefined {
  switch (order.type) {
    case "rerun-requested":
      return orderRefusal(state, { wish: { kind: "from", stepKey: order.stepKey } });
    case "plan-applied":
      return orderRefusal(state, order);
    case "cancel-requested":
      return isUnderWay(state.status) ? undefined : already(state);
    case "pause-requested":
      return state.status === "running" || state.status === "waiting" ? undefined : already(state);
    case "resume-requested":
      return state.status === "paused" ? undefined : already(state);
    case "verdict-given":
      return verdictRefusal(state, order.stepKey, order.verdict);
  }
}

function already(state: RunState): Refusal {
  return refused(`the run is already ${state.status}`, LOOK_AGAIN);
}

const LOOK_AGAIN = "look at the run again";

function refused(message: string, nextStep: string): Refusal {
  return { reason: failureOf("rejected", message, nextStep), conflict: false };
}

function verdictRefusal(state: RunState, stepKey: StepKey, verdict: Verdict): Refusal | undefined {
  const step = stateOf(state, stepKey);
  if (step?.progress.status !== "awaiting-approval") {
    const stands = step === undefined ? "" : `: it is ${step.progress.status}`;
    const refusal = refused(`"${stepKey}" does not wait for approval${stands}`, LOOK_AGAIN);
    // Where a person is asked at some time, somebody else may have answered.
    const conflict = definitionOf(state, stepKey)?.approval !== undefined;
    return { ...refusal, conflict };
  }
  if (verdict.kind !== "push-back") return undefined;
  // Only steps wait for approval, never single instances of a fan-out.
  const before = new Set<string>(ancestorsOf(state.origin.flow.steps, stepIdSchema.parse(stepKey)));
  if (!before.has(verdict.to)) {
    const known = [...before].join(", ") || "(none)";
    return refused(`"${verdict.to}" is not a step before "${stepKey}"`, `use one of ${known}`);
  }
  return orderRefusal(state, { wish: { kind: "from", stepKey: verdict.to } });
}

/** Holds a run: what is at work may finish, nothing new is dispatched. */
export function pause(state: RunState): Decision {
  if (state.status !== "running" && state.status !== "waiting") return [state, []];
  return [{ ...state, status: "paused" }, []];
}

/** Lets a paused run go on. */
export function resume(state: RunState, at: number): Decision {
  if (state.status !== "paused") return [state, []];
  const [next, effects] = dispatchReady({ ...state, status: "running" }, at);
  return settle(next, effects, at);
}

/** Does what a person said about a step that waits for approval. */
export function giveVerdict(
  state: RunState,
  { stepKey, verdict, at }: Extract<RunEvent, { type: "verdict-given" }>,
): Decision {
  const step = stateOf(state, stepKey);
  if (step === undefined || verdictRefusal(state, stepKey, verdict) !== undefined) {
    return [state, []];
  }
  switch (verdict.kind) {
    case "approve": {
      const agreed = put(state, stepKey, { ...step, approved: true }, { status: "waiting" });
      const [next, effects] = dispatchReady(agreed, at);
      return settle(next, effects, at);
    }
    case "reject": {
      const attempt = step.attempts.length + 1;
      const failure = failureOf(
        "rejected",
        verdict.reason || "rejected by a person",
        "rerun a step",
      );
      const made = {
        attempt,
        taskId: taskIdOf(state.origin.spec.runId, stepKey, attempt),
        input: null,
        dispatchedAt: at,
        result: { status: "failed", failure, worker: UNANSWERED, startedAt: at, finishedAt: at },
      } as const;
      const attempts = [...step.attempts, made];
      return settle(
        put(state, stepKey, { ...step, attempts }, { status: "failed", attempt }),
        [],
        at,
      );
    }
    case "push-back": {
      const feedback = { to: verdict.to, text: verdict.feedback };
      return applyPlan(state, { wish: { kind: "from", stepKey: verdict.to }, feedback }, at);
    }
  }
}
