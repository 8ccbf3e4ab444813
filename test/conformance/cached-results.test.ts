import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lookUp } from "../../src/agents/orchestrator/look-up.ts";
import { commitOf } from "../../src/agents/orchestrator/outbox.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import type { RunCommit } from "../../src/bus/run-store.ts";
import { commitRun, findCached } from "../../src/bus/run-store.ts";
import { reduce } from "../../src/orchestrator/reduce.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import type { Artifact } from "../../src/protocol/artifact.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { RunEvent } from "../../src/protocol/run-events.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import type { EitherServer } from "../support/either-server.ts";
import { SERVER_KINDS, startEitherServer } from "../support/either-server.ts";
import { SIMULATION_OUTPUT } from "../support/run-history.ts";
import type { DrivenRun } from "../support/runs.ts";
import { driveRun, FORK_FLOW, key, runId, specOf, succeededWith } from "../support/runs.ts";
import { slotOf } from "../support/worker-fixtures.ts";

const names = namesOf("default");
const FLOW = FORK_FLOW.replace("agent: simulation\n", "agent: simulation\n    cache: true\n");
const models = { sir: "<xmile/>" };
const DAY_MS = 86_400_000;
const NOW = 1_790_000_000_000;

const attempt = { runId, stepKey: key("simulation"), attempt: 1 };
const commit = (change: Partial<RunCommit> = {}): RunCommit => ({
  ...{ runId, expectedVersion: 0, now: NOW, ended: false },
  ...{ origin: "{}", state: "{}", event: "{}" },
  ...{ timersToSet: [], timersToClear: [], tasks: [], notes: [], source: null },
  ...change,
});

