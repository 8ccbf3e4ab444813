import type { Script } from "./script.ts";

/**
 * Adds an entry to a session's copy once, for as long as the copy lives. A session that was deleted
 * takes nothing in any more.
 *
 * KEYS: session stream, ids in it, deleted sessions, changed sessions, count of changes.
 * ARGV: session id, entry id, entry JSON. Answers 1 when new, 0 when known, -1 when deleted.
 */
export const mirrorEntryScript: Script = {
  name: "aimieMirrorEntry",
  lua: `if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return -1 end
if redis.call('SADD', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[1], '*', 'd', ARGV[3])
redis.call('ZADD', KEYS[4], redis.call('INCR', KEYS[5]), ARGV[1])
return 1`,
  twin(redis, keys, argv) {
    const [stream = "", ids = "", deleted = "", changed = "", changes = ""] = keys;
    const [sessionId = "", entryId = "", json = ""] = argv;
    if (redis.call("HEXISTS", deleted, sessionId) === 1) return -1;
    if (redis.call("SADD", ids, entryId) === 0) return 0;
    redis.call("XADD", stream, "*", "d", json);
    redis.call("ZADD", changed, Number(redis.call("INCR", changes)), sessionId);
    return 1;
  },
};

/**
 * Takes a session's copy away and remembers that it was deleted, by its last entry.
 *
 * KEYS: session stream, ids in it, deleted sessions, changed sessions, count of changes, index.
 * ARGV: session id, JSON of the entry that deleted it. Answers 1 when it was new, else 0.
 */
export const mirrorRemovalScript: Script = {
  name: "aimieMirrorRemoval",
  lua: `redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HDEL', KEYS[6], ARGV[1])
if redis.call('HSETNX', KEYS[3], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('ZADD', KEYS[4], redis.call('INCR', KEYS[5]), ARGV[1])
return 1`,
  twin(redis, keys, argv) {
    const [stream = "", ids = "", deleted = "", changed = "", changes = "", index = ""] = keys;
    const [sessionId = "", json = ""] = argv;
    redis.call("DEL", stream, ids);
    redis.call("HDEL", index, sessionId);
    if (redis.call("HSETNX", deleted, sessionId, json) === 0) return 0;
    redis.call("ZADD", changed, Number(redis.call("INCR", changes)), sessionId);
    return 1;
  },
};
