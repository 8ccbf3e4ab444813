import type { Script, ScriptCaller } from "./script.ts";

/**
 * Takes, keeps or gives back the orchestrator's lease, and answers the fencing token that each of
 * its commits carries: a number that grows with every new holder, so that one who was paused and
 * has been replaced is refused by the commit itself, whatever it believes.
 *
 * KEYS: lease, fence. ARGV: slot, a nonce of the process, lease (ms; 0 gives it back), first 0/1.
 * A process that asks for the first time takes the lease over from its own slot at once: a slot has
 * one process, so its predecessor is gone. A woken predecessor no longer asks for the first time.
 * Answers the token, or 0 when somebody else holds the lease. The first token is the time (µs), so that
 * tokens grow also when the server has lost its data.
 */
export const leadScript: Script = {
  name: "aimieLead",
  lua: `local mine = ARGV[1] .. ' ' .. ARGV[2]
local holder = redis.call('GET', KEYS[1])
if ARGV[3] == '0' then
  if holder == mine then redis.call('DEL', KEYS[1]) end
  return 0
end
local fence = redis.call('GET', KEYS[2])
if holder == mine and fence then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return tonumber(fence)
end
local slot = ARGV[1] .. ' '
local inherited = ARGV[4] == '1' and holder and string.sub(holder, 1, #slot) == slot
if holder and holder ~= mine and not inherited then return 0 end
if fence then
  fence = redis.call('INCR', KEYS[2])
else
  local time = redis.call('TIME')
  fence = time[1] * 1000000 + time[2]
  redis.call('SET', KEYS[2], fence)
end
redis.call('SET', KEYS[1], mine, 'PX', ARGV[3])
return fence`,
  twin(redis, keys, argv) {
    const [lease = "", fenceKey = ""] = keys;
    const [slot = "", nonce = "", leaseMs = "", first] = argv;
    const mine = `${slot} ${nonce}`;
    const holder = redis.call("GET", lease);
    if (leaseMs === "0") {
      if (holder === mine) redis.call("DEL", lease);
      return 0;
    }
    const fence = redis.call("GET", fenceKey);
    if (holder === mine && fence !== null) {
      redis.call("PEXPIRE", lease, leaseMs);
      return Number(fence);
    }
    const inherited = first === "1" && String(holder).startsWith(`${slot} `);
    if (holder !== null && holder !== mine && !inherited) return 0;
    const next = fence === null ? firstFence(redis, fenceKey) : redis.call("INCR", fenceKey);
    redis.call("SET", lease, mine, "PX", leaseMs);
    return next;
  },
};

function firstFence(redis: ScriptCaller, fenceKey: string): number {
  const time = redis.call("TIME");
  const [seconds, microseconds] = Array.isArray(time) ? time.map(Number) : [];
  const fence = (seconds ?? 0) * 1_000_000 + (microseconds ?? 0);
  redis.call("SET", fenceKey, fence);
  return fence;
}
