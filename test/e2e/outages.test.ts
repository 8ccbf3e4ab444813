import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RedisConnection } from "../../src/bus/connection.ts";
import type { CuttingProxy } from "../support/cutting-proxy.ts";
import { startCuttingProxy } from "../support/cutting-proxy.ts";
import type { Place, Running } from "../support/product.ts";
import { newPlace, parseRun, startProduct, untilNothingRuns } from "../support/product.ts";
import type { RedisServer, ServerOptions } from "../support/redis-server.ts";
import { freePort, REDIS_SERVER, startRedisServer, withServer } from "../support/redis-server.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";
import { waitUntil } from "../support/wait-until.ts";

/** By when a run has ended whatever happened to its connections, seconds; later its code is 4. */
const RUN_DEADLINE_S = "70";

interface UnderWay {
  readonly place: Place;
  readonly server: RedisServer;
  readonly redis: RedisConnection;
  readonly product: Running;
}

/** Starts a run on a server of its own and waits until its simulation is being carried out. */
async function startSimulating({
  form = "json",
  ...options
}: Partial<ServerOptions> & { readonly form?: string } = {}): Promise<UnderWay> {
  const port = await freePort();
  const server = await startRedisServer({ port, ...options });
  onTestFinished(() => server.stop());
  return await simulate(server, `redis://127.0.0.1:${port}`, form);
}

/** The same with a proxy between the product and its server. */
async function startBehindProxy(): Promise<UnderWay & { readonly proxy: CuttingProxy }> {
  const server = await startRedisServer();
  onTestFinished(() => server.stop());
  const proxy = await startCuttingProxy(server.path);
  onTestFinished(() => proxy.close());
  return { ...(await simulate(server, `unix:${server.path}.proxy`)), proxy };
}

async function simulate(server: RedisServer, address: string, form = "json"): Promise<UnderWay> {
  const place = newPlace();
  const model = writeSlowModel(place.work, "slow");
  const product = startProduct(place, [
    ...["run", "--redis", address, "--output", form, "--timeout", RUN_DEADLINE_S],
    ...["--set", `model=${model}`, "--question", SLOW_QUESTION],
  ]);
  const redis = server.connect();
  await waitUntil("the simulation is in hand", async () => {
    const pending = await redis.xpending("{aimie:default}:t:simulation", "w").catch(() => []);
    return Number(pending[0] ?? 0) === 1;
  });
  // The console has stored what has happened so far when it has set the epoch.
  await waitUntil("the console has compared", () =>
    redis.exists("{aimie:default}:epoch").then(Boolean),
  );
  return { place, server, redis, product };
}

async function expectSuccess({ place, product }: UnderWay): Promise<string> {
  const { code, stdout, stderr } = await product.ended;
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const { run, steps } = parseRun(stdout);
  expect(run.status).toBe("succeeded");
  expect(steps.map(({ status, attempts }) => [status, attempts.length])).toEqual([
    ["succeeded", 1],
    ["succeeded", 1],
    ["succeeded", 1],
  ]);
  await untilNothingRuns(place);
  return run.id;
}

describe.skipIf(REDIS_SERVER === undefined)(withServer("a run that is under way"), () => {
  test("ends when Redis was killed and restarted with its data", async () => {
    const run = await startSimulating({ keeps: true });
    await run.server.kill();
    await run.server.restart();
    await expectSuccess(run);
  });

  test("ends when Redis was restarted without its data", async () => {
    const run = await startSimulating();
    await run.server.kill();
    await run.server.restart();
    await expectSuccess(run);
  });

  test("ends when all data was removed", async () => {
    const run = await startSimulating();
    await run.redis.flushall();
    await expectSuccess(run);
  });

  test("ends when Redis was away for twenty seconds, which is said once, with a remedy", async () => {
    const run = await startSimulating({ keeps: true, form: "text" });
    await run.server.kill();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    await run.server.restart();
    const { code, stdout } = await run.product.ended;
    expect(code).toBe(0);
    const said = stdout.split("\n").filter((line) => /redis|bus|timed out|connection/i.test(line));
    expect(said).toEqual([
      expect.stringMatching(/bus: lost Redis at .* — check that it runs and can be reached/),
      expect.stringContaining("bus: Redis is back; runs go on"),
    ]);
    const log = readFileSync(join(run.place.state, "aimie-console.log"), "utf8").split("\n");
    expect(log.length).toBeLessThan(60);
  });

  test("ends when Redis did nothing for ten seconds", async () => {
    const run = await startSimulating();
    run.server.signal("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    run.server.signal("SIGCONT");
    await expectSuccess(run);
  });

  test("ends when every connection became half-open, the blocked reads' too", async () => {
    const run = await startBehindProxy();
    run.proxy.silence();
    await expectSuccess(run);
  });

  test.each([
    ["a result was handed in", "aimie.result.v1"],
    ["a decision was stored", '"type":"result-received"'],
  ])("ends, each result counted once, when the reply was cut after %s", async (_, text) => {
    const run = await startBehindProxy();
    const cut = run.proxy.cutNextReply(text);
    const runId = await expectSuccess(run);
    await cut;
    const entries = await run.redis.xrange(`{aimie:default}:ev:${runId}`, "-", "+");
    const counted = entries.filter(([, [, event = ""]]) => event.includes("result-received"));
    expect(counted).toHaveLength(3);
  });

  test("ends when Redis was full for a while", async () => {
    const run = await startSimulating();
    await run.redis.config("SET", "maxmemory", "1");
    await waitUntil("writes are refused", async () => {
      const refused = await run.redis.set("x", "y").catch((cause: Error) => cause.message);
      return String(refused).startsWith("OOM");
    });
    await waitUntil("the simulation wants to hand in its result", async () => {
      const stats = String(await run.redis.info("errorstats"));
      return stats.includes("errorstat_OOM");
    });
    await run.redis.config("SET", "maxmemory", "0");
    await expectSuccess(run);
  });
});
