import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { redisMirror } from "../../src/bus/mirror-port.ts";
import { subscribe } from "../../src/bus/pubsub.ts";
import { runScript } from "../../src/bus/run-script.ts";
import type { RunCommit } from "../../src/bus/run-store.ts";
import { commitRun, commitTogether, loadRun, loadRunEvents } from "../../src/bus/run-store.ts";
import { completeScript } from "../../src/bus/scripts/complete.ts";
import { enqueueScript } from "../../src/bus/scripts/enqueue.ts";
import { renewScript } from "../../src/bus/scripts/renew.ts";
import { takeDueScript } from "../../src/bus/scripts/take-due.ts";
import { ensureGroups } from "../../src/bus/stream-reader.ts";
import type { TaskId } from "../../src/protocol/ids.ts";
import { runIdSchema, sessionIdSchema, taskIdSchema } from "../../src/protocol/ids.ts";
import { namesOf, ORCHESTRATOR_GROUP, TASK_GROUP } from "../../src/protocol/names.ts";
import type { EitherServer } from "../support/either-server.ts";
import { SERVER_KINDS, startEitherServer } from "../support/either-server.ts";

const names = namesOf("default");
const runId = runIdSchema.parse("R1");
const tasks = names.taskStream("qna");
const taskOf = (step: string): TaskId => taskIdSchema.parse(`R1.${step}.1`);

const commit = (change: Partial<RunCommit> = {}): RunCommit => ({
  runId,
  expectedVersion: 0,
  now: 1000,
  ended: false,
  origin: '{"origin":1}',
  state: '{"state":1}',
  event: '{"event":1}',
  timersToSet: [],
  timersToClear: [],
  tasks: [],
  notes: [],
  source: null,
  ...change,
});

