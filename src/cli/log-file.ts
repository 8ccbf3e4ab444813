import { join } from "node:path";
import { createStream } from "rotating-file-stream";
import { makeFolder } from "../base/make-folder.ts";
import { escapeText } from "../ui/escape-text.ts";

/** Size at which the log is rotated. */
const ROTATE_AT = "2M";

/** Older files kept. */
const KEPT_FILES = 3;

/** A log that never stops the program. */
export interface LogFile {
  readonly path: string;
  write(level: "info" | "warning" | "error", text: string): void;
  /** Resolves when everything has been written. */
  close(): Promise<void>;
}

/** Opens the log in a folder, which is made with mode 0700. */
export function openLogFile(folder: string, secrets: readonly string[]): LogFile {
  const path = join(folder, "aimie-console.log");
  makeFolder(folder);
  const stream = createStream("aimie-console.log", {
    path: folder,
    size: ROTATE_AT,
    maxFiles: KEPT_FILES,
    mode: 0o600,
  });
  // A full disk or a read-only folder must not take the program down with it.
  stream.on("error", () => undefined);
  const redact = (text: string): string =>
    secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
  return {
    path,
    write(level, text) {
      const line = { at: new Date().toISOString(), level, pid: process.pid, text: redact(text) };
      stream.write(`${escapeText(JSON.stringify(line))}\n`);
    },
    close() {
      return new Promise((resolve) => {
        stream.end(() => resolve());
      });
    },
  };
}
