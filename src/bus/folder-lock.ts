import { DatabaseSync } from "node:sqlite";

/** A lock that the operating system releases when its holder ends, however it ends. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock at `path`; undefined when another living process holds it. SQLite's file lock is
 * used because Node offers no other one that a killed process gives back.
 */
export function takeFolderLock(path: string): FolderLock | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;");
  } catch {
    database.close();
    return undefined;
  }
  return {
    release() {
      database.close();
    },
  };
}
