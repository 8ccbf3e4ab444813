import type { Script } from "./script.ts";

/**
 * Renews a worker's lease on a task, if it still holds it: a woken zombie must not steal it back.
 * KEYS: task stream. ARGV: group, consumer, entry. Answers 1 when renewed, 0 when lost.
 */
export const renewScript: Script = {
  name: "aimieRenew",
  lua: `local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], '1')
if #pending == 0 or pending[1][2] ~= ARGV[2] then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], '0', ARGV[3], 'JUSTID')
return 1`,
  twin(redis, keys, argv) {
    const [tasks = ""] = keys;
    const [group = "", consumer = "", entry = ""] = argv;
    const pending = redis.call("XPENDING", tasks, group, entry, entry, 1);
    const first = Array.isArray(pending) ? pending[0] : undefined;
    if (!Array.isArray(first) || first[1] !== consumer) return 0;
    redis.call("XCLAIM", tasks, group, consumer, 0, entry, "JUSTID");
    return 1;
  },
};
