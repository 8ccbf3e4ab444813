import { KEPT_SECONDS } from "./kept.ts";
import { REMEMBER_LUA, remember } from "./remember.ts";
import type { Script, ScriptCaller, ScriptValue } from "./script.ts";

/** Runs the index names; the oldest go first. */
const KEPT_RUNS = 10_000;

/** Arguments given to one command at a time; Lua's stack is limited. */
const ARGUMENTS_AT_ONCE = 1000;

/**
 * Stores decisions: each run's new state, its event, outgoing tasks, timers and notes, and takes
 * what was decided on off its stream — all or nothing of each decision, only if the run is still at
 * the version the decision was made from, and only for the present holder of the orchestrator's
 * lease.
 *
 * KEYS: run index, active runs, due set, fence, command stream, result stream, then per decision the
 * run hash, its event stream, and per task its stream and the agent's open tasks. ARGV: group,
 * fencing token or "" for what needs no lease, event channel, number of decisions; then per decision
 * expected version, run id, now (ms), ended 0/1, origin JSON or "", state JSON, event JSON, source
 * stream (5 or 6, its place among the keys, or 0), source entry, a token of this very decision (sent
 * again after a cut reply, it is answered as before); then four counted lists: timers to set (due,
 * member), timers to clear (member), tasks (id, channel, JSON), notes (channel, JSON). Where results
 * are to be found again, two more keys end KEYS, the cache and its ages, and ARGV ends with four words
 * each: place of the decision (from 1), digest, now (ms), attempt JSON. Nothing that happens to the
 * cache stops a commit; one whose two keys do not agree is begun anew.
 *
 * Answers for each {1, new version}, {0, present version} when the decision came too late, {-1,
 * present version} when somebody else holds the lease, or, among several, {-2, present version} when
 * Redis refused it: sent alone, it is answered with what Redis says.
 * Order: validate, also that every key is of its type, event (the one write that can be refused),
 * state, outgoing, mirror; then, for all of them, timers and lists, and acknowledge last. Of one run
 * there is one decision at a time.
 */
