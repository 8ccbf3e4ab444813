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
 * Order for each task: validate, result, dead letter, mirror, acknowledge last. A task is off the
 * queue before the next is looked at, so one that is named twice counts once, and what was handed in
 * before a refused write stays so.
 */
export const completeScript: Script = {
  name: "aimieComplete",
  lua: `local answers = {}
for at = 4, #ARGV, ${WIDTH} do
  local entry, result = ARGV[at], ARGV[at + 3]
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], entry, entry, '1')
  if #pending == 0 then
    answers[#answers + 1] = 0
  elseif pending[1][2] ~= ARGV[2] then
    answers[#answers + 1] = -1
  else
    if ARGV[at + 2] == '1' then redis.call('XADD', KEYS[2], '*', 'd', result) end
    if ARGV[at + 4] ~= '' then ${addLetterLua("KEYS[4]", "KEYS[1]", "ARGV[at + 4]", "ARGV[at + 5]")} end
    redis.pcall('PUBLISH', ARGV[3], result)
    redis.call('HDEL', KEYS[3], ARGV[at + 1])
    redis.call('XACK', KEYS[1], ARGV[1], entry)
    redis.call('XDEL', KEYS[1], entry)
    answers[#answers + 1] = 1
  end
end
return answers`,
  twin(redis, keys, argv) {
    const answers: ScriptValue[] = [];
    for (let at = 3; at < argv.length; at += WIDTH) {
      answers.push(handIn(redis, keys, [...argv.slice(0, 3), ...argv.slice(at, at + WIDTH)]));
    }
    return answers;
  },
};

function handIn(
  redis: ScriptCaller,
  [tasks = "", results = "", open = "", letters = ""]: readonly string[],
  [group = "", consumer = "", channel = "", entry = "", id = "", ...rest]: readonly string[],
): number {
  const [awaited = "", result = "", reason = "", text = ""] = rest;
  const pending = redis.call("XPENDING", tasks, group, entry, entry, 1);
  const first = Array.isArray(pending) ? pending[0] : undefined;
  if (!Array.isArray(first)) return 0;
  if (first[1] !== consumer) return -1;
  if (awaited === "1") redis.call("XADD", results, "*", "d", result);
  if (reason !== "") addLetter(redis, letters, { origin: tasks, reason, text });
  redis.pcall("PUBLISH", channel, result);
  redis.call("HDEL", open, id);
  redis.call("XACK", tasks, group, entry);
  redis.call("XDEL", tasks, entry);
  return 1;
}
