import { describe, expect, test } from "vitest";
import { watchPrivateBus, workerPids } from "../support/bus-watch.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  processesOf,
  runProduct,
  startProduct,
  untilNothingRuns,
} from "../support/product.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";
import { waitUntil } from "../support/wait-until.ts";

describe.each(BROKERS)("two products on the %s broker", (broker) => {
  test("share the broker, and the second uses the workers of the first", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place, "progress.*");
    const model = writeSlowModel(place.work, "endless");
    const first = startProduct(place, [
      ...["run", "--set", `model=${model}`, "--question", SLOW_QUESTION],
      ...["--output", "json"],
    ]);
    await bus.untilHeard("progress.simulation", '"started"');
    const pids = await waitUntil("all four agents are played", async () => {
      const found = await workerPids(bus.redis);
      return Object.keys(found).length === 4 && found;
    });
    const second = startProduct(place, ["run", "--output", "json"]);
    // Its simulation waits behind the first one's; its end lets the second go on.
    await waitUntil("the second run waits in the queue", async () => {
      return (await bus.redis.xlen("{aimie:default}:t:simulation")) === 2;
    });
    expect(await workerPids(bus.redis)).toEqual(pids);
    const commands = processesOf(place.folder).map(({ command }) => command);
    expect(commands.filter((command) => command.includes("-worker.js"))).toHaveLength(4);
    expect(commands.filter((command) => command.includes("broker.js"))).toHaveLength(1);
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    const { code, stdout } = await second.ended;
    expect(code).toBe(0);
    expect(parseRun(stdout).run.status).toBe("succeeded");
    bus.leave();
    await untilNothingRuns(place);
  });

  test("both started at once both succeed on one broker", async () => {
    const place = newPlace(broker);
    const ended = await Promise.all([
      runProduct(place, ["run", "--output", "json", "--session", "one"]),
      runProduct(place, ["run", "--output", "json", "--session", "two"]),
    ]);
    for (const { code, stdout } of ended) {
      expect(code).toBe(0);
      expect(parseRun(stdout).run.status).toBe("succeeded");
    }
    expect(ended.map(({ stdout }) => parseRun(stdout).run.session)).toSatisfy(
      ([one, two]: readonly string[]) => one !== two,
    );
    await untilNothingRuns(place);
  });

  test("the second starts workers of its own when it is told to", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place, "progress.*");
    const model = writeSlowModel(place.work, "slow");
    const first = startProduct(place, [
      ...["run", "--set", `model=${model}`, "--question", SLOW_QUESTION],
      ...["--output", "json"],
    ]);
    await bus.untilHeard("progress.simulation", '"started"');
    const second = await runProduct(place, ["run", "--agents", "own", "--output", "json"]);
    expect(second.code).toBe(0);
    expect((await first.ended).code).toBe(0);
    bus.leave();
    await untilNothingRuns(place);
  });
});
