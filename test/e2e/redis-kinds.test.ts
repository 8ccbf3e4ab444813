import { describe, expect, onTestFinished, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import {
  newPlace,
  parseRun,
  runProduct,
  startProduct,
  untilNothingRuns,
} from "../support/product.ts";
import { REDIS_SERVER, withServer } from "../support/redis-server.ts";
import { startSentinelSet } from "../support/sentinel.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";
import { waitUntil } from "../support/wait-until.ts";

describe.skipIf(REDIS_SERVER === undefined)(withServer("a Redis of several processes"), () => {
  test.each([1, 3] as const)("a run succeeds on a cluster of %i", async (size) => {
    const cluster = await startCluster(size);
    onTestFinished(() => cluster.stop());
    const place = newPlace();
    const { code, stdout } = await runProduct(place, [
      ...["run", "--redis", cluster.url, "--output", "json"],
    ]);
    expect(code).toBe(0);
    expect(parseRun(stdout).run.status).toBe("succeeded");
    await untilNothingRuns(place);
  });

  test("a single server that is given as a cluster is refused with a sentence", async () => {
    const set = await startSentinelSet();
    onTestFinished(() => set.stop());
    const port = /127\.0\.0\.1:(\d+)/.exec(JSON.stringify(set.master.address))?.[1];
    const { code, stderr } = await runProduct(newPlace(), [
      ...["run", "--redis", `redis-cluster://127.0.0.1:${port}`],
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain("cluster support disabled");
  });

  test("a run outlives the failover of its master", async () => {
    const set = await startSentinelSet();
    onTestFinished(() => set.stop());
    const place = newPlace();
    const model = writeSlowModel(place.work, "slow");
    const product = startProduct(place, [
      ...["run", "--redis", set.url, "--output", "json"],
      ...["--set", `model=${model}`, "--question", SLOW_QUESTION],
    ]);
    const replica = set.replica.connect();
    await waitUntil("the replica has the task", async () => {
      return (await replica.xlen("{aimie:default}:t:simulation")) === 1;
    });
    await set.master.kill();
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    const { run, steps } = parseRun(stdout);
    expect(run.status).toBe("succeeded");
    expect(steps.map(({ status }) => status)).toEqual(["succeeded", "succeeded", "succeeded"]);
    expect(String(await replica.call("ROLE"))).toContain("master");
    await untilNothingRuns(place);
  });
});
