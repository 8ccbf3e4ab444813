import type { Script, ScriptCaller, ScriptValue } from "./script.ts";

/** How long a run that has ended stays in Redis, seconds; the local store keeps it for good. */
const KEPT_SECONDS = 30 * 86_400;

/** Runs the index names; the oldest go first. */
const KEPT_RUNS = 10_000;

/**
 * Stores a decision: the run's new state, its event, outgoing tasks, timers and notes, and takes
 * what was decided on off its stream — all or nothing, only if the run is still at the version the
 * decision was made from, and only for the present holder of the orchestrator's lease.
 *
 * KEYS: run hash, event stream, run index, active runs, due set, source stream, fence, then per
 * task its stream and the agent's open tasks. ARGV: expected version, run id, now (ms), ended 0/1,
 * origin JSON or "", state JSON, event JSON, event channel, source group or "", source entry, a
 * token of this very commit (sent again after a cut reply, it is answered as before), the fencing
 * token or "" for a commit that needs no lease; then four counted lists: timers to set (due,
 * member), timers to clear (member), tasks (id, channel, JSON), notes (channel, JSON).
 * Answers {1, new version}, {0, present version} when the decision came too late, or
 * {-1, present version} when somebody else holds the lease.
 * Order: validate, event (the one write that can be refused), state, outgoing, mirror, acknowledge.
 */
export const commitScript: Script = {
  name: "aimieCommit",
  lua: `local version = tonumber(redis.call('HGET', KEYS[1], 'ver') or '0')
if redis.call('HGET', KEYS[1], 'token') == ARGV[11] then return {1, version} end
if ARGV[12] ~= '' and redis.call('GET', KEYS[7]) ~= ARGV[12] then return {-1, version} end
if version ~= tonumber(ARGV[1]) then return {0, version} end
version = version + 1
redis.call('XADD', KEYS[2], version .. '-0', 'd', ARGV[7])
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[1], 'ver', version, 'state', ARGV[6], 'token', ARGV[11], 'origin', ARGV[5])
  redis.call('ZADD', KEYS[3], 'NX', ARGV[3], ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[3], '0', '-${KEPT_RUNS + 1}')
else
  redis.call('HSET', KEYS[1], 'ver', version, 'state', ARGV[6], 'token', ARGV[11])
end
if ARGV[4] == '1' then
  redis.call('ZREM', KEYS[4], ARGV[2])
  redis.call('EXPIRE', KEYS[1], '${KEPT_SECONDS}')
  redis.call('EXPIRE', KEYS[2], '${KEPT_SECONDS}')
else
  redis.call('ZADD', KEYS[4], ARGV[3], ARGV[2])
  redis.call('PERSIST', KEYS[1])
  redis.call('PERSIST', KEYS[2])
end
local at = 13
local function take()
  at = at + 1
  return ARGV[at - 1]
end
for _ = 1, tonumber(take()) do
  local due = take()
  redis.call('ZADD', KEYS[5], due, take())
end
for _ = 1, tonumber(take()) do redis.call('ZREM', KEYS[5], take()) end
for task = 1, tonumber(take()) do
  local id = take()
  local channel = take()
  local message = take()
  local entry = redis.call('XADD', KEYS[6 + 2 * task], '*', 'd', message)
  redis.call('HSET', KEYS[7 + 2 * task], id, entry)
  redis.pcall('PUBLISH', channel, message)
end
for _ = 1, tonumber(take()) do
  local channel = take()
  redis.pcall('PUBLISH', channel, take())
end
redis.pcall('PUBLISH', ARGV[8], ARGV[7])
if ARGV[9] ~= '' then
  redis.call('XACK', KEYS[6], ARGV[9], ARGV[10])
  redis.call('XDEL', KEYS[6], ARGV[10])
end
return {1, version}`,
  twin(redis, keys, argv) {
    const [run = "", events = "", index = "", active = "", , source = "", fenceKey = ""] = keys;
    const [expected, runId = "", now = "", ended, origin = "", state = "", event = ""] = argv;
    const [channel = "", group = "", entry = "", token = "", fence = ""] = argv.slice(7);
    const present = Number(redis.call("HGET", run, "ver") ?? "0");
    if (redis.call("HGET", run, "token") === token) return [1, present];
    if (isStale(redis, fenceKey, fence)) return [-1, present];
    if (present !== Number(expected)) return [0, present];
    const version = present + 1;
    redis.call("XADD", events, `${version}-0`, "d", event);
    if (origin !== "") {
      redis.call("HSET", run, "origin", origin);
      redis.call("ZADD", index, "NX", now, runId);
      redis.call("ZREMRANGEBYRANK", index, 0, -(KEPT_RUNS + 1));
    }
    redis.call("HSET", run, "ver", version, "state", state, "token", token);
    if (ended === "1") {
      redis.call("ZREM", active, runId);
      for (const key of [run, events]) redis.call("EXPIRE", key, KEPT_SECONDS);
    } else {
      redis.call("ZADD", active, now, runId);
      for (const key of [run, events]) redis.call("PERSIST", key);
    }
    sendOutgoing(redis, keys, argv.slice(12));
    redis.pcall("PUBLISH", channel, event);
    if (group !== "") {
      redis.call("XACK", source, group, entry);
      redis.call("XDEL", source, entry);
    }
    return [1, version] satisfies ScriptValue;
  },
};

function isStale(redis: ScriptCaller, fenceKey: string, fence: string): boolean {
  return fence !== "" && redis.call("GET", fenceKey) !== fence;
}

function sendOutgoing(
  redis: ScriptCaller,
  keys: readonly string[],
  lists: readonly string[],
): void {
  const dueSet = keys[4] ?? "";
  const rest = lists[Symbol.iterator]();
  const take = (): string => rest.next().value ?? "";
  for (let left = Number(take()); left > 0; left -= 1) {
    redis.call("ZADD", dueSet, take(), take());
  }
  for (let left = Number(take()); left > 0; left -= 1) redis.call("ZREM", dueSet, take());
  const tasks = Number(take());
  for (let task = 0; task < tasks; task += 1) {
    const id = take();
    const channel = take();
    const message = take();
    const entry = redis.call("XADD", keys[7 + 2 * task] ?? "", "*", "d", message);
    redis.call("HSET", keys[8 + 2 * task] ?? "", id, String(entry));
    redis.pcall("PUBLISH", channel, message);
  }
  for (let left = Number(take()); left > 0; left -= 1) redis.pcall("PUBLISH", take(), take());
}
