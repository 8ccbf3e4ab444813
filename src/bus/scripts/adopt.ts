import { SEEN_SECONDS } from "./enqueue.ts";
import type { Script } from "./script.ts";

/**
 * Takes in a result that was only published, once however often it is heard, and takes its task off
 * the queue: whoever still holds it is told so by its next renewal.
 * KEYS: seen marker, result stream, open tasks, task stream. ARGV: result JSON, task id, group.
 * Answers 1 when new, 0 when known.
 */
export const adoptScript: Script = {
  name: "aimieAdopt",
  lua: `local fresh = redis.call('SET', KEYS[1], '1', 'NX', 'EX', '${SEEN_SECONDS}')
if not fresh then return 0 end
redis.call('XADD', KEYS[2], '*', 'd', ARGV[1])
local entry = redis.call('HGET', KEYS[3], ARGV[2])
if entry then
  redis.call('HDEL', KEYS[3], ARGV[2])
  redis.call('XACK', KEYS[4], ARGV[3], entry)
  redis.call('XDEL', KEYS[4], entry)
end
return 1`,
  twin(redis, keys, argv) {
    const [seen = "", results = "", open = "", tasks = ""] = keys;
    const [result = "", taskId = "", group = ""] = argv;
    const fresh = redis.call("SET", seen, "1", "NX", "EX", SEEN_SECONDS);
    if (fresh === null) return 0;
    redis.call("XADD", results, "*", "d", result);
    const entry = redis.call("HGET", open, taskId);
    if (typeof entry === "string") {
      redis.call("HDEL", open, taskId);
      redis.call("XACK", tasks, group, entry);
      redis.call("XDEL", tasks, entry);
    }
    return 1;
  },
};
