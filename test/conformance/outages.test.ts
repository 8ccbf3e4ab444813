/** What a console and a connection do about a server that has lost its data or is away. */
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import { systemClock } from "../../src/base/clock.ts";
import { encodeCommand } from "../../src/bus/commands.ts";
import { openConnection } from "../../src/bus/connection.ts";
import { loadRun } from "../../src/bus/run-store.ts";
import { createComparison } from "../../src/console/compare-truths.ts";
import type { ConsoleState, RunView } from "../../src/console/console-state.ts";
import { restoreRun } from "../../src/console/restore-run.ts";
import { decodeRun } from "../../src/orchestrator/codec.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import type { RunId } from "../../src/protocol/ids.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { RunEventData } from "../../src/protocol/run-events.ts";
import type { SessionStore } from "../../src/session/store.ts";
import type { EitherServer } from "../support/either-server.ts";
import { SERVER_KINDS, startEitherServer } from "../support/either-server.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import { run1, run2, session1, storeFolder, succeedingRun } from "../support/session-fixtures.ts";

const names = namesOf("default");
const BUS = "at default";

/** When the stores of these tests write. */
const ASKED_AT = Date.UTC(2026, 10, 22, 9, 30);

const whole = succeedingRun();
const underWay = whole.slice(0, 2);

/** What else may become of the run: its result comes at once. */
const answered = [...whole.slice(0, 1), ...whole.slice(2)].map((data, index) => ({
  ...data,
  seq: index + 1,
}));

/** A run as a console shows it. */
function shown(seq = 2): RunView {
  const state = fold(whole.slice(0, seq).map((data) => data.event));
  if (state === undefined) throw new Error("the log begins with its first event");
  return { runId: run1, sessionId: session1, seq, state, history: [], progress: {}, logs: [] };
}

