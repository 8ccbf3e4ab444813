import { createHash } from "node:crypto";
import type { RedisConnection } from "./connection.ts";
import type { Script } from "./scripts/script.ts";

const hashes = new Map<string, string>();

/** The SHA-1 under which a script is known to a server. */
function scriptHash(script: Script): string {
  const known = hashes.get(script.lua);
  if (known !== undefined) return known;
  const hash = createHash("sha1").update(script.lua).digest("hex");
  hashes.set(script.lua, hash);
  return hash;
}

/** Whether a stream or its group is gone: the server has lost its data, or somebody deleted it. */
export function isMissingGroup(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes("NOGROUP");
}

/** Runs a script by its hash, sending its text only when the server does not know it yet. */
export async function runScript(
  connection: RedisConnection,
  script: Script,
  keys: readonly string[],
  argv: readonly (string | number)[],
): Promise<unknown> {
  const rest = [keys.length, ...keys, ...argv] as const;
  try {
    return await connection.evalsha(scriptHash(script), ...rest);
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.startsWith("NOSCRIPT")) throw cause;
    return await connection.eval(script.lua, ...rest);
  }
}