export const commitScript: Script = {
  name: "aimieCommit",
  lua: `local fenced = ARGV[2] ~= '' and redis.call('GET', KEYS[4]) ~= ARGV[2]
local at, key = 3, 6
local set, clear, indexed, begun, over, open = {}, {}, {}, {}, {}, {}
local function take()
  at = at + 1
  return ARGV[at]
end
local function each(command, name, words)
  for from = 1, #words, ${ARGUMENTS_AT_ONCE} do
    redis.call(command, name, unpack(words, from, math.min(from + ${ARGUMENTS_AT_ONCE - 1}, #words)))
  end
end
local function put(list, first, second)
  list[#list + 1] = first
  list[#list + 1] = second
end
local function move(width, list)
  for _ = 1, width * tonumber(take()) do list[#list + 1] = take() end
end
local count = tonumber(take())
local try = count == 1 and redis.call or redis.pcall
local answers, sources = {}, { [5] = {}, [6] = {} }
local function pass(width)
  local words = width * tonumber(take())
  at = at + words
  return words / width
end
local function skip()
  pass(2)
  pass(1)
  key = key + 2 * pass(3)
  pass(2)
end
local function acknowledge(source, entry)
  if source ~= 0 then put(sources[source], entry) end
end
local function send()
  move(2, set)
  move(1, clear)
  for _ = 1, tonumber(take()) do
    local id, channel, message = take(), take(), take()
    local opened = KEYS[key + 2]
    open[opened] = open[opened] or {}
    put(open[opened], id, redis.call('XADD', KEYS[key + 1], '*', 'd', message))
    key = key + 2
    redis.pcall('PUBLISH', channel, message)
  end
  for _ = 1, tonumber(take()) do
    local channel = take()
    redis.pcall('PUBLISH', channel, take())
  end
end
local function sendable()
  local place = at + 1
  place = place + 2 * tonumber(ARGV[place]) + 1
  place = place + tonumber(ARGV[place]) + 1
  for task = 1, tonumber(ARGV[place]) do
    if type(try('XLEN', KEYS[key + 2 * task - 1])) == 'table' then return false end
    if type(try('HLEN', KEYS[key + 2 * task])) == 'table' then return false end
  end
  return true
end
local function decide()
  local run, events = KEYS[key + 1], KEYS[key + 2]
  key = key + 2
  local expected, id, now, ended = tonumber(take()), take(), take(), take()
  local origin, state, event = take(), take(), take()
  local source, entry, token = tonumber(take()), take(), take()
  local known = try('HMGET', run, 'ver', 'token', 'ended')
  if known.err then
    skip()
    return -2, 0
  end
  local version = tonumber(known[1] or '0')
  local answer = known[2] == token and 1 or fenced and -1 or version ~= expected and 0
  if answer then
    if answer == 1 then acknowledge(source, entry) end
    skip()
    return answer, version
  end
  if not sendable() then
    skip()
    return -2, version
  end
  local added = try('XADD', events, (version + 1) .. '-0', 'd', event)
  if type(added) == 'table' then
    skip()
    return -2, version
  end
  version = version + 1
  if origin ~= '' then
    redis.call('HSET', run, 'ver', version, 'state', state, 'token', token, 'ended', ended, 'origin', origin)
    put(indexed, now, id)
  else
    redis.call('HSET', run, 'ver', version, 'state', state, 'token', token, 'ended', ended)
  end
  if ended == '1' then
    put(over, id)
    redis.call('EXPIRE', run, '${KEPT_SECONDS}')
    redis.call('EXPIRE', events, '${KEPT_SECONDS}')
  elseif known[3] ~= ended then
    put(begun, now, id)
    if version > 1 then
      redis.call('PERSIST', run)
      redis.call('PERSIST', events)
    end
  end
  send()
  redis.pcall('PUBLISH', ARGV[3], event)
  acknowledge(source, entry)
  return 1, version
end
${REMEMBER_LUA}
for place = 1, 3 do redis.call('ZCARD', KEYS[place]) end
for place = 5, 6 do redis.call('XLEN', KEYS[place]) end
for _ = 1, count do answers[#answers + 1] = { decide() } end
if #indexed > 0 then
  redis.call('ZADD', KEYS[1], 'NX', unpack(indexed))
  redis.call('ZREMRANGEBYRANK', KEYS[1], '0', '-${KEPT_RUNS + 1}')
end
each('ZADD', KEYS[2], begun)
each('ZREM', KEYS[2], over)
each('ZADD', KEYS[3], set)
each('ZREM', KEYS[3], clear)
for name, words in pairs(open) do each('HSET', name, words) end
for source, entries in pairs(sources) do
  if #entries > 0 then
    redis.call('XACK', KEYS[source], ARGV[1], unpack(entries))
    redis.call('XDEL', KEYS[source], unpack(entries))
  end
end
if at < #ARGV then remember(KEYS[#KEYS - 1], KEYS[#KEYS]) end
return answers`,
  twin(redis, keys, argv) {
    const [group = "", fence = "", channel = "", count = ""] = argv;
    const batch: Batch = {
      keys,
      channel,
      isFenced: fence !== "" && redis.call("GET", keys[3] ?? "") !== fence,
      attempt: count === "1" ? redis.call : redis.pcall,
      nextKey: taker(keys.slice(6)),
      next: taker(argv.slice(4)),
      sources: new Map([5, 6].map((place) => [place, []])),
      lists: { set: [], clear: [], indexed: [], begun: [], over: [], open: new Map() },
    };
    for (const key of keys.slice(0, 3)) redis.call("ZCARD", key);
    for (const key of keys.slice(4, 6)) redis.call("XLEN", key);
    const answers = Array.from({ length: Number(count) }, () => decide(redis, batch));
    writeLists(redis, batch);
    for (const [place, entries] of batch.sources) {
      if (entries.length === 0) continue;
      redis.call("XACK", keys[place - 1] ?? "", group, ...entries);
      redis.call("XDEL", keys[place - 1] ?? "", ...entries);
    }
    remember(redis, batch, answers);
    return answers;
  },
};

interface Batch {
  readonly keys: readonly string[];
  readonly channel: string;
  readonly isFenced: boolean;
  readonly attempt: ScriptCaller["call"];
  nextKey(): string;
  next(): string;
  readonly sources: ReadonlyMap<number, string[]>;
  readonly lists: Lists;
}

/** What is written for all decisions at once, each list as the words of its command. */
interface Lists {
  readonly set: string[];
  readonly clear: string[];
  readonly indexed: string[];
  readonly begun: string[];
  readonly over: string[];
  /** By the key of an agent's open tasks. */
  readonly open: Map<string, string[]>;
}

function writeLists(redis: ScriptCaller, { keys, lists }: Batch): void {
  const [index = "", active = "", dueSet = ""] = keys;
  const each = (command: string, key: string, words: readonly string[]): void => {
    for (let at = 0; at < words.length; at += ARGUMENTS_AT_ONCE) {
      redis.call(command, key, ...words.slice(at, at + ARGUMENTS_AT_ONCE));
    }
  };
  if (lists.indexed.length > 0) {
    redis.call("ZADD", index, "NX", ...lists.indexed);
    redis.call("ZREMRANGEBYRANK", index, 0, -(KEPT_RUNS + 1));
  }
  each("ZADD", active, lists.begun);
  each("ZREM", active, lists.over);
  each("ZADD", dueSet, lists.set);
  each("ZREM", dueSet, lists.clear);
  for (const [key, words] of lists.open) each("HSET", key, words);
}

