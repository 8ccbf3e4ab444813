/** Where agents of the user's own lie. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { MANIFEST } from "../engines/custom-agent/manifest.ts";

/** The manifests below the project's and the user's folder, by name; the project's wins. Opens none. */
export function agentFiles(configFolder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const folder of [join(configFolder, "agents"), resolve("agents")]) {
    for (const name of namesIn(folder)) files.set(name, join(folder, name, MANIFEST));
  }
  return files;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, MANIFEST)))
      .sort();
  } catch {
    return []; // There is no such folder.
  }
}
