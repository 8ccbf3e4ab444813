/** What a child process says until it ends. */
import type { ChildProcess } from "node:child_process";

/** How a product ended and what it said. */
export interface Ended {
  /** The exit code; null after a deadly signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child that is listened to. */
export interface Heard {
  readonly ended: Promise<Ended>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
}

/** Collects what a child writes on its pipes; `ended` rejects when it could not be started. */
export function listenTo(child: ChildProcess): Heard {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { ended, stdout: () => stdout, stderr: () => stderr };
}
