import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { envelopeSchema } from "../../src/protocol/envelope.ts";
import type { BusWatch } from "../support/bus-watch.ts";
import { startRedis, watchBus, watchPrivateBus } from "../support/bus-watch.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  runProduct,
  startProduct,
  stepOf,
  untilNothingRuns,
} from "../support/product.ts";
import { REDIS_SERVER, withServer } from "../support/redis-server.ts";
import { SLOW_QUESTION, writeSlowModel } from "../support/slow-model.ts";

describe.each(BROKERS)("the topics on the %s broker", (broker) => {
  test("show every task and result of a run as CloudEvents", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place, "task.*", "result.*");
    const { stdout } = await runProduct(place, ["run", "--output", "json"]);
    const { id } = parseRun(stdout).run;
    await bus.untilHeard("result.qna");
    await bus.untilHeard("result.viz");
    const order = bus.heard.map(({ channel }) => channel);
    expect(order.slice(0, 2)).toEqual(["task.simulation", "result.simulation"]);
    expect(order.slice(2, 4).sort()).toEqual(["task.qna", "task.viz"]);
    expect(order.slice(4).sort()).toEqual(["result.qna", "result.viz"]);
    for (const { channel, text } of bus.heard) {
      const message = envelopeSchema.parse(JSON.parse(text));
      expect(message).toMatchObject({ specversion: "1.0", runid: id, attempt: 1 });
      expect(message.subject).toBe(`${id}.${channel.split(".")[1]}.1`);
    }
  });

  test("carry the namespace, and other namespaces hear nothing", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place, "*");
    const args = ["run", "--namespace", "team", "--output", "json"];
    const { code } = await runProduct(place, args);
    expect(code).toBe(0);
    await bus.untilHeard("team:task.qna");
    await bus.untilHeard("team:result.viz");
    expect(bus.heard.filter(({ channel }) => !channel.startsWith("team:"))).toEqual([]);
    expect(await bus.redis.exists("{aimie:team}:runs", "{aimie:default}:runs")).toBe(1);
  });

  test("may carry anything without harm to a run", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place, "task.*", "result.*", "progress.*");
    const model = writeSlowModel(place.work, "slow");
    const product = startProduct(place, [
      ...["run", "--set", `model=${model}`, "--question", SLOW_QUESTION],
      ...["--output", "json"],
    ]);
    await bus.untilHeard("progress.simulation", '"started"');
    await publishNonsense(bus);
    const result = await bus.untilHeard("result.simulation", "via");
    const duplicate = { ...JSON.parse(result.text), id: "again", via: undefined };
    await bus.redis.publish("result.simulation", JSON.stringify(duplicate));
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    const run = parseRun(stdout);
    expect(run.run.status).toBe("succeeded");
    expect(run.steps.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  test("set aside what streams hold that cannot be used, each with its reason", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place);
    const streams = ["res", "cmd", "t:simulation", "t:qna"].map((end) => `{aimie:default}:${end}`);
    for (const stream of streams) {
      await bus.redis.xadd(stream, "*", "d", "{ not json");
      await bus.redis.xadd(stream, "*", "unknown", "field");
      await bus.redis.xadd(stream, "*", "d", '{"specversion":"1.0","id":"x"}');
    }
    const { code } = await runProduct(place, ["run", "--output", "json"]);
    expect(code).toBe(0);
    const letters = await bus.redis.xrange("{aimie:default}:dlq", "-", "+");
    const reasons = letters.map(([, fields]) => ({ origin: fields[1], reason: fields[3] }));
    for (const stream of streams) {
      const own = reasons.filter(({ origin }) => origin === stream);
      expect(own).toHaveLength(3);
      for (const { reason } of own) expect(reason).toMatch(/not (JSON|a message|a command)/);
    }
  });
});

/** Publishes what no agent should be harmed by. */
async function publishNonsense({ redis }: BusWatch): Promise<void> {
  const envelope = {
    specversion: "1.0",
    id: "stranger",
    source: "stranger",
    type: "result",
    subject: "nobody.qna.1",
    time: new Date().toISOString(),
    runid: "nobody",
    stepid: "qna",
    attempt: 1,
    data: { status: "succeeded", output: {}, worker: "w", startedAt: 1, finishedAt: 2 },
  };
  const nonsense = [
    "",
    "{ not json",
    "null",
    '{"__proto__":{"polluted":true}}',
    "x".repeat(300 * 1024),
    `${"[".repeat(5000)}${"]".repeat(5000)}`,
    JSON.stringify(envelope),
    JSON.stringify({ ...envelope, id: "\u001b[2J" }),
  ];
  const channels = ["result.qna", "task.qna", "event.run", "progress.viz", "control.simulation"];
  for (const channel of [...channels, "agent.heartbeat", "agent.registry", "task.unheard-of"]) {
    for (const text of nonsense) await redis.publish(channel, text);
  }
}

describe.skipIf(REDIS_SERVER === undefined)(withServer("a Redis that was given"), () => {
  test("is used, and nothing else is started", async () => {
    const place = newPlace();
    const { port } = await startRedis();
    const bus = await watchBus({ port }, "task.*");
    const url = `redis://127.0.0.1:${port}`;
    const product = startProduct(place, ["run", "--redis", url, "--output", "json"]);
    await bus.untilHeard("task.simulation");
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    expect(stepOf(parseRun(stdout), "viz").status).toBe("succeeded");
    await untilNothingRuns(place);
  });

  test("may want a password, which is written nowhere", async () => {
    const place = newPlace();
    const { port } = await startRedis("s3cret");
    const url = `redis://:s3cret@127.0.0.1:${port}`;
    const { code, stdout, stderr } = await runProduct(place, ["run"], {
      env: { AIMIE_REDIS_URL: url },
    });
    expect(code).toBe(0);
    const log = readFileSync(join(place.state, "aimie-console.log"), "utf8");
    expect(`${stdout}${stderr}${log}`).not.toContain("s3cret");
  });

  test("that refuses the password is told apart from one that is away", async () => {
    const place = newPlace();
    const { port } = await startRedis("s3cret");
    const url = `redis://:wr0ng@127.0.0.1:${port}`;
    const { code, stderr } = await runProduct(place, ["run", "--redis", url]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/WRONGPASS/);
    expect(stderr).not.toContain("wr0ng");
  });

  test("may cut every connection during a run", async () => {
    const place = newPlace();
    const { port } = await startRedis();
    const bus = await watchBus({ port }, "progress.*");
    const model = writeSlowModel(place.work, "slow");
    const product = startProduct(place, [
      ...["run", "--redis", `redis://127.0.0.1:${port}`, "--output", "json"],
      ...["--set", `model=${model}`, "--question", SLOW_QUESTION],
    ]);
    await bus.untilHeard("progress.simulation", '"started"');
    await bus.redis.call("CLIENT", "KILL", "TYPE", "normal");
    await bus.redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    const { code } = await product.ended;
    expect(code).toBe(0);
  });
});
