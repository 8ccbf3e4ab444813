/**
 * The copies of sessions in Redis: a stream per session, an index of their headers, and what has
 * changed since when.
 *
 * M1 An entry is in a copy once, by its id, for as long as the copy lives.
 * M2 A deleted session leaves its last entry behind, so that others learn of it and none revives it.
 */
import { randomUUID } from "node:crypto";
import type { SessionId } from "../protocol/ids.ts";
import { sessionIdSchema } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { runScript } from "./run-script.ts";
import { mirrorEntryScript, mirrorRemovalScript } from "./scripts/mirror-entry.ts";
import { entriesOf } from "./stream-reader.ts";

/** Entries of a copy read at a time. */
const PAGE_ENTRIES = 500;

/** How long a session is held at most, milliseconds: its holder may have died. */
const LOCK_MS = 10_000;

/** What a copy holds beyond a place in it. */
export interface MirrorPage {
  readonly texts: readonly string[];
  /** The place after them; given to the next call. */
  readonly place: string;
}

/** What has changed in the mirror beyond a number. */
export interface MirrorChanges {
  /** Sessions that have a copy or had one, the least lately changed first. */
  readonly sessionIds: readonly SessionId[];
  /** The number of the last change of all; less than what was asked for when the copies are lost. */
  readonly upTo: number;
}

/** Reads and writes sessions' copies; every call may be repeated. */
export interface RedisMirror {
  putHeader(sessionId: SessionId, json: string): Promise<void>;
  append(sessionId: SessionId, entryId: string, json: string): Promise<void>;
  remove(sessionId: SessionId, json: string): Promise<void>;
  changes(beyond: number): Promise<MirrorChanges>;
  read(sessionId: SessionId, after: string | undefined): Promise<MirrorPage>;
  removal(sessionId: SessionId): Promise<string | undefined>;
  /** Keeps others from changing a session meanwhile; undefined when another console does so. */
  hold(sessionId: SessionId): Promise<(() => Promise<void>) | undefined>;
}

/** The mirror of one namespace. */
export function redisMirror(connection: RedisConnection, names: Names): RedisMirror {
  const keysOf = (sessionId: SessionId): readonly string[] => [
    names.sessionStream(sessionId),
    names.sessionEntryIds(sessionId),
    names.deletedSessions,
    names.changedSessions,
    names.sessionChanges,
  ];
  return {
    async putHeader(sessionId, json) {
      await connection.hset(names.sessionIndex, sessionId, json);
    },
    async append(sessionId, entryId, json) {
      await runScript(connection, mirrorEntryScript, keysOf(sessionId), [sessionId, entryId, json]);
    },
    async remove(sessionId, json) {
      const keys = [...keysOf(sessionId), names.sessionIndex];
      await runScript(connection, mirrorRemovalScript, keys, [sessionId, json]);
    },
    async changes(beyond) {
      const upTo = Number((await connection.get(names.sessionChanges)) ?? 0);
      if (upTo <= beyond && beyond > 0) return { sessionIds: [], upTo };
      const changed = await connection.zrangebyscore(names.changedSessions, `(${beyond}`, "+inf");
      const indexed = beyond === 0 ? await connection.hkeys(names.sessionIndex) : [];
      const sessionIds = [...new Set([...indexed, ...changed])].flatMap((text) => {
        const sessionId = sessionIdSchema.safeParse(text);
        return sessionId.success ? [sessionId.data] : [];
      });
      return { sessionIds, upTo };
    },
    async read(sessionId, after) {
      const stream = names.sessionStream(sessionId);
      const from = after === undefined ? "-" : `(${after}`;
      const reply = await connection.xrange(stream, from, "+", "COUNT", PAGE_ENTRIES);
      const entries = entriesOf([[stream, reply]]);
      return {
        texts: entries.map((entry) => entry.fields.get("d") ?? ""),
        place: entries.at(-1)?.id ?? after ?? "0-0",
      };
    },
    async removal(sessionId) {
      return (await connection.hget(names.deletedSessions, sessionId)) ?? undefined;
    },
    async hold(sessionId) {
      const key = names.sessionLock(sessionId);
      const token = randomUUID();
      if ((await connection.set(key, token, "PX", LOCK_MS, "NX")) === null) return undefined;
      return async () => {
        if ((await connection.get(key)) === token) await connection.del(key);
      };
    },
  };
}