describe.each(SERVER_KINDS)("a console on %s", (kind) => {
  let server: EitherServer;
  let folder: StoreFolder;
  let store: SessionStore;
  beforeAll(async () => {
    server = await startEitherServer(kind);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.clear();
    folder = storeFolder();
    onTestFinished(() => folder.remove());
    store = folder.open();
  });

  /** What a comparison did. */
  interface Deeds {
    readonly showed: string[];
    readonly filled: string[];
    copiedAgain: number;
  }

  /** A console that shows these runs; each call of `compare` is one of its comparisons. */
  async function openConsole(
    runs: ReadonlyMap<RunId, RunView> = new Map(),
    now = ASKED_AT + 60_000,
  ): Promise<{ compare(): Promise<void>; readonly deeds: Deeds }> {
    const deeds: Deeds = { showed: [], filled: [], copiedAgain: 0 };
    const command = server.connect();
    await command.ping();
    const compare = createComparison({
      command,
      names,
      clock: { now: () => now, after: systemClock.after },
      store,
      books: {
        runs,
        sessionId: runs.size > 0 ? session1 : undefined,
        store: createStore(() => ({
          bus: { address: "at", namespace: "default" },
        })) as unknown as StoreApi<ConsoleState>,
        lookUp: async () => undefined,
        fillGap: async (runId) => void deeds.filled.push(runId),
        tell: () => undefined,
        showSession: (sessionId) => void deeds.showed.push(sessionId),
      },
      mirror: {
        copyAgain: () => {
          deeds.copiedAgain += 1;
        },
      },
    });
    return { compare, deeds };
  }

  /** Has the store know a run that was asked of this bus here, up to event `seq`. */
  function keepOwn(seq: number, request = requestOf(run1)): void {
    const commandId = `start.${run1}`;
    store.record(session1, { type: "session-created", name: "one" });
    store.keepRequest(run1, BUS, request);
    store.record(session1, { type: "run-started", runId: run1, flowName: "ask", commandId });
    for (const data of whole.slice(0, seq)) store.recordRunEvent(data, session1);
  }

  /** 250 runs of which no event was heard: more than a comparison takes in hand. */
  function askForMany(): void {
    for (let n = 0; n < 250; n += 1) {
      const runId = runIdSchema.parse(`many-${n}`);
      store.keepRequest(runId, BUS, requestOf(runId));
      const commandId = `start.${runId}`;
      store.record(session1, { type: "run-started", runId, flowName: "ask", commandId });
    }
  }

  function damage(statement: string): void {
    const file = new DatabaseSync(folder.path);
    file.exec(statement);
    file.close();
    store.close();
    store = folder.open();
  }

  test("gives a run back, with the task that awaits its answer", async () => {
    keepOwn(2);
    const { compare, deeds } = await openConsole(new Map([[run1, shown()]]));
    await compare();
    expect(deeds.showed).toEqual([]);
    const redis = server.connect();
    expect((await loadRun(redis, names, run1))?.version).toBe(2);
    expect(await redis.xlen(names.taskStream("simulation"))).toBe(1);
  });

  test("gives a run back that it does not show, once for all consoles of the store", async () => {
    keepOwn(2);
    const consoles = await Promise.all([openConsole(), openConsole(), openConsole()]);
    await Promise.all(consoles.map(({ compare }) => compare()));
    const redis = server.connect();
    expect((await loadRun(redis, names, run1))?.version).toBe(2);
    expect(await redis.xlen(names.taskStream("simulation"))).toBe(1);
  });

  test("leaves a run that another store asked for to its owner, for a while", async () => {
    for (const data of underWay) store.recordRunEvent(data, session1);
    const redis = server.connect();
    const { compare } = await openConsole(new Map([[run1, shown()]]));
    for (let times = 0; times < 5; times += 1) await compare();
    expect(await loadRun(redis, names, run1)).toBeUndefined();
    await compare();
    expect((await loadRun(redis, names, run1))?.version).toBe(2);
  });

  test("gives back the unbroken beginning of a run whose log is damaged", async () => {
    keepOwn(2);
    damage("UPDATE run_events SET json = '{' WHERE seq = 2");
    const { compare, deeds } = await openConsole(new Map([[run1, shown()]]));
    await compare();
    expect(deeds.showed).toEqual([session1]);
    const redis = server.connect();
    expect((await loadRun(redis, names, run1))?.version).toBe(1);
    expect(await redis.xlen(names.taskStream("simulation"))).toBe(1);
    expect(store.runState(run1)).toMatchObject({ seq: 1, damage: [] });
  });

  test.each([
    ["is damaged", "UPDATE run_events SET json = '{' WHERE seq = 1"],
    ["is missing", "DELETE FROM run_events WHERE seq = 1"],
  ])("ends a run as lost whose first event %s and that Redis does not know", async (_, harm) => {
    keepOwn(2);
    damage(harm);
    const { compare } = await openConsole();
    await compare();
    const { state, damage: left } = store.runState(run1);
    expect(state).toMatchObject({ status: "failed", failure: { kind: "bus-data-lost" } });
    expect(left).toEqual([]);
    expect(store.listRuns(session1)).toMatchObject([{ runId: run1, status: "failed" }]);
    const redis = server.connect();
    const stored = await loadRun(redis, names, run1);
    expect(stored && decodeRun(stored)).toMatchObject({ status: "failed", origin: state?.origin });
    await compare();
    expect((await loadRun(redis, names, run1))?.version).toBe(1);
  });

  test("ends a run as lost whose request cannot be read", async () => {
    keepOwn(0, "{");
    const { compare } = await openConsole();
    await compare();
    expect(store.runState(run1).state?.failure?.kind).toBe("bus-data-lost");
  });

  test("mends a damaged log from Redis", async () => {
    keepOwn(2);
    const { compare } = await openConsole();
    await compare(); // Redis has it now.
    damage("UPDATE run_events SET json = '{' WHERE seq = 1");
    await (await openConsole()).compare();
    expect(store.runState(run1)).toMatchObject({ seq: 2, damage: [] });
  });

  test("reads on what happened to a run that it does not show", async () => {
    keepOwn(2);
    await (await openConsole()).compare();
    damage("DELETE FROM run_events WHERE seq = 2");
    await (await openConsole()).compare();
    expect(store.runState(run1).seq).toBe(2);
  });

  /** Has Redis know of the run that is under way another log. */
  async function goOnOtherwise(events: readonly RunEventData[]): Promise<void> {
    const other = { runEvents: () => ({ events, damage: [] }), cutRun: () => undefined };
    await restoreRun(server.connect(), names, other, run1);
  }

  test.each([
    ["as long as its own", 2, new Map([[run1, shown()]]), [session1]],
    ["as long as its own, of a run it does not show", 2, new Map(), []],
    ["shorter than its own", 3, new Map([[run1, shown(3)]]), [session1]],
  ])("takes over a log that goes on in another way: %s", async (_, seq, runs, showed) => {
    keepOwn(seq);
    await goOnOtherwise(answered);
    const { compare, deeds } = await openConsole(runs);
    await compare();
    expect(store.runEvents(run1)).toEqual({ events: answered, damage: [] });
    expect(deeds.showed).toEqual(showed);
    const redis = server.connect();
    expect((await loadRun(redis, names, run1))?.version).toBe(2);
    expect(await redis.xlen(names.commandStream)).toBe(0);
  });

  test("gives an order to cancel again that Redis has lost", async () => {
    keepOwn(1);
    const lost = { type: "cancel-requested", at: 1001, commandId: "cancel.1" } as const;
    store.recordRunEvent({ runId: run1, seq: 2, event: lost }, session1);
    await goOnOtherwise(underWay);
    const { compare } = await openConsole();
    await compare();
    expect(store.runEvents(run1).events).toEqual(underWay);
    const redis = server.connect();
    expect(String(await redis.xrange(names.commandStream, "-", "+"))).toContain("cancel.1");
  });

  test("counts events as missed that are not only on their way", async () => {
    keepOwn(2);
    await (await openConsole()).compare();
    const before = { ...shown(), seq: 1 };
    const { compare, deeds } = await openConsole(new Map([[run1, before]]));
    await compare();
    expect(deeds.filled).toEqual([run1]);
    const runs = new Map([[run1, before]]);
    const other = await openConsole(runs);
    const comparison = other.compare();
    runs.set(run1, shown());
    await comparison;
    expect(other.deeds.filled).toEqual([]);
  });

  test("copies the sessions again when the data was lost, also while no console ran", async () => {
    const first = await openConsole();
    await first.compare();
    await first.compare();
    expect(first.deeds.copiedAgain).toBe(0);
    const redis = server.connect();
    await redis.flushall();
    await first.compare();
    expect(first.deeds.copiedAgain).toBe(1);
    await redis.flushall();
    const second = await openConsole();
    await second.compare();
    await second.compare();
    expect(second.deeds.copiedAgain).toBe(1);
    const third = await openConsole();
    await third.compare();
    expect(third.deeds.copiedAgain).toBe(0);
  });

  test("sends a request again of which no event was heard", async () => {
    keepOwn(0);
    store.keepRequest(run2, "elsewhere", "{}");
    const { compare } = await openConsole();
    await compare();
    await compare();
    const redis = server.connect();
    expect(await redis.xlen(names.commandStream)).toBe(1);
    expect(store.ownRuns(BUS, "", 10).runs).toMatchObject([{ runId: run1, status: "pending" }]);
    for (const data of underWay.slice(0, 1)) store.recordRunEvent(data, session1);
    expect(store.ownRuns(BUS, "", 10).runs).toMatchObject([{ runId: run1, request: "" }]);
  });

  test("ends a run as lost that was asked for longer ago than Redis remembers", async () => {
    keepOwn(0);
    const { compare } = await openConsole(new Map(), ASKED_AT + 31 * 86_400_000);
    await compare();
    const redis = server.connect();
    expect(await redis.xlen(names.commandStream)).toBe(0);
    expect(store.runState(run1).state?.failure?.kind).toBe("bus-data-lost");
  });

  test("looks after many runs a page at a time", async () => {
    keepOwn(1);
    askForMany();
    const { compare } = await openConsole();
    const redis = server.connect();
    await compare();
    expect(await redis.xlen(names.commandStream)).toBe(199);
    await compare();
    expect(await redis.xlen(names.commandStream)).toBe(250);
  });

  test("gets past a damaged row to the runs behind it", async () => {
    keepOwn(1);
    askForMany();
    damage(`UPDATE runs SET run_id = 'many 7' WHERE run_id = 'many-7';
      UPDATE requests SET run_id = 'many 7' WHERE run_id = 'many-7'`);
    const { compare } = await openConsole();
    await compare();
    await compare();
    expect(await server.connect().xlen(names.commandStream)).toBe(249);
  });
});

/** The request of a run like the one that is under way. */
function requestOf(runId: RunId): string {
  const [first] = underWay;
  if (first?.event.type !== "run-requested") throw new Error("a log begins with the request");
  const spec = { ...first.event.spec, runId };
  return encodeCommand({ type: "start-run", commandId: `start.${runId}`, spec });
}

describe("a connection without a server", () => {
  test("lets commands wait in bounded number", async () => {
    const connection = openConnection({ kind: "unix", path: "/nonexistent/bus.sock" }, "command");
    const outcomes = Array.from({ length: 1500 }, () =>
      connection.incr("count").catch((cause: Error) => cause.message),
    );
    const [last] = outcomes.slice(-1);
    expect(await last).toBe("Redis is away and 1000 commands wait for it");
    connection.disconnect();
    const told = await Promise.all(outcomes);
    expect(told.filter((one) => one === "Connection is closed.")).toHaveLength(1000);
  });
});