describe.each(SERVER_KINDS)("results that are taken again, on %s", (kind) => {
  let server: EitherServer;
  let redis: RedisConnection;
  let folder: string;
  beforeAll(async () => {
    server = await startEitherServer(kind);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    redis = server.connect();
    folder = mkdtempSync(join(tmpdir(), "cached-"));
  });
  afterEach(async () => {
    await server.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  describe("the cache", () => {
    const remember = async (digest: string, change: Partial<RunCommit> = {}): Promise<void> => {
      const version = Number((await redis.hget(names.runHash(runId), "ver")) ?? 0);
      const wanted = { expectedVersion: version, cached: [{ digest, attempt }], ...change };
      await commitRun(redis, names, commit(wanted));
    };
    const found = (digest: string): Promise<unknown> => findCached(redis, names, digest);

    test("leads to the last attempt that did a piece of work, for as long as a run is kept", async () => {
      await remember("w");
      await remember("w", { cached: [{ digest: "w", attempt: { ...attempt, attempt: 2 } }] });
      expect(await found("w")).toEqual({ ...attempt, attempt: 2 });
      expect(await found("other")).toBeUndefined();
      for (const name of [names.cache, names.cacheAges]) {
        const seconds = await redis.ttl(name);
        expect(seconds).toBeGreaterThan(29 * 86_400);
        expect(seconds).toBeLessThanOrEqual(30 * 86_400);
      }
    });

    test("is not there until something is to be found again", async () => {
      await commitRun(redis, names, commit());
      expect(await redis.exists(names.cache, names.cacheAges)).toBe(0);
    });

    test("takes nothing of a decision that came too late", async () => {
      await remember("w", { expectedVersion: 7 });
      expect(await found("w")).toBeUndefined();
    });

    test("lets go of what is too old", async () => {
      await remember("old", { now: NOW - 31 * DAY_MS });
      await remember("young", { now: NOW - 29 * DAY_MS });
      await remember("new");
      expect(await redis.hkeys(names.cache)).toEqual(["young", "new"]);
      expect(await redis.zrange(names.cacheAges, 0, "-1")).toEqual(["young", "new"]);
    });

    test("holds ten thousand, and lets go of the oldest", async () => {
      const digests = Array.from({ length: 10_000 }, (_, index) => `d${index}`);
      await redis.hset(names.cache, Object.fromEntries(digests.map((digest) => [digest, "x"])));
      await redis.zadd(
        names.cacheAges,
        ...digests.flatMap((digest, at) => [NOW - 20_000 + at, digest]),
      );
      await remember("one more");
      expect(await redis.hlen(names.cache)).toBe(10_000);
      expect(await redis.zcard(names.cacheAges)).toBe(10_000);
      expect(await redis.hmget(names.cache, "d0", "d1")).toEqual([null, "x"]);
      expect(await found("one more")).toEqual(attempt);
    });

    test.each([
      ["its ages are gone", () => redis.del(names.cacheAges)],
      ["it is something else", () => redis.set(names.cache, "what?")],
      ["its ages are something else", () => redis.set(names.cacheAges, "what?")],
    ])("begins anew when %s, and stops nobody", async (_, damage) => {
      await remember("before");
      await damage();
      await remember("after");
      expect(await redis.hkeys(names.cache)).toEqual(["after"]);
      expect(await redis.zrange(names.cacheAges, 0, "-1")).toEqual(["after"]);
    });

    test("leads nowhere when its words are not ours", async () => {
      await redis.hset(names.cache, "a", "{", "b", '{"runId":1}');
      expect(await found("a")).toBeUndefined();
      expect(await found("b")).toBeUndefined();
    });
  });

  describe("a look", () => {
    let table: Artifact;
    const sender = { config: { slot: slotOf("orchestrator") } };
    const look = { type: "look-up-due", at: NOW, stepKey: key("simulation"), attempt: 1 } as const;

    const put = async (): Promise<void> => {
      const description = { name: "table.parquet", mediaType: "application/vnd.apache.parquet" };
      table = await folderArtifactStore(folder).put(Buffer.from("a table"), description);
    };

    /** A run that has really simulated, stored as an orchestrator would. */
    async function earlier(
      change: { readonly output?: object; readonly definition?: string } = {},
    ): Promise<DrivenRun> {
      await put();
      const run = driveRun(FLOW, { models });
      const store = async (version: number): Promise<void> => {
        const [event] = run.events.slice(-1);
        if (event === undefined) throw new Error("a driven run has events");
        const decided = { runId, version, event, state: run.state, effects: run.effects };
        await commitRun(redis, names, commitOf(sender, { ...decided, source: null }));
      };
      await store(0);
      run.send({
        type: "reuse-declined",
        at: NOW,
        stepKey: key("simulation"),
        attempt: 1,
        reason: "",
      });
      await store(1);
      const { output = { ...SIMULATION_OUTPUT, data: table }, definition = "v1" } = change;
      const result = { ...succeededWith(JSON.parse(JSON.stringify(output))), definition };
      run.send({
        ...{ type: "result-received", at: NOW, stepKey: key("simulation"), attempt: 1 },
        taskId: run.state.steps[key("simulation")]?.attempts[0]?.taskId as never,
        result: result as Extract<RunEvent, { type: "result-received" }>["result"],
      });
      await store(2);
      return run;
    }

    function later(models = { sir: "<xmile/>" }, flow = FLOW): RunState {
      const spec = specOf(flow, { runId: runIdSchema.parse("R2"), models });
      const decision = reduce(undefined, { type: "run-requested", at: NOW, spec });
      if (decision === undefined) throw new Error("a request always gives a state");
      return decision[0];
    }

    const ask = (
      state: RunState | undefined = later(),
      definitionHashes: Record<string, string> = { simulation: "v1" },
      at: typeof look | { readonly attempt: number } = look,
    ): Promise<RunEvent | undefined> => {
      const config = { definitionHashes, artifactFolder: folder };
      return lookUp({ command: redis, names, config }, state, { ...look, ...at });
    };
    const declined = (reason: string | RegExp): object => ({
      type: "reuse-declined",
      reason: expect.stringMatching(reason),
    });

    test("finds the result of a run that has done the same work", async () => {
      await earlier();
      expect(await ask()).toMatchObject({
        type: "result-reused",
        from: { runId: "R1", stepKey: "simulation", attempt: 1 },
        result: { status: "succeeded", output: { data: { sha256: table.sha256 } } },
      });
    });

    test("finds none after the bus has lost its data", async () => {
      await earlier();
      await redis.flushall();
      expect(await ask()).toMatchObject(declined("no earlier attempt"));
    });

    test("finds none of another model, another definition or an unknown one", async () => {
      await earlier();
      expect(await ask(later({ sir: "<xmile />" }))).toMatchObject(declined("no earlier attempt"));
      expect(await ask(later(), { simulation: "v2" })).toMatchObject(declined("no earlier"));
      expect(await ask(later(), {})).toMatchObject(declined("works with more than is known here"));
    });

    test("finds none of a model whose text the run does not hold", async () => {
      expect(await ask(later({} as typeof models))).toMatchObject(
        declined("the text of its model"),
      );
    });

    test("does not believe what leads to other work", async () => {
      await earlier({ definition: "v0" });
      const [value = ""] = await redis.hvals(names.cache);
      await earlierDigestOf("v1", value);
      expect(await ask()).toMatchObject(declined("has done other work"));
    });

    /** Has the digest of what is asked for lead elsewhere. */
    async function earlierDigestOf(definition: string, value: string): Promise<void> {
      const { workDigest } = await import("../../src/orchestrator/reuse.ts");
      const input = { model: "sir", modelText: "<xmile/>" };
      const digest = workDigest({ agent: "simulation", definition, input });
      await redis.hset(names.cache, digest ?? "", value);
    }

    test("does not lead to a run that is gone, or an attempt that was never made", async () => {
      await earlierDigestOf("v1", JSON.stringify(attempt));
      expect(await ask()).toMatchObject(declined("run R1, which did it, is gone"));
      await earlier();
      await earlierDigestOf("v1", JSON.stringify({ ...attempt, attempt: 9 }));
      expect(await ask()).toMatchObject(declined("has done other work"));
      await earlierDigestOf("v1", JSON.stringify({ ...attempt, stepKey: "nobody" }));
      expect(await ask()).toMatchObject(declined("has done other work"));
    });

    test("does not take a result whose file is gone or is not what it was", async () => {
      await earlier();
      const path = folderArtifactStore(folder).pathOf(table);
      writeFileSync(path, "b table");
      expect(await ask()).toMatchObject(declined("its file table.parquet is damaged"));
      rmSync(path);
      expect(await ask()).toMatchObject(declined("its file table.parquet is missing"));
    });

    test("does not read files that are too large to be made sure of", async () => {
      await put();
      await earlier({ output: { ...SIMULATION_OUTPUT, data: { ...table, bytes: 2 ** 30 } } });
      expect(await ask()).toMatchObject(declined("too many to make sure of"));
    });

    test("does not take an output that the agent could not have given", async () => {
      await earlier({ output: { half: true } });
      expect(await ask()).toMatchObject(declined("its output is not valid"));
    });

    test("says why when what is stored cannot be read", async () => {
      await earlier();
      await redis.hset(names.runHash(runId), "state", "{");
      expect(await ask()).toMatchObject({ type: "reuse-declined" });
    });

    test("that nobody waits for any more ends without a word", async () => {
      const plain = later(models, FORK_FLOW);
      expect(await ask(plain)).toBeUndefined();
      const config = { definitionHashes: {}, artifactFolder: folder };
      expect(await lookUp({ command: redis, names, config }, undefined, look)).toBeUndefined();
      expect(await ask(later(), { simulation: "v1" }, { attempt: 2 })).toBeUndefined();
    });
  });
});
