/**
 * A session from its entries.
 *
 * F1 The order in which entries were written down does not matter: they count in the order of
 *    their ids, each once.
 * F2 Once deleted, a session stays deleted; nothing later revives it.
 */
import type { RunId, SessionId } from "../../protocol/ids.ts";
import type { SessionEntry } from "./entry.ts";

/** What the entries of a session amount to. */
export interface Session {
  readonly sessionId: SessionId;
  readonly name: string;
  readonly createdAt: number;
  readonly changedAt: number;
  /** The runs and questions that were asked for, oldest first. */
  readonly runIds: readonly RunId[];
  readonly notes: readonly { readonly at: number; readonly text: string }[];
  readonly deleted: boolean;
}

/**
 * Folds the entries of one session; undefined when there are none. A session whose first entry is
 * lost is called by its id.
 */
export function foldSession(entries: Iterable<SessionEntry>): Session | undefined {
  let session: Session | undefined;
  for (const entry of inOrder(entries)) {
    session = applyEntry(session ?? unnamed(entry), entry);
  }
  return session;
}

function inOrder(entries: Iterable<SessionEntry>): readonly SessionEntry[] {
  const byId = new Map([...entries].map((entry) => [entry.entryId, entry]));
  return [...byId.values()].sort((left, right) => (left.entryId < right.entryId ? -1 : 1)); // F1
}

function unnamed(first: SessionEntry): Session {
  return {
    sessionId: first.sessionId,
    name: first.sessionId,
    createdAt: first.at,
    changedAt: first.at,
    runIds: [],
    notes: [],
    deleted: false,
  };
}

function applyEntry(before: Session, entry: SessionEntry): Session {
  const session = { ...before, changedAt: Math.max(before.changedAt, entry.at) };
  switch (entry.type) {
    case "session-created":
    case "session-renamed":
      return { ...session, name: entry.name };
    case "run-started":
    case "question-asked":
      return session.runIds.includes(entry.runId)
        ? session
        : { ...session, runIds: [...session.runIds, entry.runId] };
    case "note-added":
      return { ...session, notes: [...session.notes, { at: entry.at, text: entry.text }] };
    case "session-deleted":
      return { ...session, deleted: true }; // F2
  }
}
