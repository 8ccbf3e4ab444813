/**
 * Gives a run back to a bus that does not know it: one that lost its data, or another one. The
 * events kept in the local store are committed again, each at its version. With the last one go the
 * tasks that await an answer and the timers that are set, so that the run goes on where it was; an
 * answer that comes twice counts once. Of a log that is damaged its unbroken beginning is given back:
 * the rest is taken off it, as the run may now go on in another way. A run without a beginning cannot
 * be given back: what is left to do is to end it, so that nobody waits for it.
 */
import type { RedisConnection } from "../bus/connection.ts";
import { eventMessage, taskMessage } from "../bus/run-messages.ts";
import type { RunCommit } from "../bus/run-store.ts";
import { commitRun, loadRun } from "../bus/run-store.ts";
import { encodeOrigin, encodeState, encodeTimer } from "../orchestrator/codec.ts";
import { fold } from "../orchestrator/fold.ts";
import type { OutstandingEffect } from "../orchestrator/outstanding.ts";
import { outstandingEffects } from "../orchestrator/outstanding.ts";
import { reduce } from "../orchestrator/reduce.ts";
import type { RunState } from "../orchestrator/state.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { RunId, SessionId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import type { RunEvent, RunEventData } from "../protocol/run-events.ts";
import type { SessionStore } from "../session/store.ts";

/** What is read of the local store, and changed there when a log is damaged. */
export type RestoredStore = Pick<SessionStore, "runEvents" | "cutRun" | "recordRunEvent">;

/** What is known of a run whose events are lost. */
export interface LostRun {
  readonly runId: RunId;
  readonly sessionId: SessionId;
  readonly flowName: string;
}

/**
 * Commits what the bus lacks of a run; what it knows is left as it is there. Answers false when there
 * is nothing to begin with, neither there nor here.
 */
export async function restoreRun(
  connection: RedisConnection,
  names: Names,
  store: Pick<RestoredStore, "runEvents" | "cutRun">,
  runId: RunId,
): Promise<boolean> {
  const known = (await loadRun(connection, names, runId))?.version ?? 0;
  let state: RunState | undefined;
  const events = unbroken(store, runId, known);
  for (const data of events) {
    const decision = reduce(state, data.event);
    if (decision === undefined) return false;
    [state] = decision;
    if (data.seq <= known) continue;
    const due = data.seq === events.length ? outstandingEffects(events.map(eventOf)) : [];
    const outcome = await commitRun(connection, names, commitOf(state, data, due));
    if (!outcome.committed) break; // Somebody else restores it at the same time.
  }
  return known > 0 || events.length > 0;
}

function eventOf(data: RunEventData): RunEvent {
  return data.event;
}

/** A commit without a cause on the bus: of an event, the state after it, and what is to be done. */
function commitOf(
  state: RunState,
  data: RunEventData,
  due: readonly OutstandingEffect[],
): RunCommit {
  const origin = { source: "console", sessionId: state.origin.spec.sessionId };
  const { runId, seq, event } = data;
  return {
    runId,
    expectedVersion: seq - 1,
    now: event.at,
    ended: hasEnded(state.status),
    origin: seq === 1 ? encodeOrigin(state) : null,
    state: encodeState(state),
    event: eventMessage(origin, data),
    timersToSet: due.flatMap((one) =>
      one.type === "set-timer" ? [{ dueAt: one.dueAt, member: encodeTimer(runId, one.timer) }] : [],
    ),
    timersToClear: [],
    tasks: due.flatMap((one) =>
      one.type === "dispatch-task" ? [taskMessage(origin, data, one)] : [],
    ),
    notes: [],
    source: null,
  };
}

/** Ends a run that cannot be given back, on the bus and in the local store; others may be faster. */
export async function endAsLost(
  connection: RedisConnection,
  names: Names,
  store: Pick<RestoredStore, "cutRun" | "recordRunEvent">,
  { runId, sessionId, flowName, at }: LostRun & { readonly at: number },
): Promise<void> {
  const data: RunEventData = {
    runId,
    seq: 1,
    event: { type: "run-lost", at, runId, sessionId, flowName },
  };
  const state = fold([data.event]);
  if (state === undefined) return;
  const outcome = await commitRun(connection, names, commitOf(state, data, []));
  if (!outcome.committed) return;
  store.cutRun(runId, 0);
  store.recordRunEvent(data, sessionId);
}

/** The log up to its first damage; what lies behind is taken off it when the bus lacks it too. */
function unbroken(
  store: Pick<RestoredStore, "runEvents" | "cutRun">,
  runId: RunId,
  known: number,
): readonly RunEventData[] {
  const { events, damage } = store.runEvents(runId);
  const whole = events.filter((data, index) => data.seq === index + 1);
  if (damage.length > 0 && known < whole.length) store.cutRun(runId, whole.length);
  return whole;
}
