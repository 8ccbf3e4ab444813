import { beforeEach, describe, expect, test } from "vitest";
import {
  CLOSE_DEADLINE_MS,
  LAST_WORDS_MS,
  DRAIN_DEADLINE_MS as LONGEST_DRAIN_MS,
  stopLadder,
} from "../../src/agents/supervisor/deadlines.ts";
import type { SupervisedWorker } from "../../src/agents/supervisor/supervised-slot.ts";
import type { Supervisor } from "../../src/agents/supervisor/supervisor.ts";
import { startSupervisor } from "../../src/agents/supervisor/supervisor.ts";
import { CRASH_BUDGET } from "../../src/agents/supervisor/worker-state.ts";
import type { FakeSpawner } from "../support/fake-spawner.ts";
import { fakeSpawner } from "../support/fake-spawner.ts";
import type { HandClock } from "../support/hand-clock.ts";
import { handClock } from "../support/hand-clock.ts";
import { DRAIN_DEADLINE_MS, orderOf, slotOf } from "../support/worker-fixtures.ts";

let spawner: FakeSpawner;
let clock: HandClock;
let changes: SupervisedWorker[];
let logs: string[];
beforeEach(() => {
  spawner = fakeSpawner();
  clock = handClock();
  changes = [];
  logs = [];
});

function supervise(...agents: readonly Parameters<typeof orderOf>[0][]): Supervisor {
  return startSupervisor(
    agents.map((agent) => orderOf(agent)),
    { spawner: spawner.spawner, clock, random: { next: () => 0.5 } },
    {
      onChange: (worker) => changes.push(worker),
      onLog: (slot, level, text) => logs.push(`${slot} ${level}: ${text}`),
    },
  );
}

const statusNow = (): string | undefined => changes.at(-1)?.state.status;

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe("starting", () => {
  test("starts a process per order and configures it first of all", () => {
    supervise("qna", "viz");

    expect(spawner.processes.map(({ program }) => program)).toEqual([
      "/dist/qna-worker.js",
      "/dist/viz-worker.js",
    ]);
    expect(spawner.processes.map(({ messages }) => messages)).toEqual([
      [{ type: "configure", config: orderOf("qna").config }],
      [{ type: "configure", config: orderOf("viz").config }],
    ]);
  });

  test("follows what a worker says of itself", () => {
    supervise("qna");
    const child = spawner.newest();

    for (const activity of ["starting", "ready", "busy", "ready"] as const) child.become(activity);

    expect(changes.map(({ state }) => state.status)).toEqual([
      "starting",
      "ready",
      "busy",
      "ready",
    ]);
  });

  test("passes on what a worker logs and prints", () => {
    supervise("qna");

    spawner.newest().log("info", "hello");
    spawner.newest().print("(node:1) Warning");

    expect(logs).toEqual(["box:qna:0 info: hello", "box:qna:0 warning: (node:1) Warning"]);
  });
});

describe("a process that ends by itself", () => {
  test("is followed by a new one, at once", () => {
    supervise("qna");
    spawner.newest().become("busy");

    spawner.newest().end("killed by SIGSEGV");
    expect(spawner.living).toHaveLength(0);
    clock.advance(0);

    expect(spawner.living).toHaveLength(1);
    expect(logs).toEqual(["box:qna:0 error: its process ended: killed by SIGSEGV"]);
  });

  test("is followed by a new one only after a rest when it keeps ending", () => {
    supervise("qna");
    spawner.newest().end();
    clock.advance(0);

    spawner.newest().end();
    clock.advance(199);
    expect(spawner.living).toHaveLength(0);
    clock.advance(1);

    expect(spawner.living).toHaveLength(1);
  });

  test("keeps its last words, the newest ones", () => {
    supervise("qna");
    for (let line = 1; line <= 20; line += 1) spawner.newest().print(`line ${line}`);

    spawner.newest().end();

    expect(changes.at(-1)?.lastWords).toEqual(
      Array.from({ length: 12 }, (_, index) => `line ${index + 9}`),
    );
  });

  test("is given up after repeated crashes, and revived on the operator's wish", () => {
    const supervisor = supervise("qna");
    for (let crash = 0; crash < CRASH_BUDGET; crash += 1) {
      spawner.newest().end();
      clock.advance(1000);
    }
    expect(statusNow()).toBe("given-up");
    expect(clock.pendingTimers).toBe(0);

    supervisor.restart(slotOf("qna"));

    expect(statusNow()).toBe("starting");
    expect(spawner.living).toHaveLength(1);
  });

  test("is given up at once when it says that its configuration cannot be used", () => {
    supervise("qna");

    spawner.newest().end("exit code 78", 78);

    expect(changes.at(-1)?.state).toMatchObject({ status: "given-up", reason: "misconfigured" });
    expect(clock.pendingTimers).toBe(0);
  });

  test("counts as a crash when it could not even be started", () => {
    spawner.refuse();
    supervise("qna");

    spawner.newest().end("spawn EAGAIN");

    expect(statusNow()).toBe("restarting");
  });
});

