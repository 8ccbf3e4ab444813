/**
 * Gives a run back to a bus that does not know it: one that lost its data, or another one. The
 * events kept in the local store are committed again, each at its version. With the last one go the
 * tasks that await an answer and the timers that are set, so that the run goes on where it was; an
 * answer that comes twice counts once. Of a log that is damaged its unbroken beginning is given back:
 * the rest is taken off it, as the run may now go on in another way.
 */
import type { RedisConnection } from "../bus/connection.ts";
import { eventMessage, taskMessage } from "../bus/run-messages.ts";
import { commitRun, loadRun } from "../bus/run-store.ts";
import { encodeOrigin, encodeState, encodeTimer } from "../orchestrator/codec.ts";
import { outstandingEffects } from "../orchestrator/outstanding.ts";
import { reduce } from "../orchestrator/reduce.ts";
import type { RunState } from "../orchestrator/state.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { RunId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import type { SessionStore } from "../session/store.ts";

/** What is read of the local store, and changed there when a log is damaged. */
export type RestoredStore = Pick<SessionStore, "runEvents" | "cutRun">;

/** Commits what the bus lacks of a run; what it knows is left as it is there. */
export async function restoreRun(
  connection: RedisConnection,
  names: Names,
  store: RestoredStore,
  runId: RunId,
): Promise<void> {
  const known = (await loadRun(connection, names, runId))?.version ?? 0;
  let state: RunState | undefined;
  const events = unbroken(store, runId, known);
  for (const data of events) {
    const decision = reduce(state, data.event);
    if (decision === undefined) return;
    [state] = decision;
    if (data.seq <= known) continue;
    const origin = { source: "console", sessionId: state.origin.spec.sessionId };
    const last = data.seq === events.length;
    const due = last ? outstandingEffects(events.map((one) => one.event)) : [];
    const outcome = await commitRun(connection, names, {
      runId,
      expectedVersion: data.seq - 1,
      now: data.event.at,
      ended: hasEnded(state.status),
      origin: data.seq === 1 ? encodeOrigin(state) : null,
      state: encodeState(state),
      event: eventMessage(origin, data),
      timersToSet: due.flatMap((one) =>
        one.type === "set-timer"
          ? [{ dueAt: one.dueAt, member: encodeTimer(runId, one.timer) }]
          : [],
      ),
      timersToClear: [],
      tasks: due.flatMap((one) =>
        one.type === "dispatch-task" ? [taskMessage(origin, data, one)] : [],
      ),
      notes: [],
      source: null,
    });
    if (!outcome.committed) return; // Somebody else restores it at the same time.
  }
}

/** The log up to its first damage; what lies behind is taken off it when the bus lacks it too. */
function unbroken(store: RestoredStore, runId: RunId, known: number): readonly RunEventData[] {
  const { events, damage } = store.runEvents(runId);
  const whole = events.filter((data, index) => data.seq === index + 1);
  if (damage.length > 0 && known < whole.length) store.cutRun(runId, whole.length);
  return whole;
}
