import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OperatorError } from "../../src/base/operator-error.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import {
  dropLetter,
  exchangeLetter,
  findLetter,
  listLetters,
  lodge,
  settleEntry,
} from "../../src/bus/dead-letters.ts";
import { startLeaseKeeper } from "../../src/bus/lease-keeper.ts";
import { locateBus } from "../../src/bus/locate-bus.ts";
import { beat, farewell, livingWorkers, reserveSlot } from "../../src/bus/presence.ts";
import { ensureGroups, readStreams } from "../../src/bus/stream-reader.ts";
import type { HandIn, QueuedTask } from "../../src/bus/task-queue.ts";
import { completeTasks, consumeTasks } from "../../src/bus/task-queue.ts";
import type { WorkerSlot } from "../../src/protocol/ids.ts";
import { runIdSchema, stepKeySchema, taskIdOf } from "../../src/protocol/ids.ts";
import { namesOf, TASK_GROUP } from "../../src/protocol/names.ts";
import { deferred } from "../support/deferred.ts";
import type { EitherServer } from "../support/either-server.ts";
import { SERVER_KINDS, startEitherServer } from "../support/either-server.ts";
import { waitUntil } from "../support/wait-until.ts";
import { heartbeatOf, slotOf } from "../support/worker-fixtures.ts";

const names = namesOf("default");
const stream = names.taskStream("qna");
const mine = slotOf("qna", 0);
const peer = slotOf("qna", 1);
const taskId = taskIdOf(runIdSchema.parse("R1"), stepKeySchema.parse("qna"), 1);
const LETTER = { reason: "not JSON", text: "{" };

