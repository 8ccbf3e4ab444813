import type { Script } from "../../src/bus/scripts/script.ts";

/** Takes a task off a stream once: what a script of the bus looks like. */
const settle: Script = {
  name: "settle",
  lua: `
local stored = redis.call('HGET', KEYS[1], 'result')
if stored then return {0, stored} end
redis.call('HSET', KEYS[1], 'result', ARGV[1], 'at', 7)
local id = redis.call('XADD', KEYS[2], '*', 'result', ARGV[1])
local pending = redis.pcall('INCR', KEYS[1])
redis.pcall('PUBLISH', KEYS[2], ARGV[1])
return {1, false, 3.99, {redis.call('HLEN', KEYS[1]), 'é'}, #id > 0 and 'added' or ''}
`,
  twin(redis, [hash = "", stream = ""], [result = ""]) {
    const stored = redis.call("HGET", hash, "result");
    if (stored !== null) return [0, stored];
    redis.call("HSET", hash, "result", result, "at", 7);
    const id = redis.call("XADD", stream, "*", "result", result);
    redis.pcall("INCR", hash);
    redis.pcall("PUBLISH", stream, result);
    const accent = Buffer.from("é", "utf8").toString("latin1");
    return [1, null, 3.99, [redis.call("HLEN", hash), accent], id === null ? "" : "added"];
  },
};

/** Writes, then fails: what it wrote stays. */
const breaking: Script = {
  name: "breaking",
  lua: "redis.call('SET', KEYS[1], 'written')\nreturn redis.call('LPUSH', KEYS[1], 'x')",
  twin(redis, [key = ""]) {
    redis.call("SET", key, "written");
    return redis.call("LPUSH", key, "x");
  },
};

/** The scripts of the conformance suite, known to the embedded broker. */
export const SAMPLE_SCRIPTS = [settle, breaking] as const;
