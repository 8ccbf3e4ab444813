/**
 * The end of a commit: makes results findable by the work they are of.
 *
 * C1 It never stops a commit: a cache whose two keys do not agree is begun anew.
 * C2 It stays bounded: what is too old goes, and the oldest of what is too much.
 * C3 A commit without results to remember pays nothing for it.
 */
import { KEPT_SECONDS } from "./kept.ts";
import type { ScriptCaller, ScriptValue } from "./script.ts";

/** Results that can be taken again; the oldest go first (C2). */
const KEPT_CACHED = 10_000;

/** Results that have grown too old to be taken again, dropped at a time. */
const DROPPED_AT_ONCE = 100;

/** The function `remember`, in Lua; it takes the words that are left, and looks at `answers`. */
export const REMEMBER_LUA = `local function drop(cache, ages, digests)
  if #digests == 0 then return end
  redis.call('HDEL', cache, unpack(digests))
  redis.call('ZREM', ages, unpack(digests))
end
local function whole(cache, ages)
  local size = redis.pcall('HLEN', cache)
  if type(size) ~= 'number' or size ~= redis.pcall('ZCARD', ages) then
    redis.call('DEL', cache, ages)
  end
end
local function remember(cache, ages)
  local newest
  while at < #ARGV do
    local place, digest, now, attempt = tonumber(take()), take(), take(), take()
    if answers[place][1] == 1 then
      if not newest then whole(cache, ages) end
      newest = now
      redis.call('HSET', cache, digest, attempt)
      redis.call('ZADD', ages, now, digest)
    end
  end
  if not newest then return end
  local tooOld = string.format('%d', tonumber(newest) - ${KEPT_SECONDS * 1000})
  drop(cache, ages, redis.call('ZRANGEBYSCORE', ages, '-inf', tooOld, 'LIMIT', '0', '${DROPPED_AT_ONCE}'))
  drop(cache, ages, redis.call('ZRANGE', ages, '0', '-${KEPT_CACHED + 1}'))
  redis.call('EXPIRE', cache, '${KEPT_SECONDS}')
  redis.call('EXPIRE', ages, '${KEPT_SECONDS}')
end`;

/** What is left of a commit's keys and words. */
interface Words {
  readonly keys: readonly string[];
  next(): string;
}

/** The same in TypeScript, for the embedded broker. */
export function remember(
  redis: ScriptCaller,
  { keys, next }: Words,
  answers: readonly ScriptValue[],
): void {
  const [cache = "", ages = ""] = keys.slice(-2);
  let newest = "";
  for (let place = next(); place !== ""; place = next()) {
    const [digest, now, attempt] = [next(), next(), next()];
    const answer = answers[Number(place) - 1];
    if (!Array.isArray(answer) || answer[0] !== 1) continue;
    if (newest === "") beginAnewUnlessWhole(redis, cache, ages);
    newest = now;
    redis.call("HSET", cache, digest, attempt);
    redis.call("ZADD", ages, now, digest);
  }
  if (newest === "") return;
  const drop = (digests: ScriptValue): void => {
    if (!Array.isArray(digests) || digests.length === 0) return;
    redis.call("HDEL", cache, ...digests.map(String));
    redis.call("ZREM", ages, ...digests.map(String));
  };
  const tooOld = Number(newest) - KEPT_SECONDS * 1000;
  drop(redis.call("ZRANGEBYSCORE", ages, "-inf", tooOld, "LIMIT", 0, DROPPED_AT_ONCE));
  drop(redis.call("ZRANGE", ages, 0, -(KEPT_CACHED + 1)));
  for (const key of [cache, ages]) redis.call("EXPIRE", key, KEPT_SECONDS);
}

/** Somebody has taken one of the two keys away, or it is of another type: the rest is of no use. */
function beginAnewUnlessWhole(redis: ScriptCaller, cache: string, ages: string): void {
  const size = redis.pcall("HLEN", cache);
  if (size === null || size !== redis.pcall("ZCARD", ages)) redis.call("DEL", cache, ages);
}
