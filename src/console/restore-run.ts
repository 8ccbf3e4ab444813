/**
 * Gives a run back to a bus that does not know it: one that lost its data, or another one. The
 * events kept in the local store are committed again, each at its version; nothing is dispatched.
 */
import { randomUUID } from "node:crypto";
import type { RedisConnection } from "../bus/connection.ts";
import { commitRun, loadRun } from "../bus/run-store.ts";
import { encodeOrigin, encodeState } from "../orchestrator/codec.ts";
import { reduce } from "../orchestrator/reduce.ts";
import type { RunState } from "../orchestrator/state.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { Envelope } from "../protocol/envelope.ts";
import type { RunId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import type { SessionStore } from "../session/store.ts";

/** Commits what the bus lacks of a run; what it knows is left as it is there. */
export async function restoreRun(
  connection: RedisConnection,
  names: Names,
  store: Pick<SessionStore, "runEvents">,
  runId: RunId,
): Promise<void> {
  const known = (await loadRun(connection, names, runId))?.version ?? 0;
  let state: RunState | undefined;
  for (const data of store.runEvents(runId).events) {
    const decision = reduce(state, data.event);
    if (decision === undefined) return;
    [state] = decision;
    if (data.seq <= known) continue;
    const outcome = await commitRun(connection, names, {
      runId,
      expectedVersion: data.seq - 1,
      now: data.event.at,
      ended: hasEnded(state.status),
      origin: data.seq === 1 ? encodeOrigin(state) : null,
      state: encodeState(state),
      event: JSON.stringify(envelopeOf(state, data)),
      timersToSet: [],
      timersToClear: [],
      tasks: [],
      notes: [],
      source: null,
    });
    if (!outcome.committed) return; // Somebody else restores it at the same time.
  }
}

function envelopeOf(
  state: RunState,
  data: RunEventData,
): Omit<Envelope, "data"> & { data: object } {
  return {
    specversion: "1.0",
    id: randomUUID(),
    source: "console",
    type: "aimie.run-event.v1",
    time: new Date(data.event.at).toISOString(),
    runid: data.runId,
    sessionid: state.origin.spec.sessionId,
    via: "stream",
    data,
  };
}
