import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { watchPrivateBus, workerPids } from "../support/bus-watch.ts";
import type { Ended } from "../support/ending.ts";
import { readHostileMessages } from "../support/hostile-messages.ts";
import type { Place } from "../support/product.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  runProduct,
  signalProcess,
  startProduct,
  untilNothingRuns,
} from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const agentList = z.array(z.looseObject({ slot: z.string(), agent: z.string(), pid: z.int() }));
const upLine = z.looseObject({
  type: z.literal("up"),
  version: z.literal(1),
  pid: z.int(),
  slots: z.array(z.string()),
});
const doctorReport = z.object({
  version: z.literal(1),
  healthy: z.boolean(),
  findings: z.array(
    z.object({
      area: z.string(),
      verdict: z.enum(["ok", "warn", "fail"]),
      text: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
});

async function examine(place: Place, ...flags: readonly string[]) {
  const ended = await runProduct(place, ["doctor", "--output", "json", ...flags]);
  const report = doctorReport.parse(JSON.parse(ended.stdout));
  const of = (area: string) => report.findings.filter((one) => one.area === area);
  return { ...report, code: ended.code, of };
}

const livingAgents = async (place: Place) =>
  agentList.parse(JSON.parse((await runProduct(place, ["agents", "--output", "json"])).stdout));

/** Every file and folder of a place's state that others than its owner may touch. */
function openFiles(place: Place): readonly string[] {
  return readdirSync(place.state, { recursive: true, encoding: "utf8" }).filter(
    (name) => (statSync(join(place.state, name)).mode & 0o077) !== 0,
  );
}

describe.each(BROKERS)("on the %s broker", (broker) => {
  test("a supervisor without a screen outlives its terminal, works, and is ended by down", async () => {
    const place = newPlace(broker);
    const up = await runProduct(place, [
      ...["up", "--detach", "--workers", "qna=2", "--output", "json"],
    ]);
    expect(up.code).toBe(0);
    const { slots } = upLine.parse(JSON.parse(up.stdout));
    expect(slots.map((slot) => slot.split(":").slice(1).join(":")).sort()).toEqual([
      ...["orchestrator:0", "qna:0", "qna:1", "simulation:0", "viz:0"],
    ]);
    await waitUntil("all five beat", async () => (await livingAgents(place)).length === 5);
    expect(openFiles(place)).toEqual([]);

    const run = await runProduct(place, ["run", "--agents", "none", "--output", "json"]);
    expect(parseRun(run.stdout).run.status).toBe("succeeded");
    const health = await examine(place);
    expect(health).toMatchObject({ code: 0, healthy: true });
    expect(health.of("workers")[0]?.text).toMatch(/^5 live/);
    expect(openFiles(place)).toEqual([]);

    const down = await runProduct(place, ["down"]);
    expect(down).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ended: supervisor/) });
    expect((await runProduct(place, ["down"])).stdout).toContain("nothing was running");
    await untilNothingRuns(place);
  });

  test("hostile messages are set aside with their reasons, and the orchestrator works on", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place);
    const up = startProduct(place, ["up"]);
    await waitUntil("the workers are ready", () => up.stdout().includes("workers are ready"));
    const orchestrator = await waitUntil(
      "the orchestrator beats",
      async () => (await workerPids(bus.redis))["orchestrator"],
    );
    const messages = readHostileMessages();

    // A topic reaches who listens: the first message is sent until the orchestrator does.
    await waitUntil("results are heard", async () => {
      return (await bus.redis.publish("result.qna", "first")) > 0;
    });
    for (const { bytes } of messages) await bus.redis.publish("result.qna", bytes);

    const refused = messages.filter(({ refusal }) => refusal !== null);
    // Each is set aside as soon as it has been looked at: their order may differ.
    for (const { name, bytes, refusal } of refused) {
      const beginning = bytes.toString("utf8").slice(0, 200);
      await waitUntil(`${name} is set aside: ${refusal}`, async () => {
        const letters = await bus.redis.xrange("{aimie:default}:dlq", "-", "+");
        return letters.some(
          ([, [, origin, , reason = "", , text = ""]]) =>
            origin === "result.qna" && reason.includes(refusal ?? "") && text.startsWith(beginning),
        );
      });
    }
    const run = await runProduct(place, ["run", "--agents", "none", "--output", "json"]);
    expect(run.code).toBe(0);
    expect((await workerPids(bus.redis))["orchestrator"]).toBe(orchestrator);
    expect(`${up.stdout()}${up.stderr()}`).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    signalProcess(up.pid, "SIGTERM");
    expect(await up.ended).toMatchObject({ code: 143 });
  });
});

test("one agent alone is played until SIGTERM, beside those of others", async () => {
  const place = newPlace();
  const alone = startProduct(place, ["agent", "viz", "--output", "jsonl"]);
  await waitUntil("it is ready", () => alone.stdout().includes('"type":"up"'));
  await waitUntil("it beats", async () => (await livingAgents(place)).length === 1);
  expect(await livingAgents(place)).toMatchObject([{ agent: "viz" }]);
  const topics = await runProduct(place, ["topics", "--seconds", "2.5", "--output", "json"]);
  const counted = z.array(z.looseObject({ topic: z.string(), count: z.int() }));
  const beats = counted.parse(JSON.parse(topics.stdout)).find((one) => /heartbeat/.test(one.topic));
  expect(beats?.count).toBeGreaterThan(0);

  signalProcess(alone.pid, "SIGTERM");

  const { code, stdout } = await alone.ended;
  expect(code).toBe(143);
  expect(stdout).toContain('"draining"');
  await untilNothingRuns(place);
});

test("an agent that is none is refused with a suggestion", async () => {
  const ended: Ended = await runProduct(newPlace(), ["agent", "simulaton"]);
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining("simulation?") });
});

test("the doctor fails where something will not work, and mends what it can", async () => {
  const place = newPlace();
  mkdirSync(place.state, { recursive: true, mode: 0o700 });
  writeFileSync(join(place.state, "notes"), "", { mode: 0o644 });

  expect(await examine(place)).toMatchObject({ code: 0, healthy: true });
  expect((await examine(place)).of("folders")).toContainEqual(
    expect.objectContaining({ verdict: "warn", text: expect.stringContaining("notes") }),
  );
  await examine(place, "--fix");
  expect(openFiles(place)).toEqual([]);
  const lost = await examine(place, "--redis", "redis://127.0.0.1:1");
  expect(lost).toMatchObject({ code: 1, healthy: false });
  expect(lost.of("bus")[0]).toMatchObject({ verdict: "fail", remedy: expect.stringMatching(/./) });
});
