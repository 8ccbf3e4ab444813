/** Turns a decision into the messages and timers of one commit. */
import { assertNever } from "../../base/assert.ts";
import { createEnvelope } from "../../bus/create-envelope.ts";
import { eventMessage, taskMessage } from "../../bus/run-messages.ts";
import type { RunCommit } from "../../bus/run-store.ts";
import { encodeOrigin, encodeState, encodeTimer } from "../../orchestrator/codec.ts";
import type { Effect } from "../../orchestrator/effects.ts";
import { workDigest, workOf } from "../../orchestrator/reuse.ts";
import type { RunState } from "../../orchestrator/state.ts";
import { hasEnded } from "../../orchestrator/state.ts";
import { stateOf } from "../../orchestrator/step-access.ts";
import type { WorkerConfig } from "../../protocol/control.ts";
import type { RunId } from "../../protocol/ids.ts";
import type { RunEvent } from "../../protocol/run-events.ts";

/** Who writes the messages. */
export interface Sender {
  readonly config: Pick<WorkerConfig, "slot">;
}

/** A decision on a run: from which version, on which event, with what result. */
export interface DecidedRun {
  readonly runId: RunId;
  readonly version: number;
  readonly event: RunEvent;
  readonly state: RunState;
  readonly effects: readonly Effect[];
  readonly source: RunCommit["source"];
}

/** The commit that stores a decision. */
export function commitOf(sender: Sender, decided: DecidedRun): RunCommit {
  const { runId, version, state } = decided;
  const seq = version + 1;
  const origin = { source: sender.config.slot, sessionId: state.origin.spec.sessionId };
  const outgoing = decided.effects.map((effect) => outgoingOf(origin, effect, { runId, seq }));
  return {
    runId,
    expectedVersion: version,
    now: decided.event.at,
    ended: hasEnded(state.status),
    origin: version === 0 ? encodeOrigin(state) : null,
    state: encodeState(state),
    event: eventMessage(origin, { runId, seq, event: decided.event }),
    timersToSet: outgoing.flatMap((one) => one.set ?? []),
    timersToClear: outgoing.flatMap((one) => one.clear ?? []),
    tasks: outgoing.flatMap((one) => one.task ?? []),
    notes: outgoing.flatMap((one) => one.note ?? []),
    cached: decided.effects.flatMap((effect) => cachedBy(state, effect)),
    source: decided.source,
  };
}

/** What is to be found again by the work that was done; nothing where that must not be. */
function cachedBy(state: RunState, effect: Effect): NonNullable<RunCommit["cached"]> {
  if (effect.type !== "remember-result") return [];
  const { stepKey, attempt } = effect;
  const made = stateOf(state, stepKey)?.attempts.find((one) => one.attempt === attempt);
  const work = made === undefined ? undefined : workOf(state, stepKey, made);
  const digest = work === undefined ? undefined : workDigest(work);
  const { runId } = state.origin.spec;
  return digest === undefined ? [] : [{ digest, attempt: { runId, stepKey, attempt } }];
}

interface Outgoing {
  readonly set?: RunCommit["timersToSet"][number];
  readonly clear?: string;
  readonly task?: RunCommit["tasks"][number];
  readonly note?: RunCommit["notes"][number];
}

function outgoingOf(
  origin: Parameters<typeof taskMessage>[0],
  effect: Effect,
  cause: { readonly runId: RunId; readonly seq: number },
): Outgoing {
  const { runId } = cause;
  switch (effect.type) {
    case "dispatch-task":
      return { task: taskMessage(origin, cause, effect) };
    case "set-timer":
      return { set: { dueAt: effect.dueAt, member: encodeTimer(runId, effect.timer) } };
    case "clear-timer":
      return { clear: encodeTimer(runId, effect.timer) };
    case "cancel-task": {
      const { taskId, agent, reason } = effect;
      const message = createEnvelope(
        origin.source,
        "control",
        { command: "cancel", taskId, reason },
        { subject: taskId, runid: runId },
      );
      return { note: { topic: `control.${agent}`, message: JSON.stringify(message) } };
    }
    case "remember-result":
      return {};
    default:
      return assertNever(effect);
  }
}