describe.each(SERVER_KINDS)("the queue on %s", (kind) => {
  let server: EitherServer;
  let redis: RedisConnection;
  let stops: (() => Promise<void>)[];
  beforeAll(async () => {
    server = await startEitherServer(kind);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    redis = server.connect();
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await server.clear();
  });

  /** A worker that takes tasks until the test ends. */
  function work(options: {
    readonly onTask: (task: QueuedTask) => Promise<void>;
    readonly leaseMs?: number;
    readonly slot?: WorkerSlot;
    readonly atOnce?: number;
  }): { readonly problems: unknown[]; stop(): Promise<void> } {
    const abort = new AbortController();
    const blocking = server.connect("blocking");
    const problems: unknown[] = [];
    const { leaseMs = 30_000, slot = mine, atOnce = 1 } = options;
    const leases = startLeaseKeeper(
      { address: server.address, command: redis },
      { group: TASK_GROUP, consumer: slot, leaseMs },
      (cause) => problems.push(cause),
    );
    const done = consumeTasks({
      names,
      agent: "qna",
      slot,
      command: server.connect(),
      blocking,
      leases,
      leaseMs,
      atOnce,
      signal: abort.signal,
      onTask: options.onTask,
      onProblem: (cause) => problems.push(cause),
    });
    const stop = async (): Promise<void> => {
      abort.abort();
      blocking.disconnect();
      await done;
      await leases.close();
    };
    stops.push(stop);
    return { problems, stop };
  }

  /** Works until it has been given so many tasks; answers them. */
  async function take(count: number): Promise<readonly QueuedTask[]> {
    const taken: QueuedTask[] = [];
    await new Promise<void>((resolve) => {
      work({
        async onTask(task) {
          taken.push(task);
          await complete(task);
          if (taken.length === count) resolve();
        },
      });
    });
    return taken;
  }

  async function complete(
    { entryId }: QueuedTask,
    more: Partial<HandIn> = {},
    slot = mine,
  ): Promise<boolean | undefined> {
    const [taken] = await completeTasks({ names, agent: "qna", slot, command: redis }, [
      { entryId, taskId, result: "done", awaited: true, ...more },
    ]);
    return taken;
  }

  /** Keeps this thread, and every event loop on it, busy. */
  function compute(durationMs: number): void {
    const until = performance.now() + durationMs;
    while (performance.now() < until);
  }

  async function add(text: string): Promise<string> {
    return (await redis.xadd(stream, "*", "d", text)) ?? "";
  }

  async function claim(consumer: string, id: string, ...more: readonly string[]): Promise<void> {
    await redis.call("XCLAIM", stream, TASK_GROUP, consumer, "0", id, ...more);
  }

  /** Has a worker take a task and die. */
  async function dieWith(text: string, consumer: string, deliveries = 1): Promise<string> {
    await ensureGroups(redis, [stream], TASK_GROUP);
    const id = await add(text);
    await redis.call("XREADGROUP", "GROUP", TASK_GROUP, consumer, "STREAMS", stream, ">");
    await claim(consumer, id, "IDLE", "3600000", "RETRYCOUNT", String(deliveries), "JUSTID");
    return id;
  }

  describe("a worker", () => {
    test("has as many tasks in hand as it may, and each of them once", async () => {
      const taken: string[] = [];
      const full = deferred();
      const finish = deferred();
      work({
        atOnce: 3,
        async onTask(task) {
          taken.push(task.text);
          if (taken.length === 3) full.resolve();
          await finish.promise;
          await complete(task);
        },
      });
      for (const text of ["a", "b", "c", "d"]) await add(text);
      await full.promise;
      expect(taken.toSorted()).toEqual(["a", "b", "c"]);
      expect(await redis.xpending(stream, TASK_GROUP)).toContain(3);

      finish.resolve();
      await waitUntil("every task is done", async () => (await redis.xlen(stream)) === 0);
      expect(taken.toSorted()).toEqual(["a", "b", "c", "d"]);
    });

    test("takes tasks in their order, those from before its time as well", async () => {
      for (const text of ["a", "b", "c"]) await add(text);

      const taken = await take(3);

      expect(taken.map(({ text, deliveries }) => [text, deliveries])).toEqual([
        ["a", 1],
        ["b", 1],
        ["c", 1],
      ]);
      expect(await redis.xlen(names.resultStream)).toBe(3);
    });

    test("does first what its own slot left when it crashed", async () => {
      await dieWith("left", mine);
      await add("new");

      const taken = await take(2);

      expect(taken.map(({ text, deliveries }) => [text, deliveries])).toEqual([
        ["left", 2],
        ["new", 1],
      ]);
    });

    test("takes over what a dead peer held for longer than its lease", async () => {
      await dieWith("orphan", peer);

      expect(await take(1)).toMatchObject([{ text: "orphan", deliveries: 2 }]);
    });

    test("leaves what a peer is working on", async () => {
      await claim(peer, await dieWith("theirs", peer));
      await add("free");

      expect(await take(1)).toMatchObject([{ text: "free" }]);
    });

    test("sees how often a task that kills its workers has been delivered", async () => {
      await dieWith("poison", mine, 5);

      expect(await take(1)).toMatchObject([{ text: "poison", deliveries: 6 }]);
    });

    test("keeps the lease of a task that takes longer than it, computing all the time", async () => {
      const leaseMs = 900;
      await add("long");
      const task = await new Promise<QueuedTask>((resolve) => {
        work({
          leaseMs,
          async onTask(current) {
            // Nothing on this thread can renew it meanwhile.
            compute(4 * leaseMs);
            resolve(current);
          },
        });
      });

      const { entryId } = task;
      const claim = ["XCLAIM", stream, TASK_GROUP, peer, String(leaseMs), entryId] as const;
      expect(await redis.call(...claim)).toEqual([]);
      expect(task.lost.aborted).toBe(false);
      expect(await complete(task)).toBe(true);
    });

    test("is told when it has lost its lease, and its result no longer counts", async () => {
      await add("contested");
      const task = await new Promise<QueuedTask>((resolve) => {
        work({
          leaseMs: 1500,
          async onTask(current) {
            await claim(peer, current.entryId);
            await once(current.lost, "abort");
            resolve(current);
          },
        });
      });

      expect(await complete(task)).toBe(false);
      expect(await redis.xlen(names.resultStream)).toBe(0);
    });

    test("goes on with the next task when one goes wrong", async () => {
      await add("bad");
      await add("good");
      let worker: { readonly problems: unknown[] } | undefined;
      await new Promise<void>((resolve) => {
        worker = work({
          async onTask(task) {
            if (task.text === "bad") throw new Error("a bug");
            await complete(task);
            resolve();
          },
        });
      });

      expect(worker?.problems).toEqual([new Error("a bug")]);
    });

    test("finishes what it has in hand when it is stopped, and takes nothing new", async () => {
      await add("in hand");
      const taken: string[] = [];
      const started = deferred();
      const finish = deferred();
      const worker = work({
        async onTask(task) {
          taken.push(task.text);
          started.resolve();
          await finish.promise;
          await complete(task);
        },
      });
      await started.promise;
      await add("later");

      const stopping = worker.stop();
      finish.resolve();
      await stopping;

      expect(taken).toEqual(["in hand"]);
      expect(await redis.xlen(names.resultStream)).toBe(1);
    });
  });

  test("a reader whose group is gone makes it again and goes on", async () => {
    const abort = new AbortController();
    const blocking = server.connect("blocking");
    const problems: unknown[] = [];
    const read: string[] = [];
    let heard = deferred();
    const done = readStreams({
      blocking,
      streams: [names.commandStream, names.resultStream],
      group: "g",
      consumer: "c",
      count: () => 10,
      signal: abort.signal,
      async onEntries(entries) {
        for (const entry of entries) {
          read.push(`${entry.fields.get("d")}`);
          await redis.xack(entry.stream, "g", entry.id);
          heard.resolve();
        }
      },
      onProblem: (cause) => problems.push(cause),
    });
    await redis.xadd(names.resultStream, "*", "d", "before");
    await heard.promise;

    heard = deferred();
    await redis.flushall();
    await redis.xadd(names.commandStream, "*", "d", "after");
    await heard.promise;
    abort.abort();
    blocking.disconnect();
    await done;

    expect(read).toEqual(["before", "after"]);
    expect(problems).toMatchObject([{ message: expect.stringMatching(/NOGROUP|UNBLOCKED/) }]);
  });

  describe("presence", () => {
    test("lists a worker from its heartbeat to its farewell", async () => {
      const heartbeat = heartbeatOf("qna");
      await beat(redis, names, heartbeat);
      await beat(redis, names, heartbeatOf("viz"));

      expect(await livingWorkers(redis, names)).toContainEqual(heartbeat);
      await farewell(redis, names, heartbeat.slot);

      expect(await livingWorkers(redis, names)).toEqual([heartbeatOf("viz")]);
    });

    test("forgets a worker whose heartbeat has expired", async () => {
      await beat(redis, names, heartbeatOf("qna"));
      await redis.del(names.heartbeatKey(slotOf("qna")));

      expect(await livingWorkers(redis, names)).toEqual([]);
      expect(await redis.smembers(names.heartbeatIndex)).toEqual([]);
    });

    test("has a heartbeat expire by itself", async () => {
      await beat(redis, names, heartbeatOf("qna"));

      const left = await redis.pttl(names.heartbeatKey(slotOf("qna")));

      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(4000);
    });

    test("gives a slot to one of those who want it, until it is free again", async () => {
      const slot = slotOf("qna");
      const reserve = (): Promise<boolean> => reserveSlot(redis, names, slot);

      expect(await Promise.all([reserve(), reserve()])).toEqual([true, false]);
      await beat(redis, names, heartbeatOf("qna"));
      expect(await reserve()).toBe(false);
      await farewell(redis, names, slot);

      expect(await reserve()).toBe(true);
    });

    test("does not take a reserved slot or a strange text for a worker", async () => {
      await beat(redis, names, heartbeatOf("qna"));
      await redis.set(names.heartbeatKey(slotOf("qna")), "reserved");
      await redis.sadd(names.heartbeatIndex, "box:viz:0");
      await redis.set(names.heartbeatKey(slotOf("viz")), '{"slot":"box:viz:0"}');

      expect(await livingWorkers(redis, names)).toEqual([]);
    });
  });

  describe("a dead letter", () => {
    test("of a topic keeps its origin, its reason and the beginning of its text, once", async () => {
      const letter = { origin: "task.qna", reason: "not JSON", text: "x".repeat(9999) };
      await lodge(redis, names, letter);
      await lodge(redis, names, letter);

      expect(await listLetters(redis, names, 10)).toEqual([
        { ...letter, id: expect.any(String), text: "x".repeat(4096) },
      ]);
    });

    test("of a stream comes in exchange for the entry, from its holder only", async () => {
      const id = await dieWith("bad", mine);
      const settle = (consumer: string): Promise<boolean> =>
        settleEntry(redis, names, { group: TASK_GROUP, consumer }, { stream, id }, LETTER);

      expect([await settle(peer), await settle(mine), await settle(mine)]).toEqual([
        false,
        true,
        false,
      ]);

      expect(await listLetters(redis, names, 10)).toMatchObject([{ origin: stream, ...LETTER }]);
      expect(await redis.xlen(stream)).toBe(0);
    });

    test("is replayed once, and can be dropped", async () => {
      await lodge(redis, names, { origin: "result.qna", ...LETTER });
      await lodge(redis, names, { origin: "result.viz", ...LETTER });
      const [newest, oldest] = await listLetters(redis, names, 10);
      const target = { stream: names.resultStream, text: "again" };
      const replay = (): Promise<boolean> => exchangeLetter(redis, names, oldest?.id ?? "", target);

      expect([await replay(), await replay()]).toEqual([true, false]);
      expect(await findLetter(redis, names, oldest?.id ?? "")).toBeUndefined();
      expect(await redis.xlen(names.resultStream)).toBe(1);

      const id = newest?.id ?? "";
      expect(await findLetter(redis, names, id)).toEqual(newest);
      expect([await dropLetter(redis, names, id), await dropLetter(redis, names, id)]).toEqual([
        true,
        false,
      ]);
    });
  });

  test("a given address that answers is used", async () => {
    const { address } = server;
    const url = address.kind === "unix" ? `unix:${address.path}` : "";

    expect(await locateBus({ ...NOWHERE, url })).toEqual({ kind: "given", address });
  });
});

