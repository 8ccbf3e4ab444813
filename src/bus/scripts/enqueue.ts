import type { Script } from "./script.ts";

/** How long a message id is remembered, seconds. */
export const SEEN_SECONDS = 86_400;

/**
 * Takes a message into a stream once, however often it is sent.
 * KEYS: seen marker, stream. ARGV: message JSON. Answers 1 when new, 0 when known.
 */
export const enqueueScript: Script = {
  name: "aimieEnqueue",
  lua: `local fresh = redis.call('SET', KEYS[1], '1', 'NX', 'EX', '${SEEN_SECONDS}')
if not fresh then return 0 end
redis.call('XADD', KEYS[2], '*', 'd', ARGV[1])
return 1`,
  twin(redis, keys, argv) {
    const [seen = "", stream = ""] = keys;
    const fresh = redis.call("SET", seen, "1", "NX", "EX", SEEN_SECONDS);
    if (fresh === null) return 0;
    redis.call("XADD", stream, "*", "d", argv[0] ?? "");
    return 1;
  },
};
