/** The copies of sessions in Redis: a stream per session, and an index of their headers. */
import type { SessionId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { runScript } from "./run-script.ts";
import { enqueueScript } from "./scripts/enqueue.ts";

/** Writes sessions' copies; every call may be repeated. */
export interface RedisMirror {
  putHeader(sessionId: SessionId, json: string): Promise<void>;
  append(sessionId: SessionId, entryId: string, json: string): Promise<void>;
  remove(sessionId: SessionId): Promise<void>;
}

/** The mirror of one namespace. */
export function redisMirror(connection: RedisConnection, names: Names): RedisMirror {
  return {
    async putHeader(sessionId, json) {
      await connection.hset(names.sessionIndex, sessionId, json);
    },
    async append(sessionId, entryId, json) {
      const keys = [names.seenKey(entryId), names.sessionStream(sessionId)];
      await runScript(connection, enqueueScript, keys, [json]);
    },
    async remove(sessionId) {
      await connection.hdel(names.sessionIndex, sessionId);
      await connection.del(names.sessionStream(sessionId));
    },
  };
}
