/**
 * Reads the mirror back: what other consoles did, and what a lost local store no longer knows.
 *
 * B1 Logs are merged by entry id: each entry once, in the order of the ids, whoever brings it. So
 *    two stores that have read each other's entries hold the same log.
 * B2 A deletion wins over whatever else happened to the session.
 * B3 What the local store takes for copied and the mirror does not hold is copied again.
 * B4 What cannot be read is told of and left in the mirror; the rest is taken in.
 */

import type { SessionId } from "../protocol/ids.ts";
import { parseBoundedJson } from "../protocol/parse-message.ts";
import type { SessionEntry } from "./core/entry.ts";
import { sessionEntrySchema } from "./core/entry.ts";
import { foldSession } from "./core/fold.ts";
import type { SessionStore } from "./store.ts";

/** Where copies are read from; every call may be repeated. */
export interface MirrorSource {
  /**
   * The sessions changed after the change numbered `beyond` (0: all there are), and the number of
   * the last change; that is less than `beyond` when the copies were lost.
   */
  changes(
    beyond: number,
  ): Promise<{ readonly sessionIds: readonly SessionId[]; readonly upTo: number }>;
  /** A page of a session's entries after a place (none: from the beginning); empty at the end. */
  read(
    sessionId: SessionId,
    after: string | undefined,
  ): Promise<{ readonly texts: readonly string[]; readonly place: string }>;
  /** The entry that deleted a session; undefined when it lives. */
  removal(sessionId: SessionId): Promise<string | undefined>;
  putHeader(sessionId: SessionId, json: string): Promise<void>;
}

/** What a reader works with. */
export interface ReaderOptions {
  readonly store: Pick<SessionStore, "entries" | "merge" | "sessionIds" | "forgetMirrored">;
  readonly source: MirrorSource;
  readonly onMerged: (entries: readonly SessionEntry[]) => void;
  readonly onProblem: (message: string) => void;
  readonly stopped: () => boolean;
}

/** Reads what is new in the mirror. */
export interface MirrorReader {
  /** Takes in everything that has changed since the last time. */
  pull(): Promise<void>;
  /** Reads everything again the next time: the mirror may be another one. */
  startOver(): void;
}

/** A reader that begins with everything there is. */
export function mirrorReader(options: ReaderOptions): MirrorReader {
  const { store, source, stopped } = options;
  let places = new Map<SessionId, string>();
  let beyond = 0;
  const startOver = (): void => {
    beyond = 0;
    places = new Map();
  };
  return {
    startOver,
    async pull() {
      let changes = await source.changes(beyond);
      if (changes.upTo < beyond) {
        startOver();
        changes = await source.changes(beyond);
      }
      const begun = places; // Another one by the end: it is to be started over meanwhile.
      for (const sessionId of changes.sessionIds) {
        if (stopped()) return;
        await pullSession(options, begun, sessionId);
      }
      if (beyond === 0) copyLost(store, new Set(changes.sessionIds));
      if (begun === places) beyond = changes.upTo;
    },
  };
}

/** B3: sessions the mirror has never heard of. */
function copyLost(store: ReaderOptions["store"], present: ReadonlySet<SessionId>): void {
  for (const sessionId of store.sessionIds()) {
    if (!present.has(sessionId)) store.forgetMirrored(sessionId);
  }
}

async function pullSession(
  options: ReaderOptions,
  places: Map<SessionId, string>,
  sessionId: SessionId,
): Promise<void> {
  const { store, source, stopped } = options;
  const removal = await source.removal(sessionId);
  if (removal !== undefined) {
    takeIn(options, sessionId, [removal]); // B2
    return;
  }
  const before = places.get(sessionId);
  const present = new Set<string>();
  for (let place = before; !stopped(); ) {
    const page = await source.read(sessionId, place);
    if (page.texts.length === 0) break;
    place = page.place;
    const { entries, fresh } = takeIn(options, sessionId, page.texts);
    for (const { entryId } of entries) present.add(entryId);
    if (fresh.some(namesSession)) await putHeader(options, sessionId);
    places.set(sessionId, place);
  }
  if (before === undefined && !stopped()) store.forgetMirrored(sessionId, present); // B3
}

function takeIn(
  { store, onMerged, onProblem }: ReaderOptions,
  sessionId: SessionId,
  texts: readonly string[],
): { readonly entries: readonly SessionEntry[]; readonly fresh: readonly SessionEntry[] } {
  const entries = texts.flatMap((text) => {
    const json = parseBoundedJson(text);
    const entry = sessionEntrySchema.safeParse(json.ok ? json.value : undefined);
    if (entry.success && entry.data.sessionId === sessionId) return [entry.data];
    onProblem(`the mirror of session ${sessionId} has an entry that cannot be read`); // B4
    return [];
  });
  const fresh = entries.length === 0 ? [] : store.merge(entries); // B1
  if (fresh.length > 0) onMerged(fresh);
  return { entries, fresh };
}

/** Whether an entry changes what a list shows of its session. */
export function namesSession(entry: SessionEntry): boolean {
  return entry.type === "session-created" || entry.type === "session-renamed";
}

/** Sets a session's header to what its whole log says. */
export async function putHeader(
  { store, source }: Pick<ReaderOptions, "source"> & { store: Pick<SessionStore, "entries"> },
  sessionId: SessionId,
): Promise<void> {
  const session = foldSession(store.entries(sessionId).entries);
  if (session === undefined || session.deleted) return;
  const { name, createdAt } = session;
  await source.putHeader(sessionId, JSON.stringify({ sessionId, name, createdAt }));
}
