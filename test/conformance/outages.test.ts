/** What a console and a connection do about a server that has lost its data or is away. */
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import { encodeCommand } from "../../src/bus/commands.ts";
import { openConnection } from "../../src/bus/connection.ts";
import { loadRun } from "../../src/bus/run-store.ts";
import { createComparison } from "../../src/console/compare-truths.ts";
import type { ConsoleState, RunView } from "../../src/console/console-state.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import type { RunId } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { SessionStore } from "../../src/session/store.ts";
import type { EitherServer } from "../support/either-server.ts";
import { SERVER_KINDS, startEitherServer } from "../support/either-server.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import { run1, run2, session1, storeFolder, succeedingRun } from "../support/session-fixtures.ts";

const names = namesOf("default");
const BUS = "at default";
const underWay = succeedingRun().slice(0, 2);

/** A run as a console shows it. */
function shown(): RunView {
  const state = fold(underWay.map((data) => data.event));
  if (state === undefined) throw new Error("the log begins with its first event");
  return { runId: run1, sessionId: session1, seq: 2, state, progress: {}, logs: [] };
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

  async function compare(runs: ReadonlyMap<RunId, RunView>): Promise<readonly string[]> {
    const showed: string[] = [];
    const command = server.connect();
    await command.ping();
    await createComparison({
      command,
      names,
      store,
      books: {
        runs,
        store: createStore(() => ({
          bus: { address: "at", namespace: "default" },
        })) as unknown as StoreApi<ConsoleState>,
        follow: async () => undefined,
        tell: () => undefined,
        showSession: (sessionId) => void showed.push(sessionId),
      },
      mirror: { copyAgain: () => undefined },
    })();
    return showed;
  }

  test("gives a run back, with the task that awaits its answer", async () => {
    for (const data of underWay) store.recordRunEvent(data, session1);
    expect(await compare(new Map([[run1, shown()]]))).toEqual([]);
    const redis = server.connect();
    expect((await loadRun(redis, names, run1))?.version).toBe(2);
    expect(await redis.xlen(names.taskStream("simulation"))).toBe(1);
  });

  test("gives back the unbroken beginning of a run whose log is damaged", async () => {
    for (const data of underWay) store.recordRunEvent(data, session1);
    const file = new DatabaseSync(folder.path);
    file.exec("UPDATE run_events SET json = '{' WHERE seq = 2");
    file.close();
    store.close();
    store = folder.open();
    expect(await compare(new Map([[run1, shown()]]))).toEqual([session1]);
    const redis = server.connect();
    expect((await loadRun(redis, names, run1))?.version).toBe(1);
    expect(await redis.xlen(names.taskStream("simulation"))).toBe(1);
    expect(store.runState(run1)).toMatchObject({ seq: 1, damage: [] });
  });

  test("sends a request again of which no event was heard", async () => {
    const [first] = underWay;
    if (first?.event.type !== "run-requested") throw new Error("a log begins with the request");
    const { spec } = first.event;
    const commandId = `start.${run1}`;
    store.record(session1, { type: "session-created", name: "one" });
    store.record(session1, { type: "run-started", runId: run1, flowName: "ask", commandId });
    store.keepRequest(run1, BUS, encodeCommand({ type: "start-run", commandId, spec }));
    store.keepRequest(run2, "elsewhere", "{}");
    await compare(new Map());
    await compare(new Map());
    const redis = server.connect();
    expect(await redis.xlen(names.commandStream)).toBe(1);
    store.recordRunEvent(first, session1);
    expect(store.openRequests(BUS)).toEqual([]);
  });
});

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
