import { describe, expect, test } from "vitest";
import { watchPrivateBus } from "../support/bus-watch.ts";
import { BROKERS, newPlace, parseRun, startProduct } from "../support/product.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";
import { waitUntil } from "../support/wait-until.ts";

const KEY = "{aimie:default}";

describe.each(BROKERS)("on the %s broker", (broker) => {
  test("a paused orchestrator is replaced, and decides nothing when it wakes up", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place, "progress.*");
    const { redis } = bus;
    const model = writeSlowModel(place.work, "slow");
    const args = [
      ...["run", "--output", "json", "--agents", "own"],
      ...["--set", `model=${model}`, "--question", SLOW_QUESTION],
    ];
    const holder = async (): Promise<string | undefined> =>
      (await redis.get(`${KEY}:lead`))?.split(" ")[0];
    const products = [startProduct(place, args), startProduct(place, args)];
    const orchestrators = await waitUntil("two orchestrators beat", async () => {
      const slots = await redis.smembers(`${KEY}:hb`);
      const own = slots.filter((slot) => slot.includes(":orchestrator:"));
      return own.length === 2 && own;
    });
    const paused = await waitUntil("one of them leads", holder);
    expect(orchestrators).toContain(paused);
    const beat = await redis.get(`${KEY}:hb:${paused}`);
    const pid: number = JSON.parse(beat ?? "").pid;
    await bus.untilHeard("progress.simulation", '"advanced"');
    const fence = Number(await redis.get(`${KEY}:fence`));

    process.kill(pid, "SIGSTOP");
    await waitUntil("the other one leads", async () => {
      const next = await holder();
      return next !== undefined && next !== paused;
    });
    process.kill(pid, "SIGCONT");

    for (const { ended } of products) {
      const { code, stdout } = await ended;
      expect(code).toBe(0);
      const { id } = parseRun(stdout).run;
      const entries = await redis.xrange(`${KEY}:ev:${id}`, "-", "+");
      const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? "").data.event.type);
      expect(events).toEqual(["run-requested", ...Array(3).fill("result-received")]);
    }
    expect(Number(await redis.get(`${KEY}:fence`))).toBeGreaterThan(fence);
    for (const key of ["res", "cmd", "dlq"]) expect(await redis.xlen(`${KEY}:${key}`)).toBe(0);
  });
});
