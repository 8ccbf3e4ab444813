import type { Random } from "../../src/base/random.ts";
import type { Effect, RunTimer } from "../../src/orchestrator/effects.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import { ignoreReason, reduce } from "../../src/orchestrator/reduce.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import { hasEnded } from "../../src/orchestrator/state.ts";
import type { FailureKind } from "../../src/protocol/failure.ts";
import type { StepKey } from "../../src/protocol/ids.ts";
import { runIdSchema, stepKeySchema, taskIdOf } from "../../src/protocol/ids.ts";
import type { RunEvent } from "../../src/protocol/run-events.ts";
import { failedWith, runId, specOf, succeededWith } from "./runs.ts";

/** A run on a bus that drops, repeats, delays and reorders; timers fire, sooner or later. */
export interface RandomWorld {
  readonly events: readonly RunEvent[];
  /** How often a result counted, by task. */
  readonly countedResults: ReadonlyMap<string, number>;
  state(): RunState;
  /** Lets one pending thing happen; false when nothing is pending. */
  step(): boolean;
  /** The operator reruns or cancels something, perhaps in vain. */
  act(): void;
  cancel(): void;
  /** Reruns a step that may be; answers which. */
  rerunSomething(): string | undefined;
  /** Delivers every result and timer of the past once more. */
  repeatEverything(): void;
  /** Sends an event that nobody has asked for. */
  disturb(stepName: string, kind: FailureKind): void;
}

type TimedEvent = Extract<
  RunEvent,
  {
    type: "result-received" | "retry-due" | "timeout-reached" | "result-reused" | "reuse-declined";
  }
>;

/** The end of a look for an earlier result. */
const LOOKED = ["result-reused", "reuse-declined"];

/** What an earlier attempt returned. */
const REUSED = {
  status: "succeeded",
  output: { of: "R0" },
  ...{ worker: "w0", startedAt: 1, finishedAt: 2, definition: "v1" },
} as const;

const FATES = ["tool", "bug", "invalid-input", "cancelled"] as const;

export function randomWorld(options: {
  readonly flowText: string;
  readonly random: Random;
  /** Share of the operator's actions that are reruns, the others cancel. */
  readonly rerunShare?: number;
  readonly onStep?: (before: RunState, after: RunState) => void;
}): RandomWorld {
  const { random, rerunShare = 0.7 } = options;
  const events: RunEvent[] = [];
  const pending: TimedEvent[] = [];
  const past: TimedEvent[] = [];
  const countedResults = new Map<string, number>();
  let at = 1000;
  let state: RunState | undefined;

  const chance = (share: number): boolean => random.next() < share;
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(random.next() * items.length)];

  const send = (event: RunEvent): void => {
    at += 1;
    const timed = { ...event, at };
    const counts =
      state !== undefined &&
      timed.type === "result-received" &&
      ignoreReason(state, timed) === undefined;
    if (counts && timed.type === "result-received") {
      countedResults.set(timed.taskId, (countedResults.get(timed.taskId) ?? 0) + 1);
    }
    const decision = reduce(state, timed);
    if (decision === undefined) throw new Error("a state always gives a decision");
    events.push(timed);
    if (state !== undefined) options.onStep?.(state, decision[0]);
    [state] = decision;
    for (const effect of decision[1]) carryOut(effect);
  };

  const answer = (effect: Extract<Effect, { type: "dispatch-task" }>): void => {
    const { stepKey, attempt, taskId } = effect;
    if (chance(0.15)) return; // The task or its result is lost; the timeout makes it good.
    const fate = pick(FATES) ?? "tool";
    const result = chance(0.7) ? succeededWith({ of: taskId }) : failedWith(fate);
    const event: TimedEvent = { type: "result-received", at, stepKey, attempt, taskId, result };
    pending.push(event);
    while (chance(0.2)) pending.push(event);
  };
  const firing = ({ kind, stepKey, attempt }: RunTimer): TimedEvent => {
    if (kind === "look-up") return looked(stepKey, attempt);
    return { type: kind === "retry" ? "retry-due" : "timeout-reached", at, stepKey, attempt };
  };
  const looked = (stepKey: StepKey, attempt: number): TimedEvent => {
    if (chance(0.5)) return { type: "reuse-declined", at, stepKey, attempt, reason: "none" };
    const from = { runId: runIdSchema.parse("R0"), stepKey, attempt: 1 };
    return { type: "result-reused", at, stepKey, attempt, from, result: REUSED };
  };
  const clear = (timer: RunTimer): void => {
    const { stepKey, attempt } = timer;
    const types = timer.kind === "look-up" ? LOOKED : [firing(timer).type];
    const index = pending.findIndex(
      (one) => types.includes(one.type) && one.stepKey === stepKey && one.attempt === attempt,
    );
    if (index >= 0 && chance(0.8)) pending.splice(index, 1); // Some fire all the same.
  };
  /** A worker may heed `cancel-task` or not: its result is pending either way. */
  const carryOut = (effect: Effect): void => {
    if (effect.type === "dispatch-task") answer(effect);
    if (effect.type === "set-timer") pending.push(firing(effect.timer));
    if (effect.type === "clear-timer") clear(effect.timer);
  };

  const current = (): RunState => {
    if (state === undefined) throw new Error("the run has been requested");
    return state;
  };
  const rerunSomething = (): string | undefined => {
    const names = Object.keys(current().steps).map((name) => stepKeySchema.parse(name));
    const step = pick(
      names.filter(
        (name) => planRerun(current(), { kind: "from", stepKey: name }).refusal === undefined,
      ),
    );
    if (step === undefined) return undefined;
    send({ type: "rerun-requested", at, commandId: "c", stepKey: step });
    return step;
  };
  const cancel = (): void => send({ type: "cancel-requested", at, commandId: "c" });
  send({ type: "run-requested", at, spec: specOf(options.flowText) });
  return {
    events,
    countedResults,
    state: current,
    rerunSomething,
    cancel,
    step() {
      const [event] = pending.splice(Math.floor(random.next() * pending.length), 1);
      if (event === undefined) return false;
      past.push(event);
      send(event);
      if (!hasEnded(current().status) && chance(0.03)) this.act();
      return true;
    },
    act() {
      if (chance(rerunShare)) rerunSomething();
      else if (rerunShare > 0) cancel();
    },
    repeatEverything() {
      for (const event of past) send(event);
    },
    disturb(stepName, kind) {
      const stepKey = stepKeySchema.parse(stepName);
      const attempt = 1 + Math.floor(random.next() * 3);
      const taskId = taskIdOf(runId, stepKey, attempt);
      const result = failedWith(kind);
      send(
        pick<RunEvent>([
          { type: "result-received", at, stepKey, attempt, taskId, result },
          { type: "result-ignored", at, taskId, reason: "late" },
          { type: "retry-due", at, stepKey, attempt },
          { type: "timeout-reached", at, stepKey, attempt },
          looked(stepKey, attempt),
          { type: "rerun-requested", at, commandId: "c", stepKey },
          { type: "cancel-requested", at, commandId: "c" },
        ]) ?? { type: "cancel-requested", at, commandId: "c" },
      );
    },
  };
}
