import type { Script, ScriptValue } from "./script.ts";

/**
 * Moves timers that are due to the orchestrator's command stream, by the server's own clock.
 * KEYS: due set, command stream. ARGV: how many at most. Answers how many were moved.
 */
export const takeDueScript: Script = {
  name: "aimieTakeDue",
  lua: `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', '0', ARGV[1])
for _, member in ipairs(due) do
  redis.call('XADD', KEYS[2], '*', 'timer', member)
  redis.call('ZREM', KEYS[1], member)
end
return #due`,
  twin(redis, keys, argv) {
    const [dueSet = "", commands = ""] = keys;
    const time = listOf(redis.call("TIME"));
    const now = Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000);
    const due = listOf(
      redis.call("ZRANGEBYSCORE", dueSet, "-inf", now, "LIMIT", 0, argv[0] ?? "100"),
    );
    for (const member of due) {
      redis.call("XADD", commands, "*", "timer", String(member));
      redis.call("ZREM", dueSet, String(member));
    }
    return due.length;
  },
};

function listOf(value: ScriptValue): readonly ScriptValue[] {
  return Array.isArray(value) ? value : [];
}
