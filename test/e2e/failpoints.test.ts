import { describe, expect, test } from "vitest";
import { watchPrivateBus } from "../support/bus-watch.ts";
import { BROKERS, newPlace, parseRun, runProduct } from "../support/product.ts";

const PLACES = [
  "after-read",
  "after-effect",
  "before-complete",
  "after-complete",
  "before-commit",
  "after-commit",
] as const;

describe.each(BROKERS)("on the %s broker", (broker) => {
  test.each(PLACES)("a process killed %s costs nothing and counts once", async (place) => {
    const home = newPlace(broker);
    const bus = await watchPrivateBus(home);
    const args = ["run", "--output", "json"];
    const { code, stdout } = await runProduct(home, args, { env: { AIMIE_FAIL_AT: place } });
    expect(code).toBe(0);
    const run = parseRun(stdout);
    expect(run.run.status).toBe("succeeded");
    expect(run.steps.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);

    const entries = await bus.redis.xrange(`{aimie:default}:ev:${run.run.id}`, "-", "+");
    const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? "").data.event.type);
    expect(events).toEqual(["run-requested", ...Array(3).fill("result-received")]);
    for (const key of ["t:simulation", "t:qna", "t:viz", "res", "cmd", "dlq"]) {
      expect([key, await bus.redis.xlen(`{aimie:default}:${key}`)]).toEqual([key, 0]);
    }
    expect(await bus.redis.exists("{aimie:default}:open:qna")).toBe(0);
  });
});
