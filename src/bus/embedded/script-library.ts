import { createHash } from "node:crypto";
import type { Script } from "../scripts/script.ts";

/** The scripts this broker can run, by the SHA-1 of their Lua text. */
export interface ScriptLibrary {
  /** The script of a digest; upper and lower case are the same. */
  bySha(sha: string): KnownScript | undefined;
  /** The script of a text, given as a byte string. */
  byText(text: string): KnownScript | undefined;
}

/** A script with its digest. */
export interface KnownScript {
  readonly sha: string;
  readonly script: Script;
}

/** A library of these scripts. */
export function scriptLibrary(scripts: readonly Script[]): ScriptLibrary {
  const known = new Map<string, KnownScript>();
  for (const script of scripts) {
    const sha = createHash("sha1").update(script.lua, "utf8").digest("hex");
    known.set(sha, { sha, script });
  }
  const bySha = (sha: string) => known.get(sha.toLowerCase());
  return {
    bySha,
    byText: (text) => bySha(createHash("sha1").update(text, "latin1").digest("hex")),
  };
}
