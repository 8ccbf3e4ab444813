import { describe, expect, test } from "vitest";
import type { BusWatch } from "../support/bus-watch.ts";
import { watchPrivateBus, workerPids } from "../support/bus-watch.ts";
import type { Broker, Place, Running } from "../support/product.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  processesOf,
  runProduct,
  signalProcess,
  startProduct,
  stepOf,
  untilNothingRuns,
} from "../support/product.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";
import { waitUntil } from "../support/wait-until.ts";

interface Simulating {
  readonly place: Place;
  readonly bus: BusWatch;
  readonly product: Running;
}

/** Starts a run and waits until its simulation is being carried out. */
async function startSimulating(broker: Broker, pace: "slow" | "endless"): Promise<Simulating> {
  const place = newPlace(broker);
  const bus = await watchPrivateBus(place, "progress.*", "task.*");
  const model = writeSlowModel(place.work, pace);
  const product = startProduct(place, [
    ...["run", "--output", "json", "--set", `model=${model}`, "--question", SLOW_QUESTION],
  ]);
  await bus.untilHeard("progress.simulation", '"advanced"');
  return { place, bus, product };
}

async function pidOf({ redis }: BusWatch, agent: string): Promise<number> {
  return await waitUntil(`the ${agent} beats`, async () => (await workerPids(redis))[agent]);
}

describe.each(BROKERS)("on the %s broker", (broker) => {
  test("a worker killed during its task does it again when it is back", async () => {
    const { bus, product } = await startSimulating(broker, "slow");
    const pid = await pidOf(bus, "simulation");
    process.kill(pid, "SIGKILL");
    await waitUntil("another process plays the simulation", async () => {
      const { simulation } = await workerPids(bus.redis);
      return simulation !== undefined && simulation !== pid;
    });
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    const simulation = stepOf(parseRun(stdout), "simulation");
    expect(simulation).toMatchObject({ status: "succeeded", attempt: 1 });
  });

  test("an orchestrator killed during a run goes on where it was", async () => {
    const { bus, product } = await startSimulating(broker, "slow");
    process.kill(await pidOf(bus, "orchestrator"), "SIGKILL");
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    expect(parseRun(stdout).steps.map(({ status, attempt }) => [status, attempt])).toEqual([
      ["succeeded", 1],
      ["succeeded", 1],
      ["succeeded", 1],
    ]);
  });

  test("a step whose tool server is killed is tried again", async () => {
    const { place, product } = await startSimulating(broker, "slow");
    const tools = processesOf(place.folder).find(({ command }) =>
      command.includes("simulation-tools.js"),
    );
    process.kill(tools?.pid ?? Number.NaN, "SIGKILL");
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    const simulation = stepOf(parseRun(stdout), "simulation");
    expect(simulation).toMatchObject({ status: "succeeded", attempt: 2 });
    expect(simulation.attempts[0]).toMatchObject({ status: "failed", failure: { kind: "tool" } });
  });

  test("every worker killed at once, the run still succeeds", async () => {
    const { bus, product } = await startSimulating(broker, "slow");
    const pids = Object.values(await workerPids(bus.redis));
    expect(pids.length).toBeGreaterThan(1);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    expect(parseRun(stdout).run.status).toBe("succeeded");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s cancels the run and ends with %i, leaving nothing behind", async (name, code) => {
    const { place, bus, product } = await startSimulating(broker, "endless");
    product.child.kill(name);
    const ended = await product.ended;
    expect(ended.code).toBe(code);
    const run = parseRun(ended.stdout);
    expect(run.run.status).toBe("cancelled");
    expect(stepOf(run, "simulation").status).toBe("cancelled");
    bus.leave();
    await untilNothingRuns(place);
  });

  test("a run that takes too long is cancelled and ends with 4", async () => {
    const place = newPlace(broker);
    const model = writeSlowModel(place.work, "endless");
    const args = ["run", "--output", "json", "--set", `model=${model}`, "--timeout", "1"];
    const { code, stdout } = await runProduct(place, args);
    expect(code).toBe(4);
    expect(parseRun(stdout).run.status).toBe("cancelled");
    await untilNothingRuns(place);
  });

  test("the second signal ends the product at once", async () => {
    const { place, bus, product } = await startSimulating(broker, "endless");
    product.child.kill("SIGINT");
    product.child.kill("SIGTERM");
    const { code } = await product.ended;
    expect([130, 143]).toContain(code);
    bus.leave();
    await untilNothingRuns(place);
  });

  test("kill -9 of the product leaves no process behind", async () => {
    const { place, bus, product } = await startSimulating(broker, "endless");
    const before = processesOf(place.folder).length;
    expect(before).toBeGreaterThanOrEqual(9);
    bus.leave();
    product.child.kill("SIGKILL");
    await untilNothingRuns(place);
  });

  test("a broker that is killed with kill -9 takes its server along", async () => {
    const place = newPlace(broker);
    const running = startProduct(place, ["broker"]);
    await waitUntil("the broker serves", () => running.stdout().includes("unix:"));
    running.child.kill("SIGKILL");
    for (const { pid, command } of processesOf(place.folder)) {
      if (command.includes("broker.js")) signalProcess(pid, "SIGKILL");
    }
    await untilNothingRuns(place);
  });

  // The embedded broker keeps its data in memory only, so far.
  test.skipIf(broker === "embedded")("what a broker has stored outlives it", async () => {
    const place = newPlace(broker);
    const first = await runProduct(place, ["run", "--output", "json"]);
    await untilNothingRuns(place);
    const bus = await watchPrivateBus(place);
    const { id } = parseRun(first.stdout).run;
    expect(await bus.redis.zscore("{aimie:default}:runs", id)).not.toBeNull();
    bus.leave();
  });
});
