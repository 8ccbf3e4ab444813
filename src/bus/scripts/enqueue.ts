import type { Script } from "./script.ts";

/** How long a message id is remembered, seconds. */
export const SEEN_SECONDS = 86_400;

/**
 * Takes messages into a stream, each once, however often it is sent.
 * KEYS: stream, then a seen marker per message. ARGV: the messages' JSON. Answers for each 1 when new,
 * 0 when known.
 */
export const enqueueScript: Script = {
  name: "aimieEnqueue",
  lua: `local answers = {}
for at = 1, #ARGV do
  local fresh = redis.call('SET', KEYS[at + 1], '1', 'NX', 'EX', '${SEEN_SECONDS}')
  if fresh then redis.call('XADD', KEYS[1], '*', 'd', ARGV[at]) end
  answers[at] = fresh and 1 or 0
end
return answers`,
  twin(redis, keys, argv) {
    const [stream = "", ...markers] = keys;
    return argv.map((message, index) => {
      const fresh = redis.call("SET", markers[index] ?? "", "1", "NX", "EX", SEEN_SECONDS);
      if (fresh === null) return 0;
      redis.call("XADD", stream, "*", "d", message);
      return 1;
    });
  },
};
