import type { Script, ScriptCaller } from "./script.ts";

/** How many dead letters are kept, about. */
const KEPT_LETTERS = 2000;

/** The XADD that writes a dead letter, in Lua; `origin`, `reason` and `text` are expressions. */
export function addLetterLua(key: string, origin: string, reason: string, text: string): string {
  return `redis.call('XADD', ${key}, 'MAXLEN', '~', '${KEPT_LETTERS}', '*', 'origin', ${origin}, 'reason', ${reason}, 'text', ${text})`;
}

/** The same for a twin. */
export function addLetter(
  redis: ScriptCaller,
  key: string,
  letter: { readonly origin: string; readonly reason: string; readonly text: string },
): void {
  const limit = ["MAXLEN", "~", KEPT_LETTERS] as const;
  const { origin, reason, text } = letter;
  redis.call("XADD", key, ...limit, "*", "origin", origin, "reason", reason, "text", text);
}

/**
 * Takes an entry off its stream, to the dead letters when there is a reason, if the caller still
 * holds it. KEYS: stream, dead letters, fence. ARGV: group, entry, consumer, fencing token or "",
 * reason or "", text. Answers 1 when done, 0 when the entry is no longer pending, -1 when another
 * holds it or the token is an old one.
 */
export const setAsideScript: Script = {
  name: "aimieSetAside",
  lua: `local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], '1')
if #pending == 0 then return 0 end
if pending[1][2] ~= ARGV[3] then return -1 end
if ARGV[4] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[4] then return -1 end
if ARGV[5] ~= '' then ${addLetterLua("KEYS[2]", "KEYS[1]", "ARGV[5]", "ARGV[6]")} end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
return 1`,
  twin(redis, keys, argv) {
    const [stream = "", letters = "", fenceKey = ""] = keys;
    const [group = "", entry = "", consumer = "", fence = "", reason = "", text = ""] = argv;
    const pending = redis.call("XPENDING", stream, group, entry, entry, 1);
    const first = Array.isArray(pending) ? pending[0] : undefined;
    if (!Array.isArray(first)) return 0;
    if (first[1] !== consumer) return -1;
    if (fence !== "" && redis.call("GET", fenceKey) !== fence) return -1;
    if (reason !== "") addLetter(redis, letters, { origin: stream, reason, text });
    redis.call("XACK", stream, group, entry);
    redis.call("XDEL", stream, entry);
    return 1;
  },
};

/** How long the same unusable text on a topic counts as the same message, seconds. */
const SAME_LETTER_SECONDS = 60;

/**
 * Sets a published message aside, once although several listen.
 * KEYS: seen marker, dead letters. ARGV: topic, reason, text. Answers 1 when new, 0 when known.
 */
export const lodgeScript: Script = {
  name: "aimieLodge",
  lua: `local fresh = redis.call('SET', KEYS[1], '1', 'NX', 'EX', '${SAME_LETTER_SECONDS}')
if not fresh then return 0 end
${addLetterLua("KEYS[2]", "ARGV[1]", "ARGV[2]", "ARGV[3]")}
return 1`,
  twin(redis, keys, argv) {
    const [seen = "", letters = ""] = keys;
    const [origin = "", reason = "", text = ""] = argv;
    const fresh = redis.call("SET", seen, "1", "NX", "EX", SAME_LETTER_SECONDS);
    if (fresh === null) return 0;
    addLetter(redis, letters, { origin, reason, text });
    return 1;
  },
};

/**
 * Replays a dead letter: puts a text into a stream in exchange for the letter.
 * KEYS: dead letters, stream. ARGV: letter, text. Answers 1 when done, 0 when the letter is gone.
 */
export const replayScript: Script = {
  name: "aimieReplay",
  lua: `if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', 'd', ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[1])
return 1`,
  twin(redis, keys, argv) {
    const [letters = "", stream = ""] = keys;
    const [letter = "", text = ""] = argv;
    const found = redis.call("XRANGE", letters, letter, letter);
    if (!Array.isArray(found) || found.length === 0) return 0;
    redis.call("XADD", stream, "*", "d", text);
    redis.call("XDEL", letters, letter);
    return 1;
  },
};
