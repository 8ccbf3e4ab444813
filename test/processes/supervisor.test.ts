import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { processSpawner } from "../../src/agents/supervisor/spawn.ts";
import type { SupervisedWorker, WorkerOrder } from "../../src/agents/supervisor/supervised-slot.ts";
import type { Supervisor } from "../../src/agents/supervisor/supervisor.ts";
import { startSupervisor } from "../../src/agents/supervisor/supervisor.ts";
import { CRASH_BUDGET } from "../../src/agents/supervisor/worker-state.ts";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { workerConfigSchema } from "../../src/protocol/control.ts";
import { waitUntil } from "../support/wait-until.ts";

const program = join(import.meta.dirname, "../fixtures/programs/worker.mjs");

const doomedParent = join(import.meta.dirname, "../fixtures/programs/doomed-parent.ts");

type Behaviour = "obedient" | "diligent" | "deaf" | "stubborn" | "parent" | "crashing" | "babbling";

interface Crew {
  readonly supervisor: Supervisor;
  readonly slot: WorkerOrder["config"]["slot"];
  /** How the slot stood, change by change. */
  readonly changes: readonly SupervisedWorker[];
  readonly logs: readonly string[];
  now(): SupervisedWorker;
  /** Waits until the slot is in a state. */
  until(status: SupervisedWorker["state"]["status"]): Promise<SupervisedWorker>;
  untilLogged(text: RegExp): Promise<string>;
}

/** Puts one worker under supervision. */
function supervise(behaviour: Behaviour): Crew {
  const config = workerConfigSchema.parse({
    slot: "host:qna:0",
    agent: "qna",
    version: behaviour,
    host: "host",
    busAddress: "unix:/nowhere",
    namespace: "default",
    leaseMs: 1000,
    drainDeadlineMs: 1,
    artifactFolder: "/nowhere",
    modelFolders: [],
    commandModels: { trustFile: "/trusted", environment: {} },
    definitionHashes: {},
    toolServerProgram: "",
    compileCacheFolder: "",
  });
  const changes: SupervisedWorker[] = [];
  const logs: string[] = [];
  const supervisor = startSupervisor(
    [{ program, config }],
    { spawner: processSpawner({}), clock: systemClock, random: systemRandom },
    {
      onChange: (worker) => changes.push(worker),
      onLog: (_slot, level, text) => logs.push(`${level}: ${text}`),
    },
  );
  onTestFinished(async () => {
    supervisor.killAll();
    await supervisor.close();
  });
  return {
    supervisor,
    slot: config.slot,
    changes,
    logs,
    now: () => changes.at(-1)!,
    until: (status) =>
      waitUntil(`the worker is ${status}`, () => {
        const last = changes.at(-1);
        return last?.state.status === status && last;
      }),
    untilLogged: (text) =>
      waitUntil(`${text} is logged`, () => logs.find((line) => text.test(line))),
  };
}

function pidOf({ state }: SupervisedWorker): number {
  if (!("pid" in state) || state.pid === null) throw new Error(`${state.status} has no process`);
  return state.pid;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const statusesOf = ({ changes }: Crew): readonly string[] =>
  changes
    .map(({ state }) => state.status)
    .filter((status, index, all) => status !== all[index - 1]);

test("starts a worker again at once when it is killed", async () => {
  const crew = supervise("obedient");
  const first = pidOf(await crew.until("ready"));
  process.kill(first, "SIGKILL");
  const second = await waitUntil("there is another process", () => {
    const { state } = crew.now();
    return state.status === "ready" && state.pid !== first && state;
  });
  expect(second.history.restarts).toBe(1);
  expect(statusesOf(crew)).toEqual(["starting", "ready", "restarting", "starting", "ready"]);
  expect(await crew.untilLogged(/its process ended: killed by SIGKILL/)).toMatch(/^error/);
});

test("gives a worker up that keeps crashing, with its last words", async () => {
  const crew = supervise("crashing");
  const { state, lastWords } = await crew.until("given-up");
  expect(state.history.crashesAt).toHaveLength(CRASH_BUDGET);
  expect(lastWords.at(-1)).toBe("cannot read my own configuration");
  expect(await crew.untilLogged(/exit code 3/)).toMatch(/^error/);
  crew.supervisor.restart(crew.slot);
  expect(crew.now().state.status).toBe("starting");
});

test("lets a worker finish what it has in hand", async () => {
  const crew = supervise("diligent");
  await crew.until("busy");
  await crew.supervisor.close();
  expect(crew.now().state.status).toBe("stopped");
  expect(crew.logs).toContain("info: the work is done");
  expect(crew.logs.join()).not.toContain("its process ended");
});

test("sends SIGTERM to a worker that does not listen", async () => {
  const crew = supervise("deaf");
  const pid = pidOf(await crew.until("ready"));
  await crew.supervisor.close();
  expect(isRunning(pid)).toBe(false);
  expect(crew.now().state.status).toBe("stopped");
});

test("sends SIGKILL to a worker that resists", async () => {
  const crew = supervise("stubborn");
  const pid = pidOf(await crew.until("ready"));
  await crew.supervisor.close();
  expect(isRunning(pid)).toBe(false);
  expect(crew.logs).toContain("warning: no");
});

test("takes what a worker has started along with it", async () => {
  const crew = supervise("parent");
  const child = Number((await crew.untilLogged(/child \d+/)).split(" ").at(-1));
  expect(isRunning(child)).toBe(true);
  await crew.supervisor.close();
  await waitUntil("the worker's child is gone", () => !isRunning(child));
});

test("takes what a killed worker has started along before it starts it anew", async () => {
  const crew = supervise("parent");
  const child = Number((await crew.untilLogged(/child \d+/)).split(" ").at(-1));
  process.kill(pidOf(crew.now()), "SIGKILL");
  await waitUntil("the worker's child is gone", () => !isRunning(child));
  await crew.until("ready");
});

test("restarts a worker on request, one process after the other", async () => {
  const crew = supervise("obedient");
  const first = pidOf(await crew.until("ready"));
  crew.supervisor.restart(crew.slot);
  await waitUntil("there is another process", () => {
    const { state } = crew.now();
    return state.status === "ready" && state.pid !== first;
  });
  expect(isRunning(first)).toBe(false);
});

test("is not harmed by what a worker says", async () => {
  const crew = supervise("babbling");
  await crew.untilLogged(/still here/);
  expect(crew.now().state.status).toBe("ready");
  const words = await crew.untilLogged(/x{100}/);
  expect(words.length).toBeLessThan(20_000);
});

test("a worker that is busy without end goes with its killed parent, its own child along", async () => {
  const parent = spawn(process.execPath, [doomedParent], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  let said = "";
  parent.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [worker, child] = await waitUntil("the worker spins", () => {
    const [, first, second] = /spinning (\d+) (\d+)\n/.exec(said) ?? [];
    return first !== undefined && second !== undefined && [Number(first), Number(second)];
  });

  parent.kill("SIGKILL");

  await waitUntil("both are gone", () => [worker, child].every((pid) => !isRunning(pid ?? 0)));
});

test("ends every process at once when asked to", async () => {
  const crew = supervise("stubborn");
  const pid = pidOf(await crew.until("ready"));
  const closed = crew.supervisor.close();
  crew.supervisor.killAll();
  await closed;
  expect(isRunning(pid)).toBe(false);
});