describe.each(SERVER_KINDS)("the scripts on %s", (kind) => {
  let server: EitherServer;
  let redis: RedisConnection;
  beforeAll(async () => {
    server = await startEitherServer(kind);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    redis = server.connect();
  });
  afterEach(() => server.clear());

  /** Everything the server holds, for telling that nothing has changed. */
  async function everything(): Promise<Record<string, unknown>> {
    const keys = (await redis.keys("*")).sort();
    return Object.fromEntries(
      await Promise.all(keys.map(async (key) => [key, await contentsOf(key)] as const)),
    );
  }

  async function contentsOf(key: string): Promise<unknown> {
    switch (await redis.type(key)) {
      case "hash":
        return await redis.hgetall(key);
      case "zset":
        return await redis.zrange(key, 0, "-1", "WITHSCORES");
      case "stream":
        return await redis.xrange(key, "-", "+");
      default:
        return await redis.get(key);
    }
  }

  async function textsOf(stream: string): Promise<readonly (string | undefined)[]> {
    return (await redis.xrange(stream, "-", "+")).map(([, fields]) => fields[1]);
  }

  async function takeOne(stream: string, group: string, consumer: string): Promise<void> {
    await redis.call("XREADGROUP", "GROUP", group, consumer, "STREAMS", stream, ">");
  }

  async function add(stream: string, text: string): Promise<string> {
    return (await redis.xadd(stream, "*", "d", text)) ?? "";
  }

  test("run although the server has forgotten them", async () => {
    await redis.script("FLUSH");

    expect(await runScript(redis, enqueueScript, ["stream", "seen"], ["x"])).toEqual([1]);
    expect(await runScript(redis, enqueueScript, ["stream", "seen2"], ["y"])).toEqual([1]);
  });

  test("pass on the server's complaint", async () => {
    await redis.set("stream", "no stream");

    const outcome = runScript(redis, enqueueScript, ["stream", "seen"], ["x"]);

    await expect(outcome).rejects.toThrow("WRONGTYPE");
  });

  test("enqueue takes a message in once, however often it is sent", async () => {
    const send = (): Promise<unknown> =>
      runScript(redis, enqueueScript, [names.commandStream, names.seenKey("m1")], ["hello"]);

    expect(await Promise.all([send(), send(), send()])).toEqual([[1], [0], [0]]);

    expect(await textsOf(names.commandStream)).toEqual(["hello"]);
  });

  describe("commit", () => {
    test("stores a run that can be read again", async () => {
      expect(await commitRun(redis, names, commit())).toEqual({ committed: true, version: 1 });
      const more = commit({ expectedVersion: 1, origin: null, state: "later", event: "second" });
      expect(await commitRun(redis, names, more)).toEqual({ committed: true, version: 2 });

      expect(await loadRun(redis, names, runId)).toEqual({
        version: 2,
        origin: '{"origin":1}',
        state: "later",
      });
      expect(await loadRunEvents(redis, names, runId, 1)).toEqual(['{"event":1}', "second"]);
      expect(await loadRunEvents(redis, names, runId, 2)).toEqual(["second"]);
      expect(await redis.zrevrange(names.runIndex, 0, 10)).toEqual(["R1"]);
    });

    test("has nothing of a run that was never stored", async () => {
      expect(await loadRun(redis, names, runId)).toBeUndefined();
      expect(await loadRunEvents(redis, names, runId, 1)).toEqual([]);
    });

    test.each([0, 2, 7])("changes nothing when it was made from version %i", async (version) => {
      await commitRun(redis, names, commit());
      const before = await everything();

      const late = commit({
        expectedVersion: version,
        ended: true,
        timersToSet: [{ dueAt: 1, member: "t" }],
        tasks: [{ taskId: taskOf("qna"), agent: "qna", message: "m" }],
      });

      expect(await commitRun(redis, names, late)).toEqual({
        committed: false,
        fenced: false,
        presentVersion: 1,
      });
      expect(await everything()).toEqual(before);
    });

    test("lets one of two decisions win", async () => {
      const other = server.connect();
      const outcomes = await Promise.all([
        commitRun(redis, names, commit({ event: "a" })),
        commitRun(other, names, commit({ event: "b" })),
      ]);

      expect(outcomes.map(({ committed }) => committed).sort()).toEqual([false, true]);
      expect(await loadRunEvents(redis, names, runId, 1)).toHaveLength(1);
    });

    test("does all that a decision asks for, and takes its cause off the stream", async () => {
      await ensureGroups(redis, [names.resultStream], ORCHESTRATOR_GROUP);
      const entryId = await add(names.resultStream, "result");
      await takeOne(names.resultStream, ORCHESTRATOR_GROUP, "me");
      await redis.zadd(names.dueSet, 5, "old", "6", "kept");
      const heard: string[] = [];
      let told = (): void => undefined;
      const all = new Promise<void>((resolve) => {
        told = resolve;
      });
      await subscribe(server.connect("subscriber"), names, ["*"], ({ topic, text }) => {
        heard.push(`${topic} ${text}`);
        if (topic === "event.run") told();
      });

      const decision = commit({
        timersToSet: [{ dueAt: 7, member: "new" }],
        timersToClear: ["old"],
        tasks: [
          { taskId: taskOf("qna"), agent: "qna", message: "ask" },
          { taskId: taskOf("viz"), agent: "viz", message: "draw" },
        ],
        notes: [{ topic: "control.qna", message: "stop" }],
        source: { stream: names.resultStream, entryId },
      });
      await commitRun(redis, names, decision);
      await all;

      expect(heard).toEqual([
        "task.qna ask",
        "task.viz draw",
        "control.qna stop",
        'event.run {"event":1}',
      ]);
      expect(await textsOf(names.taskStream("qna"))).toEqual(["ask"]);
      expect(await textsOf(names.taskStream("viz"))).toEqual(["draw"]);
      const timers = await redis.zrange(names.dueSet, 0, "-1", "WITHSCORES");
      expect(timers).toEqual(["kept", "6", "new", "7"]);
      expect(await redis.xlen(names.resultStream)).toBe(0);
      const [pending] = await redis.xpending(names.resultStream, ORCHESTRATOR_GROUP);
      expect(pending).toBe(0);
    });

    test("leaves everything as it was when the event is refused", async () => {
      await redis.xadd(names.runEventStream(runId), "5-0", "d", "from elsewhere");
      const before = await everything();

      const decision = commit({ tasks: [{ taskId: taskOf("qna"), agent: "qna", message: "m" }] });
      const refused = commitRun(redis, names, decision);

      await expect(refused).rejects.toThrow("equal or smaller");
      expect(await everything()).toEqual(before);
    });

    test("stores what was decided together, except of a run that somebody has damaged", async () => {
      const ids = ["R1", "R2", "R3"].map((id) => runIdSchema.parse(id));
      const [, damaged = runId] = ids;
      await redis.xadd(names.runEventStream(damaged), "5-0", "d", "from elsewhere");
      await redis.set(names.fence, 7);
      const together = commitTogether(redis, names, 7);

      const outcomes = await Promise.allSettled(ids.map((id) => together(commit({ runId: id }))));

      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await redis.zrange(names.activeRuns, 0, "-1")).toEqual(["R1", "R3"]);
      expect(await loadRun(redis, names, damaged)).toBeUndefined();
    });

    test("takes the cause of what was stored off its stream, although another decision failed", async () => {
      await ensureGroups(redis, [names.commandStream], ORCHESTRATOR_GROUP);
      const causes = [await add(names.commandStream, "one"), await add(names.commandStream, "two")];
      for (const _ of causes) await takeOne(names.commandStream, ORCHESTRATOR_GROUP, "me");
      await redis.set(names.taskStream("qna"), "no stream");
      await redis.set(names.fence, 7);
      const together = commitTogether(redis, names, 7);
      const caused = (id: string, index: number, change: Partial<RunCommit>): RunCommit =>
        commit({
          runId: runIdSchema.parse(id),
          source: { stream: names.commandStream, entryId: causes[index] ?? "" },
          ...change,
        });

      const ask = { taskId: taskOf("qna"), agent: "qna", message: "m" } as const;
      const timersToSet = [{ dueAt: 5, member: "timer" }];
      const outcomes = await Promise.allSettled([
        together(caused("R1", 0, { timersToSet })),
        together(caused("R2", 1, { tasks: [ask], timersToSet: [{ dueAt: 6, member: "lost" }] })),
      ]);

      expect(outcomes[0]).toEqual({ status: "fulfilled", value: { committed: true, version: 1 } });
      expect(outcomes[1]).toMatchObject({
        reason: { message: expect.stringMatching("WRONGTYPE") },
      });
      const left = await redis.xrange(names.commandStream, "-", "+");
      expect(left.map(([id]) => id)).toEqual([causes[1]]);
      expect(await loadRun(redis, names, runIdSchema.parse("R2"))).toBeUndefined();
      expect(await redis.zrange(names.dueSet, 0, "-1")).toEqual(["timer"]);
    });

    test.each([
      names.taskStream("qna"),
      names.openTasks("qna"),
      names.dueSet,
      names.activeRuns,
      names.runIndex,
      names.commandStream,
    ])("writes nothing where somebody has put something else in %s", async (key) => {
      await redis.set(key, "something else");
      const before = await everything();
      const tasks = [{ taskId: taskOf("qna"), agent: "qna", message: "m" } as const];

      await expect(commitRun(redis, names, commit({ tasks }))).rejects.toThrow("WRONGTYPE");
      expect(await everything()).toEqual(before);
    });

    test("keeps a run among the active ones until it has ended", async () => {
      await commitRun(redis, names, commit());
      expect(await redis.zrange(names.activeRuns, 0, "-1")).toEqual(["R1"]);

      await commitRun(redis, names, commit({ expectedVersion: 1, origin: null, ended: true }));

      expect(await redis.zrange(names.activeRuns, 0, "-1")).toEqual([]);
      expect(await redis.zscore(names.runIndex, "R1")).toBe("1000");
    });
  });

  describe("complete and renew", () => {
    let entryId: string;
    beforeEach(async () => {
      await ensureGroups(redis, [tasks], TASK_GROUP);
      entryId = await add(tasks, "task");
      await takeOne(tasks, TASK_GROUP, "mine");
    });

    const complete = (consumer: string, times = 1): Promise<unknown> =>
      runScript(
        redis,
        completeScript,
        [tasks, names.resultStream, names.openTasks("qna"), names.deadLetterStream],
        [
          ...[TASK_GROUP, consumer, names.channel("result.qna")],
          ...Array.from({ length: times }, () => [entryId, "R1.qna.1", 1, "result", "", ""]).flat(),
        ],
      );
    const renew = (consumer: string): Promise<unknown> =>
      runScript(redis, renewScript, [tasks], [TASK_GROUP, consumer, entryId]);
    /** Who holds what, and how often it was delivered. */
    const pending = async (): Promise<unknown> =>
      (await redis.xpending(tasks, TASK_GROUP, "-", "+", 10)).map((one) =>
        Array.isArray(one) ? [one[1], one[3]] : one,
      );

    test("take the task off the queue with its result, once", async () => {
      expect([await complete("mine"), await complete("mine")]).toEqual([[1], [0]]);

      expect(await textsOf(names.resultStream)).toEqual(["result"]);
      expect(await redis.xlen(tasks)).toBe(0);
      expect(await pending()).toEqual([]);
    });

    test("take a task that is named twice at once off the queue once", async () => {
      expect(await complete("mine", 2)).toEqual([1, 0]);

      expect(await textsOf(names.resultStream)).toEqual(["result"]);
      expect(await pending()).toEqual([]);
    });

    test("take nothing from another worker's hands", async () => {
      const before = await pending();

      expect([await complete("other"), await renew("other")]).toEqual([[-1], 0]);

      expect(await textsOf(names.resultStream)).toEqual([]);
      expect(await pending()).toEqual(before);
    });

    test("refuse a task that was never handed out", async () => {
      entryId = await add(tasks, "waiting");

      expect([await complete("mine"), await renew("mine")]).toEqual([[0], 0]);

      expect(await redis.xlen(tasks)).toBe(2);
    });

    test("renew a lease without counting it as a delivery", async () => {
      const anHour = "3600000";
      await redis.call("XCLAIM", tasks, TASK_GROUP, "mine", "0", entryId, "IDLE", anHour, "JUSTID");

      expect(await renew("mine")).toBe(1);

      expect(await pending()).toEqual([["mine", 1]]);
      const idle = await redis.call("XPENDING", tasks, TASK_GROUP, "IDLE", "60000", "-", "+", "9");
      expect(idle).toEqual([]);
    });

    test("do not take a task back that somebody else has claimed", async () => {
      await redis.call("XCLAIM", tasks, TASK_GROUP, "other", "0", entryId);

      expect([await renew("mine"), await complete("mine")]).toEqual([0, [-1]]);

      expect(await pending()).toEqual([["other", 2]]);
      expect(await complete("other")).toEqual([1]);
    });
  });

  describe("take-due", () => {
    const takeDue = (most: number): Promise<unknown> =>
      runScript(redis, takeDueScript, [names.dueSet, names.commandStream], [most]);

    test("moves the timers that are due, oldest first, and leaves the others", async () => {
      const future = Date.now() + 3_600_000;
      await redis.zadd(names.dueSet, 20, "second", String(future), "later", "10", "first");

      expect(await takeDue(10)).toBe(2);

      expect(await textsOf(names.commandStream)).toEqual(["first", "second"]);
      expect(await redis.zrange(names.dueSet, 0, "-1")).toEqual(["later"]);
      expect(await takeDue(10)).toBe(0);
    });

    test("moves no more than it is asked for", async () => {
      await redis.zadd(names.dueSet, 1, "a", "2", "b", "3", "c");

      expect([await takeDue(2), await takeDue(2)]).toEqual([2, 1]);
      expect(await textsOf(names.commandStream)).toEqual(["a", "b", "c"]);
    });
  });

  describe("the mirror of sessions", () => {
    const session = sessionIdSchema.parse("S1");

    test("keeps an entry once and in order, however often it is sent", async () => {
      const mirror = redisMirror(redis, names);
      await mirror.append(session, "E1", "one");
      await mirror.append(session, "E2", "two");
      await mirror.append(session, "E1", "one");
      await mirror.putHeader(session, "old");
      await mirror.putHeader(session, "new");

      expect(await textsOf(names.sessionStream(session))).toEqual(["one", "two"]);
      expect(await redis.hgetall(names.sessionIndex)).toEqual({ S1: "new" });
    });

    test("takes a session away, also twice, and no other", async () => {
      const mirror = redisMirror(redis, names);
      const other = sessionIdSchema.parse("S2");
      await mirror.append(session, "E1", "x");
      await mirror.append(other, "E2", "x");
      await mirror.putHeader(session, "h");
      await mirror.putHeader(other, "h");

      await mirror.remove(session, "gone");
      await mirror.remove(session, "gone");

      expect(await textsOf(names.sessionStream(session))).toEqual([]);
      expect(await textsOf(names.sessionStream(other))).toEqual(["x"]);
      expect(await redis.hgetall(names.sessionIndex)).toEqual({ S2: "h" });
    });
  });
});
