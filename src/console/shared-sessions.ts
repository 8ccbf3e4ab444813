/**
 * Sessions that several consoles know: kept the same through the mirror, changed by one at a time.
 *
 * S1 Before a session is changed, what others did to it is taken in; a change of what is no longer
 *    there is a conflict.
 * S2 While one console changes a session, the others get a conflict.
 * S3 The runs of a session that came from elsewhere are read from the bus into the local store.
 */
import type { CancelTimer } from "../base/clock.ts";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { redisMirror } from "../bus/mirror-port.ts";
import { loadRunEvents } from "../bus/run-store.ts";
import type { SessionId } from "../protocol/ids.ts";
import { namesOf } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import { runEventDataSchema } from "../protocol/run-events.ts";
import type { SessionEntry } from "../session/core/entry.ts";
import { foldSession } from "../session/core/fold.ts";
import type { Mirror } from "../session/mirror.ts";
import { createMirror } from "../session/mirror.ts";
import type { NewEntry } from "../session/store.ts";
import type { ConsoleBooks } from "./console-books.ts";
import type { ConsoleOptions } from "./console-options.ts";

/** How long a change waits for the mirror, milliseconds; without it the change is local. */
const SYNC_MS = 3000;

/** Sessions and their mirror, on a bus that was found. */
export interface SharedSessions extends Mirror {
  /**
   * Appends an entry to a session that exists.
   * @throws OperatorError `usage` for an unknown session; `conflict` for one that was deleted
   *   elsewhere, or that another console is changing.
   */
  change(sessionId: SessionId, entry: NewEntry): Promise<void>;
  /** Resolves when store and mirror are the same, or after 3 s. */
  synced(): Promise<void>;
}

/** Starts sharing. */
export function shareSessions(
  options: Pick<ConsoleOptions, "store" | "clock" | "log" | "namespace">,
  books: Pick<ConsoleBooks, "sessionId" | "touchSessions" | "openSession" | "catchUp">,
  connection: RedisConnection,
): SharedSessions {
  const { store, clock, log } = options;
  const port = redisMirror(connection, namesOf(options.namespace));
  const mirror = createMirror({
    store,
    port,
    clock,
    onProblem: (problem) => log("warning", `mirror: ${problem}`),
    onMerged(entries) {
      takeInRuns(options, connection, entries)
        .then(() => books.catchUp())
        .catch((cause: unknown) => log("warning", `mirror: ${errorMessage(cause)}`));
      const open = entries.some(
        ({ type, sessionId }) => type === "session-deleted" && sessionId === books.sessionId,
      );
      if (open) books.openSession(undefined);
      books.touchSessions();
    },
  });
  const synced = async (): Promise<void> => {
    mirror.wake();
    let cancel: CancelTimer = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(SYNC_MS, resolve);
    });
    await Promise.race([mirror.idle(), late]);
    cancel();
  };
  return {
    ...mirror,
    synced,
    async change(sessionId, entry) {
      const release = await port.hold(sessionId);
      if (release === undefined) {
        throw conflict(`another console is changing session ${sessionId}`, "try again"); // S2
      }
      try {
        await synced(); // S1
        refuseAbsent(store.entries(sessionId).entries, sessionId);
        store.record(sessionId, entry);
        await synced();
      } finally {
        // What was done is done; a lock that is not given back ends by itself.
        await release().catch(() => undefined);
      }
    },
  };
}

function refuseAbsent(entries: readonly SessionEntry[], sessionId: SessionId): void {
  const session = foldSession(entries);
  if (session === undefined) {
    const message = `there is no session ${sessionId}`;
    const nextStep = "aimie-console sessions lists them";
    throw new OperatorError({ code: "usage", message, nextStep });
  }
  if (!session.deleted) return;
  throw conflict(`session ${sessionId} was deleted meanwhile`, "choose another session"); // S1
}

function conflict(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "conflict", message, nextStep });
}

/** S3 */
async function takeInRuns(
  { store, namespace }: Pick<ConsoleOptions, "store" | "namespace">,
  connection: RedisConnection,
  entries: readonly SessionEntry[],
): Promise<void> {
  for (const entry of entries) {
    if (entry.type !== "run-started") continue;
    for (const text of await loadRunEvents(connection, namesOf(namespace), entry.runId, 1)) {
      const message = parseMessage(text, runEventDataSchema);
      if (message.ok) store.recordRunEvent(message.value.data, entry.sessionId);
    }
  }
}
