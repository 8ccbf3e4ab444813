/**
 * A reply that is cut after its command was carried out: the client sends the command again. Each
 * script must then leave behind what it leaves behind when it is sent once.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { adoptResult } from "../../src/bus/adopt-result.ts";
import { sendCommand } from "../../src/bus/commands.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { openConnection } from "../../src/bus/connection.ts";
import { exchangeLetter, listLetters, lodge, settleEntry } from "../../src/bus/dead-letters.ts";
import { startLeaseKeeper } from "../../src/bus/lease-keeper.ts";
import { runScript } from "../../src/bus/run-script.ts";
import { commitRun } from "../../src/bus/run-store.ts";
import { ALL_SCRIPTS } from "../../src/bus/scripts/all-scripts.ts";
import { leadScript } from "../../src/bus/scripts/lead.ts";
import { mirrorEntryScript, mirrorRemovalScript } from "../../src/bus/scripts/mirror-entry.ts";
import { renewScript } from "../../src/bus/scripts/renew.ts";
import { takeDueScript } from "../../src/bus/scripts/take-due.ts";
import { ensureGroups } from "../../src/bus/stream-reader.ts";
import { completeTasks, consumeTasks } from "../../src/bus/task-queue.ts";
import { runIdSchema, stepKeySchema, taskIdOf } from "../../src/protocol/ids.ts";
import { namesOf, ORCHESTRATOR_GROUP, TASK_GROUP } from "../../src/protocol/names.ts";
import type { CuttingProxy } from "../support/cutting-proxy.ts";
import { startCuttingProxy } from "../support/cutting-proxy.ts";
import type { EitherServer } from "../support/either-server.ts";
import { SERVER_KINDS, startEitherServer } from "../support/either-server.ts";
import { waitUntil } from "../support/wait-until.ts";
import { slotOf } from "../support/worker-fixtures.ts";

const names = namesOf("default");
const slot = slotOf("qna");
const runId = runIdSchema.parse("R1");
const stepKey = stepKeySchema.parse("qna");
const taskId = taskIdOf(runId, stepKey, 1);
const tasks = names.taskStream("qna");
const FENCE = 7;

/** Has an entry in hand; answers its id. */
async function take(redis: RedisConnection, stream: string, group: string): Promise<string> {
  await ensureGroups(redis, [stream], group);
  const id = (await redis.xadd(stream, "*", "d", "work")) ?? "";
  await redis.call("XREADGROUP", "GROUP", group, slot, "STREAMS", stream, ">");
  return id;
}

/** Makes ready what a script needs, and answers how to run it. */
type Scenario = (
  redis: RedisConnection,
) => Promise<(connection: RedisConnection) => Promise<unknown>>;

const MIRROR = ["session", "ids", "deleted", "changed", "changes", "index"];

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  aimieEnqueue: async () => (connection) =>
    sendCommand(connection, names, { type: "cancel-run", commandId: "c1", runId }),
  aimieCommit: async (redis) => {
    const entryId = await take(redis, names.resultStream, ORCHESTRATOR_GROUP);
    await redis.set(names.fence, FENCE);
    await redis.zadd(names.dueSet, 1, "old");
    const commit = {
      runId,
      expectedVersion: 0,
      now: 1,
      ended: false,
      origin: "origin",
      state: "state",
      event: "event",
      timersToSet: [{ dueAt: 5, member: "new" }],
      timersToClear: ["old"],
      tasks: [{ taskId, agent: "qna" as const, message: "task" }],
      notes: [],
      cached: [{ digest: "0123456789abcdef", attempt: { runId, stepKey, attempt: 1 } }],
      source: { stream: names.resultStream, entryId },
    };
    return async (connection) => {
      expect(await commitRun(connection, names, commit, FENCE)).toMatchObject({ committed: true });
    };
  },
  aimieComplete: async (redis) => {
    const entryId = await take(redis, tasks, TASK_GROUP);
    await redis.hset(names.openTasks("qna"), taskId, entryId);
    const givenUp = { reason: "too often", text: "work" };
    return (connection) =>
      completeTasks({ names, agent: "qna", slot, command: connection }, [
        { entryId, taskId, result: "result", awaited: true, givenUp },
      ]);
  },
  aimieRenew: async (redis) => {
    const entryId = await take(redis, tasks, TASK_GROUP);
    return (connection) => runScript(connection, renewScript, [tasks], [TASK_GROUP, slot, entryId]);
  },
  aimieTakeDue: async (redis) => {
    await redis.zadd(names.dueSet, 1, "a", "2", "b");
    const keys = [names.dueSet, names.commandStream];
    return (connection) => runScript(connection, takeDueScript, keys, [10]);
  },
  aimieLead: async (redis) => {
    await redis.set(names.fence, FENCE);
    const keys = [names.lease, names.fence];
    return async (connection) => {
      const argv = [slot, "nonce", 60_000, 1];
      expect(await runScript(connection, leadScript, keys, argv)).toBe(FENCE + 1);
    };
  },
  aimieAdopt: async (redis) => {
    await redis.hset(names.openTasks("qna"), taskId, await take(redis, tasks, TASK_GROUP));
    const result = { agent: "qna", messageId: "m1", taskId, text: "result" } as const;
    return (connection) => adoptResult(connection, names, result);
  },
  aimieSetAside: async (redis) => {
    const id = await take(redis, tasks, TASK_GROUP);
    const holder = { group: TASK_GROUP, consumer: slot };
    const letter = { reason: "bad", text: "work" };
    return (connection) => settleEntry(connection, names, holder, { stream: tasks, id }, letter);
  },
  aimieLodge: async () => (connection) =>
    lodge(connection, names, { origin: "result.qna", reason: "bad", text: "x" }),
  aimieReplay: async (redis) => {
    await lodge(redis, names, { origin: "result.qna", reason: "bad", text: "x" });
    const [letter] = await listLetters(redis, names, 1);
    const target = { stream: names.resultStream, text: "x" };
    return (connection) => exchangeLetter(connection, names, letter?.id ?? "", target);
  },
  aimieMirrorEntry: async () => (connection) =>
    runScript(connection, mirrorEntryScript, MIRROR.slice(0, 5), ["s1", "e1", "entry"]),
  aimieMirrorRemoval: async (redis) => {
    await runScript(redis, mirrorEntryScript, MIRROR.slice(0, 5), ["s1", "e1", "entry"]);
    return (connection) => runScript(connection, mirrorRemovalScript, MIRROR, ["s1", "gone"]);
  },
};

