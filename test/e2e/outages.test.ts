import { describe, expect, onTestFinished, test } from "vitest";
import type { RedisConnection } from "../../src/bus/connection.ts";
import type { Place, Running } from "../support/product.ts";
import { newPlace, parseRun, startProduct, untilNothingRuns } from "../support/product.ts";
import type { RedisServer, ServerOptions } from "../support/redis-server.ts";
import { freePort, REDIS_SERVER, startRedisServer, withServer } from "../support/redis-server.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";
import { waitUntil } from "../support/wait-until.ts";

interface UnderWay {
  readonly place: Place;
  readonly server: RedisServer;
  readonly redis: RedisConnection;
  readonly product: Running;
}

/** Starts a run on a server of its own and waits until its simulation is being carried out. */
async function startSimulating(options: Partial<ServerOptions> = {}): Promise<UnderWay> {
  const port = await freePort();
  const server = await startRedisServer({ port, ...options });
  onTestFinished(() => server.stop());
  const place = newPlace();
  const model = writeSlowModel(place.work, "slow");
  const product = startProduct(place, [
    ...["run", "--redis", `redis://127.0.0.1:${port}`, "--output", "json"],
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

async function expectSuccess({ place, product }: UnderWay): Promise<void> {
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

  test("ends when Redis did nothing for ten seconds", async () => {
    const run = await startSimulating();
    run.server.signal("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    run.server.signal("SIGCONT");
    await expectSuccess(run);
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
