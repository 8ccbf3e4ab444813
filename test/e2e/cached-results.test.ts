/** Steps that take the result of an earlier attempt, on the product as it is used. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { watchPrivateBus } from "../support/bus-watch.ts";
import type { Place, RunJson } from "../support/product.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  runProduct,
  startProduct,
  stepOf,
} from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const FLOW = `name: cached
params:
  question: { type: string, default: What is the peak of infectious? }
  model: { type: model, default: sir }
steps:
  simulation:
    agent: simulation
    cache: true
    input: { model: "\${{ params.model }}" }
  qna:
    agent: qna
    needs: simulation
    input: { question: "\${{ params.question }}", simulation: "\${{ steps.simulation.output }}" }
`;

/** A place with the flow, workers that stay, and its bus. */
async function newCrew(broker: (typeof BROKERS)[number]) {
  const place = newPlace(broker);
  writeFileSync(join(place.work, "cached.yaml"), FLOW);
  const bus = await watchPrivateBus(place, "task.*", "result.*");
  const crew = startProduct(place, ["up"]);
  await waitUntil("the workers are there", () => crew.stdout().includes("\n"));
  return { place, bus };
}

async function runOf(place: Place, ...args: readonly string[]): Promise<RunJson> {
  const ended = await runProduct(place, [...args, "--output", "json"]);
  expect(ended).toMatchObject({ code: 0 });
  return parseRun(ended.stdout);
}

const cachedFrom = (run: RunJson): unknown =>
  stepOf(run, "simulation").attempts.at(-1)?.["cachedFrom"];

describe.each(BROKERS)("a step with cache: true, on the %s broker", (broker) => {
  test("is done once, and again whenever that is asked for or the result is gone", async () => {
    const { place, bus } = await newCrew(broker);
    const run = (...args: readonly string[]): Promise<RunJson> =>
      runOf(place, "run", "cached.yaml", ...args);
    const first = await run();
    expect(cachedFrom(first)).toBeNull();
    const task = `${first.run.id}.simulation.1`;

    const second = await run("--question", "What is recovered at the end?");
    expect(cachedFrom(second)).toBe(task);
    expect(stepOf(second, "simulation")).toMatchObject({
      status: "succeeded",
      output: stepOf(first, "simulation")["output"],
    });
    const ordered = bus.heard.map(({ text }) => JSON.parse(text).subject);
    expect(ordered).toContain(task);
    expect(ordered).not.toContain(`${second.run.id}.simulation.1`);

    const told = `${first.run.id}/simulation#1`;
    const show = await runProduct(place, ["show", second.run.id]);
    expect(show.stdout).toContain(`simulation: cached from ${told}`);
    const why = await runProduct(place, ["why", second.run.id, "qna"]);
    expect(why.stdout).toContain(`simulation took its result from ${told}`);
    const diff = await runProduct(place, ["diff", first.run.id, second.run.id]);
    expect(diff.stdout).toContain(`cached from ${task}`);
    const events = await runProduct(place, ["events", second.run.id]);
    expect(events.stdout).toContain(`simulation cached from ${told}`);

    const rerun = await runOf(place, "rerun", second.run.id, "--from", "simulation");
    expect(cachedFrom(rerun)).toBeNull();
    expect(stepOf(rerun, "simulation").attempt).toBe(2);

    const third = await run();
    expect(cachedFrom(third)).toBe(`${second.run.id}.simulation.2`);
    const real = await run("--no-cache");
    expect(cachedFrom(real)).toBeNull();

    const { data } = stepOf(real, "simulation")["output"] as { data: { path: string } };
    writeFileSync(data.path, "not what it was");
    const afterDamage = await run();
    expect(cachedFrom(afterDamage)).toBeNull();

    await bus.redis.flushall();
    const afterLoss = await run();
    expect(cachedFrom(afterLoss)).toBeNull();
  }, 180_000);
});

test("is refused of an agent whose work is not known, with the line", async () => {
  const place = newPlace();
  const flow = "name: f\nsteps:\n  a: { agent: mcp, tool: b__c, cache: true }\n";
  writeFileSync(join(place.work, "f.yaml"), flow);
  const ended = await runProduct(place, ["flows", "validate", "f.yaml"]);
  expect(ended.code).toBe(2);
  expect(ended.stdout + ended.stderr).toMatch(/3.*step "a" cannot be cached/);
  expect(ended.stdout + ended.stderr).toContain("remove `cache` from the step");
});