const NOWHERE = {
  url: undefined,
  choice: "auto",
  folder: "/nowhere",
  searchPath: "",
  brokerProgram: "/nowhere/broker.js",
} as const;

describe("looking for the bus", () => {
  test.each([
    ["redis://ann:hunter2@127.0.0.1:1/0", "redis://***@127.0.0.1:1/0"],
    ["redis-sentinel://:hunter2@127.0.0.1:1/main", "redis-sentinel://***@127.0.0.1:1/main"],
    ["unix:/nowhere/redis.sock", "unix:/nowhere/redis.sock"],
  ])("says that %s does not answer, without its password", async (url, shown) => {
    const problem: unknown = await locateBus({ ...NOWHERE, url }).catch((cause) => cause);

    expect(problem).toBeInstanceOf(OperatorError);
    expect(problem).toMatchObject({
      code: "bus-unreachable",
      message: expect.stringContaining(`no answer from Redis at ${shown}: `),
    });
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });

  test("refuses an address that is none, without repeating it", async () => {
    const problem: unknown = await locateBus({ ...NOWHERE, url: "hunter2" }).catch(
      (cause) => cause,
    );

    expect(problem).toMatchObject({
      code: "usage",
      message: expect.not.stringContaining("hunter2"),
      nextStep: "correct the address",
    });
  });

  test("does not put an embedded broker in the place of a server that was asked for", async () => {
    const problem: unknown = await locateBus({ ...NOWHERE, choice: "redis" }).catch(
      (cause) => cause,
    );

    expect(problem).toMatchObject({
      code: "bus-unreachable",
      message: "no valkey-server or redis-server of version 6.2 or newer is on PATH",
    });
  });

  test("refuses a folder whose socket's path the system cannot take", async () => {
    const folder = `/${"x".repeat(120)}`;
    const problem: unknown = await locateBus({ ...NOWHERE, folder }).catch((cause) => cause);

    expect(problem).toMatchObject({ code: "usage", message: expect.stringContaining(folder) });
  });
});
