import type {
  Spawner,
  WorkerProcess,
  WorkerProcessListener,
} from "../../src/agents/supervisor/spawn.ts";
import type { SupervisorMessage } from "../../src/protocol/control.ts";

/** A worker process that does only what a test tells it to. */
export interface FakeProcess {
  readonly program: string;
  readonly pid: number | undefined;
  /** What its supervisor did to it, in order: messages by their type, signals by their name. */
  readonly received: readonly string[];
  readonly messages: readonly SupervisorMessage[];
  readonly ended: boolean;
  become(activity: "starting" | "ready" | "busy" | "draining" | "stopped"): void;
  log(level: "info" | "warning" | "error", text: string): void;
  print(line: string): void;
  end(description?: string, exitCode?: number | null): void;
}

/** Starts no process; remembers what was asked for. */
export interface FakeSpawner {
  readonly spawner: Spawner;
  /** Every process ever started, oldest first. */
  readonly processes: readonly FakeProcess[];
  readonly living: readonly FakeProcess[];
  /** The newest process. */
  newest(): FakeProcess;
  /** From now on no process can be started: the operating system refuses. */
  refuse(): void;
}

export function fakeSpawner(): FakeSpawner {
  const processes: FakeProcess[] = [];
  let refuses = false;
  return {
    processes,
    get living() {
      return processes.filter((one) => !one.ended);
    },
    newest() {
      const newest = processes.at(-1);
      if (newest === undefined) throw new Error("no process was started");
      return newest;
    },
    refuse() {
      refuses = true;
    },
    spawner(program, listener) {
      const pid = refuses ? undefined : 1000 + processes.length;
      const [child, handle] = fakeProcess(program, pid, listener);
      processes.push(child);
      return handle;
    },
  };
}

function fakeProcess(
  program: string,
  pid: number | undefined,
  listener: WorkerProcessListener,
): readonly [FakeProcess, WorkerProcess] {
  const received: string[] = [];
  const messages: SupervisorMessage[] = [];
  let ended = false;
  const child: FakeProcess = {
    program,
    pid,
    received,
    messages,
    get ended() {
      return ended;
    },
    become: (activity) => listener.onMessage({ type: "activity", activity }),
    log: (level, text) => listener.onMessage({ type: "log", level, text }),
    print: (line) => listener.onLine(line),
    end(description = "exit code 1", exitCode = 1) {
      if (ended) throw new Error("a process ends once");
      ended = true;
      listener.onEnd(description, exitCode);
    },
  };
  const handle: WorkerProcess = {
    pid,
    send(message) {
      received.push(message.type);
      messages.push(message);
    },
    signal: (name) => void received.push(name),
  };
  return [child, handle];
}