describe("restarting on the operator's wish", () => {
  test("asks the worker to leave and starts the next one when it has", () => {
    const supervisor = supervise("qna");
    spawner.newest().become("busy");

    supervisor.restart(slotOf("qna"));
    expect(spawner.newest().received).toEqual(["configure", "drain"]);
    expect(spawner.processes).toHaveLength(1);
    spawner.newest().end("exit code 0");
    clock.advance(0);

    expect(spawner.processes).toHaveLength(2);
    expect(changes.at(-1)?.state.history.restarts).toBe(1);
  });

  test("leaves nothing of the ladder behind, however often it is asked for", () => {
    const supervisor = supervise("qna");
    supervisor.restart(slotOf("qna"));
    supervisor.restart(slotOf("qna"));
    const first = spawner.newest();

    first.end("exit code 0");
    clock.advance(0);
    clock.advance(60_000);

    expect(first.received).not.toContain("SIGTERM");
    expect(spawner.newest().received).toEqual(["configure"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("concerns one slot, and none that is unknown", () => {
    const supervisor = supervise("qna", "viz");

    supervisor.restart(slotOf("viz"));
    supervisor.restart(slotOf("simulation"));

    expect(spawner.processes.map(({ received }) => received)).toEqual([
      ["configure"],
      ["configure", "drain"],
    ]);
  });
});

describe("giving a slot back", () => {
  test("drains its worker only, and forgets the slot when it has left", async () => {
    const supervisor = supervise("qna", "viz");
    const [qna, viz] = spawner.processes;

    const released = supervisor.release(slotOf("qna"));
    expect(qna?.received).toEqual(["configure", "drain"]);
    expect(await isSettled(released)).toBe(false);
    qna?.end("exit code 0", 0);

    expect(await released).toBe(true);
    expect(viz?.received).toEqual(["configure"]);
    supervisor.restart(slotOf("qna"));
    expect(spawner.processes).toHaveLength(2);
  });

  test("is no matter of a supervisor that does not have it", async () => {
    expect(await supervise("qna").release(slotOf("viz"))).toBe(false);
  });
});

describe("the deadlines of a stop", () => {
  test("are each longer than the one inside, and all shorter than closing may take", () => {
    const { drainMs, termMs, killMs } = stopLadder(LONGEST_DRAIN_MS);
    const nest = [0, drainMs, termMs, killMs, killMs + LAST_WORDS_MS, CLOSE_DEADLINE_MS];

    expect(nest).toEqual([...new Set(nest)].sort((left, right) => left - right));
  });
});

describe("closing", () => {
  test("drains, then sends SIGTERM, then SIGKILL, each after its deadline", () => {
    const supervisor = supervise("qna");
    const child = spawner.newest();
    child.become("busy");

    void supervisor.close();
    const ladder = [[...child.received]];
    for (const ms of [DRAIN_DEADLINE_MS + 1999, 1, 1999, 1]) {
      clock.advance(ms);
      ladder.push([...child.received]);
    }

    expect(ladder).toEqual([
      ["configure", "drain"],
      ["configure", "drain"],
      ["configure", "drain", "SIGTERM"],
      ["configure", "drain", "SIGTERM"],
      ["configure", "drain", "SIGTERM", "SIGKILL"],
    ]);
  });

  test("ends only when no process is left", async () => {
    const supervisor = supervise("qna", "viz");
    const closing = supervisor.close();

    spawner.processes[0]?.end("exit code 0");
    expect(await isSettled(closing)).toBe(false);
    spawner.processes[1]?.end("exit code 0");

    await closing;
    expect(changes.slice(-1).map(({ state }) => state.status)).toEqual(["stopped"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("may be asked for twice; both wait for the same end", async () => {
    const supervisor = supervise("qna");

    const both = Promise.all([supervisor.close(), supervisor.close()]);
    spawner.newest().end("exit code 0");

    await both;
    expect(spawner.processes).toHaveLength(1);
  });

  test("does not call a worker's end a mishap", async () => {
    const supervisor = supervise("qna");
    const closing = supervisor.close();

    spawner.newest().end("exit code 0");

    await closing;
    expect(logs).toEqual([]);
  });

  test("calls off the restart of a worker that has crashed", async () => {
    const supervisor = supervise("qna");
    spawner.newest().end();

    await supervisor.close();
    clock.advance(60_000);

    expect(spawner.living).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is final: no slot is started again", async () => {
    const supervisor = supervise("qna");
    const closing = supervisor.close();
    supervisor.restart(slotOf("qna"));
    spawner.newest().end("exit code 0");
    await closing;

    supervisor.restart(slotOf("qna"));
    clock.advance(60_000);

    expect(spawner.living).toHaveLength(0);
  });

  test("waits for nobody when the last process has been killed", async () => {
    const supervisor = supervise("qna");

    supervisor.killAll();
    expect(spawner.newest().received).toEqual(["configure", "SIGKILL"]);
    const closing = supervisor.close();
    spawner.newest().end("killed by SIGKILL");

    await closing;
  });
});
