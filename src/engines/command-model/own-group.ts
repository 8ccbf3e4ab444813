/**
 * A program in a process group of its own, so that one signal reaches whatever it has started.
 *
 * G1 A group of its own is not reached by what ends ours: a shell that waits at a pipe kills it when
 *    our end is closed, by whatever ended us.
 */
import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";

/** A program that was started, or could not be: its `error` event tells. */
export interface ProgramGroup {
  readonly child: ChildProcessWithoutNullStreams;
  /** Sends a signal to the program and to what it has started. */
  signal(name: "SIGTERM" | "SIGKILL"): void;
  /** Kills what the program has left behind; to be called once it has ended. */
  release(): void;
}

/** Starts a program without a shell; its standard streams are pipes. */
export function startGroup(
  program: string,
  words: readonly string[],
  place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): ProgramGroup {
  const { cwd, env } = place;
  const child = spawn(program, [...words], { cwd, env: { ...env }, detached: true, stdio: "pipe" });
  const reaper = startReaper(child.pid); // G1
  const signal = (name: "SIGTERM" | "SIGKILL"): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group is gone already.
    }
  };
  return {
    child,
    signal,
    release() {
      signal("SIGKILL");
      reaper?.stdin?.end("\n");
    },
  };
}

/** `read` fails when the pipe is closed without a word; a line says that all is done. */
function startReaper(group: number | undefined): ChildProcess | undefined {
  if (group === undefined) return undefined;
  const script = 'read -r _ || kill -s KILL -- "-$1"';
  const reaper = spawn("/bin/sh", ["-c", script, "aimie-reaper", String(group)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Without a shell the program is still ended by us, unless SIGKILL ends us.
  reaper.on("error", () => undefined);
  reaper.stdin?.on("error", () => undefined);
  reaper.unref();
  return reaper;
}