/** Every key with what it holds, ids of entries left out. */
async function everything(redis: RedisConnection): Promise<unknown> {
  const keys = (await redis.keys("*")).sort();
  return Object.fromEntries(
    await Promise.all(keys.map(async (key) => [key, await contentsOf(redis, key)] as const)),
  );
}

async function contentsOf(redis: RedisConnection, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "hash": {
      const { token: _, ...fields } = await redis.hgetall(key);
      return key.includes(":open:") ? Object.keys(fields) : fields;
    }
    case "set":
      return (await redis.smembers(key)).sort();
    case "zset":
      return await redis.zrange(key, 0, "-1", "WITHSCORES");
    case "stream": {
      const group = key === names.resultStream ? ORCHESTRATOR_GROUP : TASK_GROUP;
      const pending = await redis.xpending(key, group).catch(() => ["no group"]);
      return [(await redis.xrange(key, "-", "+")).map(([, fields]) => fields), pending[0]];
    }
    default:
      return await redis.get(key);
  }
}

describe.each(SERVER_KINDS)("a reply that is cut on %s", (kind) => {
  let server: EitherServer;
  let redis: RedisConnection;
  let proxy: CuttingProxy;
  let opened: RedisConnection[];
  beforeAll(async () => {
    server = await startEitherServer(kind);
    proxy = await startCuttingProxy(server.address.kind === "unix" ? server.address.path : "");
  });
  afterAll(async () => {
    proxy.close();
    await server.stop();
  });
  beforeEach(() => {
    redis = server.connect();
    opened = [];
  });
  afterEach(async () => {
    for (const connection of opened) connection.disconnect();
    await server.clear();
  });

  async function throughProxy(role: "command" | "blocking"): Promise<RedisConnection> {
    const connection = openConnection(proxy.address, role);
    opened.push(connection);
    await connection.ping();
    return connection;
  }

  test.each(ALL_SCRIPTS.map(({ name }) => name))("repeats %s without harm", async (name) => {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) throw new Error(`no scenario for ${name}`);
    await (await scenario(redis))(redis);
    const once = await everything(redis);
    await redis.flushall();

    const run = await scenario(redis);
    const connection = await throughProxy("command");
    const cut = proxy.cutNextReply();
    await Promise.all([run(connection), cut]);

    expect(await everything(redis)).toEqual(once);
  });

  test("loses no task that a cut read had delivered, and does it once", async () => {
    await ensureGroups(redis, [tasks], TASK_GROUP);
    const blocking = await throughProxy("blocking");
    const command = server.connect();
    const leaseMs = 30_000;
    const leases = startLeaseKeeper(
      { address: server.address, command },
      { group: TASK_GROUP, consumer: slot, leaseMs },
      () => undefined,
    );
    const abort = new AbortController();
    const done: string[] = [];
    const reading = consumeTasks({
      ...{ names, agent: "qna", slot, command, blocking, leases, leaseMs },
      signal: abort.signal,
      async onTask({ text, complete }) {
        done.push(text);
        await complete({ taskId, result: text, awaited: true });
      },
      onProblem: () => undefined,
    });
    await redis.xadd(tasks, "*", "d", "first");
    await waitUntil("the first is done", () => done.length === 1);
    const cut = proxy.cutNextReply();
    await redis.xadd(tasks, "*", "d", "second");
    await cut;
    await redis.xadd(tasks, "*", "d", "third");

    await waitUntil("all are done", () => done.length >= 3);
    abort.abort();
    blocking.disconnect();
    await reading;
    await leases.close();

    expect(done.sort()).toEqual(["first", "second", "third"]);
    expect(await redis.xlen(names.resultStream)).toBe(3);
    expect(await redis.xlen(tasks)).toBe(0);
  });
});