function taker(words: readonly string[]): () => string {
  let at = 0;
  return () => {
    at += 1;
    return words[at - 1] ?? "";
  };
}

/** The four lists of a decision. */
interface Outgoing {
  readonly set: readonly string[];
  readonly clear: readonly string[];
  readonly tasks: readonly { stream: string; open: string; words: readonly string[] }[];
  readonly notes: readonly (readonly string[])[];
}

function readOutgoing({ next, nextKey }: Batch): Outgoing {
  const words = (length: number): string[] => Array.from({ length }, next);
  const set = words(2 * Number(next()));
  const clear = words(Number(next()));
  const tasks = Array.from({ length: Number(next()) }, () => ({
    stream: nextKey(),
    open: nextKey(),
    words: words(3),
  }));
  return { set, clear, tasks, notes: Array.from({ length: Number(next()) }, () => words(2)) };
}

interface Decision {
  readonly run: string;
  readonly events: string;
  readonly expected: number;
  readonly id: string;
  readonly now: string;
  readonly ended: string;
  readonly origin: string;
  readonly state: string;
  readonly event: string;
  readonly source: number;
  readonly entry: string;
  readonly token: string;
  readonly outgoing: Outgoing;
}

/** Members are read in the order they are written in. */
function readDecision(batch: Batch): Decision {
  const { next, nextKey } = batch;
  return {
    ...{ run: nextKey(), events: nextKey() },
    ...{ expected: Number(next()), id: next(), now: next(), ended: next() },
    ...{ origin: next(), state: next(), event: next() },
    ...{ source: Number(next()), entry: next(), token: next() },
    outgoing: readOutgoing(batch),
  };
}

function decide(redis: ScriptCaller, batch: Batch): ScriptValue {
  const decision = readDecision(batch);
  const { run, events, event } = decision;
  const known = batch.attempt("HMGET", run, "ver", "token", "ended");
  if (!Array.isArray(known)) return [-2, 0];
  const present = Number(known[0] ?? "0");
  if (known[1] === decision.token) {
    batch.sources.get(decision.source)?.push(decision.entry);
    return [1, present];
  }
  if (batch.isFenced) return [-1, present];
  if (present !== decision.expected) return [0, present];
  if (!isSendable(batch, decision.outgoing)) return [-2, present];
  const version = present + 1;
  if (batch.attempt("XADD", events, `${version}-0`, "d", event) === null) return [-2, present];
  store(redis, batch.lists, decision, version);
  if (decision.ended === "1" || known[2] !== decision.ended) {
    markActive(redis, batch.lists, decision, version);
  }
  sendOutgoing(redis, batch.lists, decision.outgoing);
  redis.pcall("PUBLISH", batch.channel, event);
  batch.sources.get(decision.source)?.push(decision.entry);
  return [1, version];
}

/** Whether the keys of its tasks are of their types: nothing is written of a decision before. */
function isSendable({ attempt }: Batch, { tasks }: Outgoing): boolean {
  return tasks.every(
    ({ stream, open }) => attempt("XLEN", stream) !== null && attempt("HLEN", open) !== null,
  );
}

function store(
  redis: ScriptCaller,
  { indexed }: Lists,
  { run, state, token, ended, origin, now, id }: Decision,
  version: number,
): void {
  const fields = ["ver", version, "state", state, "token", token, "ended", ended];
  redis.call("HSET", run, ...fields, ...(origin === "" ? [] : ["origin", origin]));
  if (origin !== "") indexed.push(now, id);
}

/** A run is active until it has ended, and then kept for a while. */
function markActive(
  redis: ScriptCaller,
  { begun, over }: Lists,
  { run, events, ended, now, id }: Decision,
  version: number,
): void {
  if (ended === "1") {
    over.push(id);
    for (const key of [run, events]) redis.call("EXPIRE", key, KEPT_SECONDS);
    return;
  }
  begun.push(now, id);
  if (version > 1) for (const key of [run, events]) redis.call("PERSIST", key);
}

function sendOutgoing(redis: ScriptCaller, lists: Lists, outgoing: Outgoing): void {
  lists.set.push(...outgoing.set);
  lists.clear.push(...outgoing.clear);
  for (const { stream, open, words } of outgoing.tasks) {
    const [id = "", channel = "", message = ""] = words;
    const entry = redis.call("XADD", stream, "*", "d", message);
    const opened = lists.open.get(open) ?? [];
    opened.push(id, String(entry));
    lists.open.set(open, opened);
    redis.pcall("PUBLISH", channel, message);
  }
  for (const [channel = "", message = ""] of outgoing.notes) {
    redis.pcall("PUBLISH", channel, message);
  }
}
