import { setImmediate } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { RunFollower } from "../../src/console/run-follower.ts";
import { fitOf, withEvent, withProgress } from "../../src/console/run-view.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import { historyOf } from "../../src/orchestrator/history.ts";
import { runIdSchema, stepKeySchema, taskIdOf } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { RunEventData } from "../../src/protocol/run-events.ts";
import { deferred } from "../support/deferred.ts";
import { run1, run2, session2, succeedingRun } from "../support/session-fixtures.ts";

const names = namesOf("default");
const events = succeedingRun();
const requested = events[0] as RunEventData;

/** The text of an event as it goes over the bus. */
function textOf(data: RunEventData, change: object = {}): string {
  return JSON.stringify({
    specversion: "1.0",
    id: `${data.runId}.${data.seq}`,
    source: "box:orchestrator:0",
    type: "aimie.run-event.v1",
    time: "2026-11-22T09:30:00Z",
    via: "stream",
    data,
    ...change,
  });
}

/** The streams of a bus, read with `xrange`; an answer can be held back. */
class FakeStreams {
  readonly texts: string[] = [];
  reads = 0;
  hold: Promise<void> | undefined;
  problem: Error | undefined;

  async xrange(_key: string, start: string): Promise<[string, string[]][]> {
    this.reads += 1;
    if (this.problem !== undefined) throw this.problem;
    const found = this.texts.flatMap((text, index): [string, string[]][] =>
      index + 1 >= Number.parseInt(start, 10) ? [[`${index + 1}-0`, ["d", text]]] : [],
    );
    await this.hold;
    return found;
  }
}

let streams: FakeStreams;
let seen: string[];
let problems: unknown[];
let followed: string;
let follower: RunFollower;
beforeEach(() => {
  streams = new FakeStreams();
  seen = [];
  problems = [];
  followed = "S1";
  follower = new RunFollower(streams as unknown as RedisConnection, names, {
    follows: (sessionId) => sessionId === followed,
    onEvent: (_before, after, data) => seen.push(`${data.runId} ${data.seq} ${after.state.status}`),
    onGap: () => seen.push("gap"),
    onProblem: (cause) => problems.push(cause),
  });
});

const hear = (...data: readonly RunEventData[]): void => {
  for (const one of data) follower.receive(textOf(one));
};
const store = (...data: readonly RunEventData[]): void => {
  streams.texts.push(...data.map((one) => textOf(one)));
};
const ALL = ["R1 1 running", "R1 2 running", "R1 3 succeeded"];

test("folds in events as they come, without reading the stream", () => {
  hear(...events);

  expect(seen).toEqual(ALL);
  expect(streams.reads).toBe(0);
  expect(follower.runs.get(run1)?.state).toEqual(fold(events.map(({ event }) => event)));
});

test("takes each event once", () => {
  hear(...events, ...events);

  expect(seen).toEqual(ALL);
});

test("reads what is missing when there is a gap, and tells of it", async () => {
  store(...events);
  hear(requested);

  hear(events[2] as RunEventData);
  await setImmediate();

  expect(seen).toEqual(["R1 1 running", "gap", "R1 2 running", "R1 3 succeeded"]);
});

test("reads the beginning of a run that it hears of late", async () => {
  store(...events);

  hear(events[1] as RunEventData);
  await setImmediate();

  expect(seen).toEqual(ALL);
});

test("does not lose an event that comes while it is reading", async () => {
  const held = deferred();
  store(...events.slice(0, 2));
  streams.hold = held.promise;
  const loading = follower.catchUp(run1);

  store(events[2] as RunEventData);
  hear(events[2] as RunEventData);
  held.resolve();
  await loading;

  expect(seen).toEqual(ALL);
});

test("reads once more when asked to catch up while it is reading", async () => {
  const held = deferred();
  store(requested);
  hear(requested);
  streams.hold = held.promise;
  const loading = follower.catchUp(run1);

  store(...events.slice(1));
  const again = follower.catchUp(run1);
  held.resolve();
  await Promise.all([loading, again]);

  expect(seen).toEqual(ALL);
});

