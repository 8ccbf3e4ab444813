/**
 * Finds runs of which Redis, after it lost their last events, has gone on in another way than is known
 * here, and takes over what it has: Redis owns the runs. An order to cancel that it lost is given again.
 */
import { sendCommand } from "../bus/commands.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { loadRun, loadRunEvents } from "../bus/run-store.ts";
import { decodeRun, encodeState } from "../orchestrator/codec.ts";
import { fold } from "../orchestrator/fold.ts";
import type { RunState } from "../orchestrator/state.ts";
import type { RunId, SessionId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import { runEventDataSchema } from "../protocol/run-events.ts";
import type { SessionStore } from "../session/store.ts";

/** What is read of the local store, and changed there. */
export type DivergedStore = Pick<
  SessionStore,
  "runEvents" | "runState" | "cutRun" | "recordRunEvent"
>;

/** Where a run is kept, here and there. */
interface Places {
  readonly command: RedisConnection;
  readonly names: Names;
  readonly store: DivergedStore;
}

/** Up to where a run was compared. */
export type Agreement = "agrees" | "differs" | "unknown";

/**
 * Whether what Redis has of a run is what the events kept here amount to at its version; unknown when
 * Redis has nothing, or more than is kept here.
 */
export async function compareStates(
  { command, names, store }: Places,
  runId: RunId,
): Promise<Agreement> {
  const stored = await loadRun(command, names, runId);
  if (stored === undefined) return "unknown";
  const known = stateAt(store, runId, stored.version);
  if (known === undefined) return "unknown";
  return encodeState(decodeRun(stored)) === encodeState(known) ? "agrees" : "differs";
}

function stateAt(store: DivergedStore, runId: RunId, version: number): RunState | undefined {
  const { state, seq } = store.runState(runId);
  if (seq <= version) return seq === version ? state : undefined;
  return fold(store.runEvents(runId).events.slice(0, version).map(eventOf));
}

function eventOf(data: RunEventData): RunEventData["event"] {
  return data.event;
}

/**
 * Keeps Redis' log of a run in place of the own one from the first event on in which they differ.
 * Answers that event's seq; undefined when neither log contradicts the other.
 */
export async function takeTheirLog(
  { command, names, store }: Places,
  { runId, sessionId }: { readonly runId: RunId; readonly sessionId: SessionId },
): Promise<number | undefined> {
  const texts = await loadRunEvents(command, names, runId, 1);
  const theirs = texts.flatMap((text) => {
    const message = parseMessage(text, runEventDataSchema);
    return message.ok ? [message.value.data] : [];
  });
  const ours = store.runEvents(runId).events;
  const shared = sharedLength(ours, theirs);
  if (shared === undefined) return undefined;
  // First, while it is still known here that they were given; sent twice they count once.
  for (const { event } of ours.slice(shared)) {
    if (event.type !== "cancel-requested") continue;
    await sendCommand(command, names, { type: "cancel-run", commandId: event.commandId, runId });
  }
  store.cutRun(runId, shared);
  for (const data of theirs.slice(shared)) store.recordRunEvent(data, sessionId);
  return shared + 1;
}

/** How many events two logs have in common before they differ; undefined where one continues the other. */
function sharedLength(
  ours: readonly RunEventData[],
  theirs: readonly RunEventData[],
): number | undefined {
  const pairs = theirs.slice(0, ours.length);
  const place = pairs.findIndex(
    (one, index) => JSON.stringify(one) !== JSON.stringify(ours[index]),
  );
  // A log whose beginning is gone cannot be compared.
  return place < 0 || theirs[0]?.seq !== 1 ? undefined : place;
}
