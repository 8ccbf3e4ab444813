import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing, for the owner alone. Not Node's own recursive
 * `mkdir`: that tries for ever where a file system denies a child of a folder it has, as /proc does.
 * @throws the system's error, such as EACCES, ENOENT or ENOTDIR.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    // Somebody else made it at the same moment.
    if (!existsSync(path)) throw cause;
  }
}
