import { describe, expect, test } from "vitest";
import type {
  WorkerEffect,
  WorkerSign,
  WorkerState,
} from "../../src/agents/supervisor/worker-state.ts";
import {
  CRASH_BUDGET,
  CRASH_WINDOW_MS,
  NEW_WORKER,
  reduceWorker,
} from "../../src/agents/supervisor/worker-state.ts";

/** Chance in the middle: no jitter. */
const random = { next: () => 0.5 };

const history = { restarts: 2, crashesAt: [50] };
const STATES = {
  new: { status: "starting", pid: null, history },
  starting: { status: "starting", pid: 7, history },
  ready: { status: "ready", pid: 7, readyAt: 40, history },
  busy: { status: "busy", pid: 7, readyAt: 40, history },
  draining: { status: "draining", pid: 7, history },
  restarting: { status: "restarting", dueAt: 90, history },
  stopped: { status: "stopped", history },
  "given-up": { status: "given-up", reason: "crash-loop", history },
} as const satisfies Record<string, WorkerState>;

const SIGNS = {
  spawned: { type: "process-spawned", pid: 8 },
  ready: { type: "activity-changed", activity: "ready", at: 100 },
  busy: { type: "activity-changed", activity: "busy", at: 100 },
  ended: { type: "process-ended", at: 100, exitCode: 1 },
  due: { type: "restart-due" },
  drain: { type: "drain-requested" },
  restart: { type: "restart-requested" },
} as const satisfies Record<string, WorkerSign>;

type StateName = keyof typeof STATES;
type SignName = keyof typeof SIGNS;

/** What each sign leads to in each state, where it leads anywhere. */
const TRANSITIONS: readonly (readonly [StateName, SignName, string, readonly string[]])[] = [
  ["new", "spawned", "starting", []],
  ["starting", "spawned", "starting", []],
  ["starting", "ready", "ready", []],
  ["starting", "busy", "busy", []],
  ["ready", "busy", "busy", []],
  ["busy", "ready", "ready", []],
  ["new", "ended", "restarting", ["schedule-restart"]],
  ["starting", "ended", "restarting", ["schedule-restart"]],
  ["ready", "ended", "restarting", ["schedule-restart"]],
  ["busy", "ended", "restarting", ["schedule-restart"]],
  ["draining", "ended", "stopped", []],
  ["restarting", "due", "starting", ["spawn"]],
  ["new", "drain", "draining", ["stop-process"]],
  ["starting", "drain", "draining", ["stop-process"]],
  ["ready", "drain", "draining", ["stop-process"]],
  ["busy", "drain", "draining", ["stop-process"]],
  ["restarting", "drain", "stopped", []],
  ["given-up", "drain", "stopped", []],
  ["new", "restart", "starting", ["stop-process"]],
  ["starting", "restart", "starting", ["stop-process"]],
  ["ready", "restart", "ready", ["stop-process"]],
  ["busy", "restart", "busy", ["stop-process"]],
  ["stopped", "restart", "starting", ["spawn"]],
  ["given-up", "restart", "starting", ["spawn"]],
];

/** Signs that say nothing new in a state, or come too late for it. */
const IGNORED = (Object.keys(STATES) as StateName[]).flatMap((state) =>
  (Object.keys(SIGNS) as SignName[])
    .filter((sign) => !TRANSITIONS.some(([from, by]) => from === state && by === sign))
    .filter((sign) => `${state} ${sign}` !== "ready ready" && `${state} ${sign}` !== "busy busy")
    .filter((sign) => `${state} ${sign}` !== "restarting ended")
    .map((sign) => [state, sign] as const),
);

test.each(TRANSITIONS)("a %s worker that hears %s is %s", (from, sign, status, effects) => {
  const [state, following] = reduceWorker(STATES[from], SIGNS[sign], random);

  expect(state.status).toBe(status);
  expect(following.map(({ type }) => type)).toEqual(effects);
});

test.each(IGNORED)("a %s worker takes no notice of %s", (from, sign) => {
  expect(reduceWorker(STATES[from], SIGNS[sign], random)).toEqual([STATES[from], []]);
});

test("remembers the process and when it became ready", () => {
  const [spawned] = reduceWorker(NEW_WORKER, SIGNS.spawned, random);
  const [ready] = reduceWorker(spawned, SIGNS.ready, random);
  const [busy] = reduceWorker(ready, { ...SIGNS.busy, at: 900 }, random);

  expect(busy).toMatchObject({ status: "busy", pid: 8, readyAt: 100 });
});

describe("a worker that crashes", () => {
  /** Crashes at the given times, each restart taken at once; answers the delays and the end. */
  function crash(times: readonly number[], start: WorkerState = NEW_WORKER) {
    let state = start;
    const effects: WorkerEffect[] = [];
    for (const at of times) {
      const [ended, following] = reduceWorker(
        state,
        { type: "process-ended", at, exitCode: null },
        random,
      );
      effects.push(...following);
      [state] = reduceWorker(ended, { type: "restart-due" }, random);
    }
    const delays = effects.flatMap((one) => (one.type === "schedule-restart" ? one.delayMs : []));
    return { state, delays };
  }

  test("is restarted at once the first time, then after longer and longer", () => {
    expect(crash([0, 10, 20, 30]).delays).toEqual([0, 200, 400, 800]);
  });

  test("is restarted at once again when it has held out for the window", () => {
    expect(crash([0, CRASH_WINDOW_MS, 2 * CRASH_WINDOW_MS]).delays).toEqual([0, 0, 0]);
  });

  test("is given up when it has used up its budget", () => {
    const times = Array.from({ length: CRASH_BUDGET }, (_, index) => index);

    expect(crash(times).state).toEqual({
      status: "given-up",
      reason: "crash-loop",
      history: { restarts: CRASH_BUDGET - 1, crashesAt: times },
    });
  });

  test("is not given up for crashes that lie apart", () => {
    const times = Array.from({ length: 50 }, (_, index) => (index * CRASH_WINDOW_MS) / 4);

    expect(crash(times).state).toMatchObject({ status: "starting", history: { restarts: 50 } });
  });

  test("starts with a clean slate when the operator revives it", () => {
    const times = Array.from({ length: CRASH_BUDGET }, (_, index) => index);
    const [revived] = reduceWorker(crash(times).state, SIGNS.restart, random);

    expect(revived.history).toEqual({ restarts: CRASH_BUDGET, crashesAt: [] });
    expect(crash([100, 110], revived).delays).toEqual([0, 200]);
  });

  test("is started again without delay when the operator has it restarted", () => {
    const crashed = { ...STATES.busy, history: { restarts: 3, crashesAt: [1, 2, 3] } };
    const [stopping] = reduceWorker(crashed, SIGNS.restart, random);

    expect(crash([100], stopping)).toMatchObject({
      delays: [0],
      state: { history: { restarts: 4, crashesAt: [100] } },
    });
  });

  test("says when the next try is due", () => {
    const [state] = reduceWorker(STATES.ready, SIGNS.ended, random);

    expect(state).toMatchObject({ status: "restarting", dueAt: 300 });
  });
});