test("reports a read that failed and tries again at the next event", async () => {
  store(...events);
  streams.problem = new Error("the connection was closed");
  hear(events[1] as RunEventData);
  await setImmediate();
  expect(problems).toEqual([streams.problem]);

  streams.problem = undefined;
  hear(events[2] as RunEventData);
  await setImmediate();

  expect(seen).toEqual(ALL);
});

test("leaves runs of other sessions alone, and does not read them again and again", async () => {
  followed = "another";
  store(...events);

  hear(...events);
  hear(events[2] as RunEventData);
  await follower.catchUp(run1);

  expect(seen).toEqual([]);
  expect(streams.reads).toBe(1);
  expect(follower.runs.size).toBe(0);
});

test("follows a run it had left alone when its session is opened", async () => {
  followed = session2;
  store(...events);
  hear(requested);

  followed = "S1";
  follower.clear();
  hear(events[2] as RunEventData);
  await setImmediate();

  expect(seen).toEqual(ALL);
});

test("takes a picture from elsewhere unless it knows more itself", () => {
  hear(...events);
  const known = follower.runs.get(run1);
  if (known === undefined) throw new Error("the run is known");

  follower.adopt({ ...known, seq: 2 });
  expect(follower.runs.get(run1)).toBe(known);
  const newer = { ...known, seq: 9 };
  follower.adopt(newer);

  expect(follower.runs.get(run1)).toBe(newer);
});

test("believes only what has been stored", () => {
  follower.receive(textOf(requested, { via: undefined }));
  follower.receive("{");
  follower.receive("null");

  expect(seen).toEqual([]);
  expect(streams.reads).toBe(0);
});

test("an event is next, known already, or has a gap before it", () => {
  const run = withEvent(undefined, requested);
  const fits = [1, 2, 3].map((seq) => fitOf(run, { ...requested, seq }));

  expect(fits).toEqual(["known", "next", "gap"]);
  expect(fitOf(undefined, requested)).toBe("next");
  expect(fitOf(undefined, { ...requested, seq: 2 })).toBe("gap");
});

test("folding event by event comes to the same as folding all at once", () => {
  let run: ReturnType<typeof withEvent>;
  for (const data of events) run = withEvent(run, data);

  expect(run).toEqual({
    runId: run1,
    sessionId: "S1",
    seq: 3,
    state: fold(events.map(({ event }) => event)),
    history: historyOf(events),
    progress: {},
    logs: [],
  });
});

test("events without a request make no run", () => {
  expect(withEvent(undefined, { ...(events[1] as RunEventData), seq: 1, runId: run2 })).toBe(
    undefined,
  );
});

test("progress tells of worker, share and words; log lines are kept, the newest 500", () => {
  const taskId = taskIdOf(runIdSchema.parse("R1"), stepKeySchema.parse("simulation"), 1);
  let run = withEvent(undefined, requested);
  if (run === undefined) throw new Error("a request makes a run");
  run = withProgress(run, taskId, { kind: "started", worker: "w1" }, 10);
  run = withProgress(run, taskId, { kind: "advanced", fraction: 0.5, message: "half" }, 20);

  expect(run.progress).toEqual({
    [taskId]: { startedAt: 10, worker: "w1", fraction: 0.5, message: "half" },
  });
  for (let line = 0; line < 600; line += 1) {
    run = withProgress(run, taskId, { kind: "logged", level: "info", message: `${line}` }, line);
  }
  expect(run.logs).toHaveLength(500);
  expect(run.logs[0]?.text).toBe("100");
});

test.each([
  ["started", null, "info", "tool run started"],
  ["succeeded", 12.4, "info", "tool run succeeded after 12 ms"],
  ["failed", 3, "error", "tool run failed after 3 ms"],
] as const)("a tool call that has %s is a log line", (outcome, durationMs, level, text) => {
  const taskId = taskIdOf(run1, stepKeySchema.parse("simulation"), 1);
  const run = withEvent(undefined, requested);
  if (run === undefined) throw new Error("a request makes a run");
  const call = { kind: "tool-called", tool: "run", outcome, durationMs } as const;

  expect(withProgress(run, taskId, call, 5).logs).toEqual([{ at: 5, taskId, level, text }]);
});
