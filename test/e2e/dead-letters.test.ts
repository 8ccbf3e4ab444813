import { describe, expect, test } from "vitest";
import { watchPrivateBus, workerPids } from "../support/bus-watch.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  runProduct,
  startProduct,
  stepOf,
} from "../support/product.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";
import { waitUntil } from "../support/wait-until.ts";

const KEY = "{aimie:default}";

describe.each(BROKERS)("on the %s broker", (broker) => {
  test("a task that ends its workers is set aside, and can be replayed as a rerun", async () => {
    const place = newPlace(broker);
    const { redis, untilHeard } = await watchPrivateBus(place, "progress.*");
    const model = writeSlowModel(place.work, "slow");
    const product = startProduct(place, [
      ...["run", "--output", "json", "--set", `model=${model}`, "--question", SLOW_QUESTION],
    ]);
    await untilHeard("progress.simulation", '"advanced"');
    // As if it had been delivered five times already, the last time to the worker that has it.
    const [pending] = await redis.xpending(`${KEY}:t:simulation`, "w", "-", "+", 1);
    const [entry, slot] = pending as [string, string];
    const claim = ["XCLAIM", `${KEY}:t:simulation`, "w", slot, "0", entry] as const;
    await redis.call(...claim, "RETRYCOUNT", "5", "JUSTID");
    process.kill((await workerPids(redis))["simulation"] ?? 0, "SIGKILL");

    const { stdout } = await product.ended;
    const run = parseRun(stdout);
    const [first] = stepOf(run, "simulation").attempts;
    expect(first).toMatchObject({ status: "failed", failure: { kind: "worker-lost" } });

    const listed = await runProduct(place, ["dead-letters", "--output", "json"]);
    const [letter, ...others] = JSON.parse(listed.stdout);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      origin: `${KEY}:t:simulation`,
      reason: "delivered 5 times without a result",
    });
    expect((await runProduct(place, ["dead-letters"])).stdout).toContain(letter.id);

    const replayed = await runProduct(place, ["dead-letters", "--replay", letter.id]);
    expect(replayed.stdout).toBe(`replayed as a rerun of simulation in ${run.run.id}\n`);
    expect(await redis.xlen(`${KEY}:dlq`)).toBe(0);
    const again = await runProduct(place, ["dead-letters", "--replay", letter.id]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("no dead letter") });

    // Whoever runs next carries the rerun out.
    await runProduct(place, ["run", "--output", "json"]);
    const events = await waitUntil("the step was done again", async () => {
      const entries = await redis.xrange(`${KEY}:ev:${run.run.id}`, "-", "+");
      const types = entries.map(([, fields]) => JSON.parse(fields[1] ?? "").data.event.type);
      return types.includes("rerun-requested") && types;
    });
    expect(events.filter((type) => type === "rerun-requested")).toHaveLength(1);
  });

  test("what cannot be used is listed with its reason, and dropped", async () => {
    const place = newPlace(broker);
    const { redis } = await watchPrivateBus(place);
    await redis.xadd(`${KEY}:cmd`, "*", "d", "{ not \u001b[2Jjson");
    await runProduct(place, ["run", "--output", "json"]);
    const { stdout } = await runProduct(place, ["dead-letters"]);
    expect(stdout).toContain("not JSON");
    expect(stdout).not.toContain("\u001b");
    const [letter] = JSON.parse(
      (await runProduct(place, ["dead-letters", "--output", "json"])).stdout,
    );
    const dropped = await runProduct(place, ["dead-letters", "--drop", letter.id]);
    expect(dropped).toMatchObject({ code: 0, stdout: "dropped\n" });
    expect((await runProduct(place, ["dead-letters"])).stdout).toBe("no dead letters\n");
    const mistyped = await runProduct(place, ["dead-letters", "--drop", "x"]);
    expect(mistyped.code).toBe(2);
  });

  test("a flood of progress messages does not break a run", async () => {
    const place = newPlace(broker);
    const { redis } = await watchPrivateBus(place);
    const product = startProduct(place, ["run", "--output", "json"]);
    let isOver = false;
    const ended = product.ended.finally(() => {
      isOver = true;
    });
    const message = JSON.stringify({
      specversion: "1.0",
      id: "flood",
      source: "stranger",
      type: "aimie.progress.v1",
      time: new Date().toISOString(),
      subject: "flood.qna.1",
      runid: "flood",
      data: { kind: "logged", level: "info", message: "x".repeat(200) },
    });
    let sent = 0;
    for (; !isOver || sent < 100_000; sent += 100) {
      await Promise.all(Array.from({ length: 100 }, () => redis.publish("progress.qna", message)));
    }
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(parseRun(stdout).steps.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });
});
