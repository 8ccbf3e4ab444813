import { addLetter, addLetterLua } from "./dead-letter.ts";
import type { Script } from "./script.ts";

/**
 * Hands in a task's result and takes the task off the queue, if the caller still holds it.
 * KEYS: task stream, result stream, open tasks, dead letters. ARGV: group, entry, consumer, result
 * JSON, result channel, task id, whether a run waits for it 0/1, then why the task is given up for
 * good or "", and its text.
 * Answers 1 when taken, 0 when the task is no longer pending, -1 when another worker holds it.
 * Order: validate, result, dead letter, mirror, acknowledge last.
 */
export const completeScript: Script = {
  name: "aimieComplete",
  lua: `local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], '1')
if #pending == 0 then return 0 end
if pending[1][2] ~= ARGV[3] then return -1 end
if ARGV[7] == '1' then redis.call('XADD', KEYS[2], '*', 'd', ARGV[4]) end
if ARGV[8] ~= '' then ${addLetterLua("KEYS[4]", "KEYS[1]", "ARGV[8]", "ARGV[9]")} end
redis.call('HDEL', KEYS[3], ARGV[6])
redis.pcall('PUBLISH', ARGV[5], ARGV[4])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
return 1`,
  twin(redis, keys, argv) {
    const [tasks = "", results = "", open = "", letters = ""] = keys;
    const [group = "", entry = "", consumer = "", result = "", channel = "", taskId = ""] = argv;
    const [awaited, reason = "", text = ""] = argv.slice(6);
    const pending = redis.call("XPENDING", tasks, group, entry, entry, 1);
    const first = Array.isArray(pending) ? pending[0] : undefined;
    if (!Array.isArray(first)) return 0;
    if (first[1] !== consumer) return -1;
    if (awaited === "1") redis.call("XADD", results, "*", "d", result);
    if (reason !== "") addLetter(redis, letters, { origin: tasks, reason, text });
    redis.call("HDEL", open, taskId);
    redis.pcall("PUBLISH", channel, result);
    redis.call("XACK", tasks, group, entry);
    redis.call("XDEL", tasks, entry);
    return 1;
  },
};
