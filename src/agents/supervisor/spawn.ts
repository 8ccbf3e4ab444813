/** A worker's process, seen from its parent: a narrow port and its adapter. */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import type { SupervisorMessage, WorkerMessage } from "../../protocol/control.ts";
import { workerMessageSchema } from "../../protocol/control.ts";
import { LAST_WORDS_MS } from "./deadlines.ts";

/** What a supervisor can do with a process. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  send(message: SupervisorMessage): void;
  /** Sends a signal to the process and everything it started. */
  signal(name: "SIGTERM" | "SIGKILL"): void;
}

/** What a supervisor hears of a process. */
export interface WorkerProcessListener {
  onMessage(message: WorkerMessage): void;
  /** A line of its output. */
  onLine(line: string): void;
  /** Called once; nothing follows. `exitCode` is null when a signal ended it, or it never began. */
  onEnd(description: string, exitCode: number | null): void;
}

/** Starts workers. */
export type Spawner = (program: string, listener: WorkerProcessListener) => WorkerProcess;

/** Longest line of output that is passed on; the rest of a longer one is dropped. */
const MAXIMUM_LINE = 16_384;

/**
 * Starts a worker as a child process leading a group of its own, so that one signal reaches its
 * tool server too. Its output comes through pipes: nothing of ours may write to the terminal.
 */
export function processSpawner(environment: Readonly<Record<string, string>>): Spawner {
  return (program, listener) => {
    const child = fork(program, [], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...environment },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    let ended = false;
    const end = (description: string, exitCode: number | null): void => {
      if (ended) return;
      ended = true;
      listener.onEnd(description, exitCode);
    };
    child.on("error", (cause) => end(cause.message, null));
    child.on("exit", (code, signal) => {
      signalGroup(child, "SIGKILL"); // What the worker may have left behind.
      const description = signal === null ? `exit code ${code}` : `killed by ${signal}`;
      // Its last words may still be in the pipes; they are not waited for without end.
      child.once("close", () => end(description, code));
      setTimeout(() => end(description, code), LAST_WORDS_MS).unref();
    });
    child.on("message", (value) => {
      const message = workerMessageSchema.safeParse(value);
      if (message.success) listener.onMessage(message.data);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) readLines(stream, listener.onLine);
    }
    return {
      pid: child.pid,
      send(message) {
        // A process that is going away no longer listens; its end is told by onEnd.
        if (child.connected) child.send(message, () => undefined);
      },
      signal: (name) => signalGroup(child, name),
    };
  };
}

function signalGroup(child: ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group is gone already.
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAXIMUM_LINE);
    for (const line of lines) {
      if (line.trim() !== "") onLine(line.slice(0, MAXIMUM_LINE));
    }
  });
  stream.on("end", () => {
    if (rest.trim() !== "") onLine(rest);
  });
}
