import { addLetter, addLetterLua } from "./dead-letter.ts";
import type { Script, ScriptCaller, ScriptValue } from "./script.ts";

/** Arguments of a hand-in. */
const WIDTH = 6;

/**
 * Hands in the results of tasks and takes the tasks off the queue, those the caller still holds.
 * KEYS: task stream, result stream, open tasks, dead letters. ARGV: group, consumer, result channel;
 * then per task: entry, task id, whether a run waits for it 0/1, result JSON, and why the task is
 * given up for good or "", with its text.
 * Answers for each 1 when taken, 0 when the task is no longer pending, -1 when another worker holds
 * it.
 * Order: for each task validate, result, dead letter, mirror; then acknowledge all of them. One that is
 * named twice counts once. What was handed in before a refused write stays so.
 */
export const completeScript: Script = {
  name: "aimieComplete",
  lua: `local answers, ids, entries, taken = {}, {}, {}, {}
local function handIn(at)
  local entry, result = ARGV[at], ARGV[at + 3]
  if taken[entry] then return 0 end
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], entry, entry, '1')
  if #pending == 0 then return 0 end
  if pending[1][2] ~= ARGV[2] then return -1 end
  if ARGV[at + 2] == '1' then redis.call('XADD', KEYS[2], '*', 'd', result) end
  if ARGV[at + 4] ~= '' then ${addLetterLua("KEYS[4]", "KEYS[1]", "ARGV[at + 4]", "ARGV[at + 5]")} end
  redis.pcall('PUBLISH', ARGV[3], result)
  taken[entry] = true
  ids[#ids + 1] = ARGV[at + 1]
  entries[#entries + 1] = entry
  return 1
end
local well, answer = true
for at = 4, #ARGV, ${WIDTH} do
  well, answer = pcall(handIn, at)
  if not well then break end
  answers[#answers + 1] = answer
end
if #entries > 0 then
  redis.call('HDEL', KEYS[3], unpack(ids))
  redis.call('XACK', KEYS[1], ARGV[1], unpack(entries))
  redis.call('XDEL', KEYS[1], unpack(entries))
end
if not well then error(answer) end
return answers`,
  twin(redis, keys, argv) {
    const [tasks = "", , open = ""] = keys;
    const taken: Taken = new Map();
    const answers: ScriptValue[] = [];
    try {
      for (let at = 3; at < argv.length; at += WIDTH) {
        const words = [...argv.slice(0, 3), ...argv.slice(at, at + WIDTH)];
        answers.push(handIn(redis, keys, words, taken));
      }
    } finally {
      if (taken.size > 0) {
        redis.call("HDEL", open, ...taken.values());
        redis.call("XACK", tasks, argv[0] ?? "", ...taken.keys());
        redis.call("XDEL", tasks, ...taken.keys());
      }
    }
    return answers;
  },
};

/** Ids of the tasks that were handed in, by entry. */
type Taken = Map<string, string>;

function handIn(
  redis: ScriptCaller,
  [tasks = "", results = "", , letters = ""]: readonly string[],
  [group = "", consumer = "", channel = "", entry = "", id = "", ...rest]: readonly string[],
  taken: Taken,
): number {
  const [awaited = "", result = "", reason = "", text = ""] = rest;
  if (taken.has(entry)) return 0;
  const pending = redis.call("XPENDING", tasks, group, entry, entry, 1);
  const first = Array.isArray(pending) ? pending[0] : undefined;
  if (!Array.isArray(first)) return 0;
  if (first[1] !== consumer) return -1;
  if (awaited === "1") redis.call("XADD", results, "*", "d", result);
  if (reason !== "") addLetter(redis, letters, { origin: tasks, reason, text });
  redis.pcall("PUBLISH", channel, result);
  taken.set(entry, id);
  return 1;
}
