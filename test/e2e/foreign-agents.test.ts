import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BusWatch } from "../support/bus-watch.ts";
import { watchPrivateBus } from "../support/bus-watch.ts";
import type { Place } from "../support/product.ts";
import { BROKERS, newPlace, parseRun, startProduct, stepOf } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const PYTHON = ["/usr/bin/python3", "python3"].find(
  (program) => spawnSync(program, ["-c", "import redis"]).status === 0,
);
const AGENT = join(import.meta.dirname, "../../examples/python-agent/qna_agent.py");
const withPython =
  PYTHON === undefined ? " (left out: there is no python3 with the package redis)" : "";

interface PythonAgent {
  readonly output: () => string;
  kill(): void;
}

/** Starts the example; resolves when it listens. */
async function startAgent(place: Place): Promise<PythonAgent> {
  const child = spawn(PYTHON ?? "python3", [AGENT, `unix://${place.socket}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  onTestFinished(kill);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await waitUntil("the python agent listens", () => output.includes("listening"));
  return { output: () => output, kill };
}

const RUN = ["run", "--output", "json", "--external", "qna"];

/** The events of a run, by their names. */
async function eventsOf({ redis }: BusWatch, runId: string): Promise<readonly string[]> {
  const entries = await redis.xrange(`{aimie:default}:ev:${runId}`, "-", "+");
  return entries.map(([, fields]) => JSON.parse(fields[1] ?? "").data.event.type);
}

describe.each(BROKERS)("on the %s broker", (broker) => {
  describe.skipIf(PYTHON === undefined)(`a foreign agent in Python${withPython}`, () => {
    test("plays qna over nothing but Pub/Sub, and two of them do no harm", async () => {
      const place = newPlace(broker);
      const bus = await watchPrivateBus(place, "result.*");
      const agents = [await startAgent(place), await startAgent(place)];
      const product = startProduct(place, RUN);
      const { code, stdout } = await product.ended;
      expect(code).toBe(0);
      const run = parseRun(stdout);
      expect(run.answer).toMatch(/^infectious peaks at 2189\.7.* people at time 41\.25\.$/i);
      expect(stepOf(run, "qna")).toMatchObject({ attempt: 1, worker: "python-qna" });
      await waitUntil("both have answered", () =>
        agents.every((agent) => agent.output().includes("answered")),
      );
      const events = await eventsOf(bus, run.run.id);
      expect(events.filter((type) => type === "result-received")).toHaveLength(3);
      expect(await bus.redis.xlen("{aimie:default}:t:qna")).toBe(0);
    });

    test("gets its task when it comes late, and again when it had vanished", async () => {
      const place = newPlace(broker);
      const bus = await watchPrivateBus(place, "task.qna");
      const product = startProduct(place, RUN);
      // Listens as an agent would, hears the task, and vanishes without an answer.
      const silent = bus.redis.duplicate();
      onTestFinished(() => silent.disconnect());
      await silent.subscribe("task.qna");
      await bus.untilHeard("task.qna");
      silent.disconnect();
      await startAgent(place);
      const { code, stdout } = await product.ended;
      expect(code).toBe(0);
      expect(stepOf(parseRun(stdout), "qna")).toMatchObject({
        status: "succeeded",
        attempt: 1,
        worker: "python-qna",
      });
    });
  });

  test("a task nobody answers fails its step visibly, and is set aside", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place);
    const env = { AIMIE_LEASE_MS: "300" };
    const { code, stdout } = await startProduct(place, RUN, { env }).ended;
    expect(code).toBe(1);
    const qna = stepOf(parseRun(stdout), "qna");
    expect(qna.failure).toMatchObject({ kind: "worker-lost" });
    expect(await bus.redis.xlen("{aimie:default}:dlq")).toBe(qna.attempts.length);
  });

  test("a stranger's task of no run is done and answered; one that names a run is not", async () => {
    const place = newPlace(broker);
    const bus = await watchPrivateBus(place, "result.*");
    const product = startProduct(place, ["run", "--output", "json"]);
    const { code, stdout } = await product.ended;
    expect(code).toBe(0);
    const runId = parseRun(stdout).run.id;
    const simulation = await simulationOf(bus, runId);
    const console_ = startProduct(place, [
      ...["run", "--output", "json", "--set", "parameters.contact_rate=9"],
    ]);
    const task = {
      specversion: "1.0",
      id: "stranger-1",
      source: "stranger",
      type: "aimie.task.v1",
      time: new Date().toISOString(),
      subject: "stranger-1",
      data: { agent: "qna", input: { question: "What is the peak of infectious?", simulation } },
    };
    const forged = { ...task, id: "stranger-2", runid: runId, stepid: "qna", attempt: 1 };
    const answer = await waitUntil("the stranger has its answer", async () => {
      // Sent again and again, as Pub/Sub wants it: nobody may be listening yet.
      for (const message of [task, forged]) {
        await bus.redis.publish("task.qna", JSON.stringify(message));
      }
      return bus.heard.find(({ text }) => text.includes('"subject":"stranger-1"'));
    });
    expect(JSON.parse(answer.text).data).toMatchObject({ status: "succeeded" });
    await console_.ended;
    const answers = bus.heard.filter(({ text }) => text.includes('"subject":"stranger-1"'));
    expect(answers).toHaveLength(1);
    const letters = await bus.redis.xrange("{aimie:default}:dlq", "-", "+");
    expect(letters.map(([, fields]) => [fields[1], fields[3]])).toEqual([
      ["task.qna", "only the orchestrator orders work for a run"],
    ]);
  });
});

/** What the simulation of a run has returned. */
async function simulationOf({ redis }: BusWatch, runId: string): Promise<unknown> {
  const entries = await redis.xrange(`{aimie:default}:ev:${runId}`, "2-0", "2-0");
  return JSON.parse(entries[0]?.[1][1] ?? "").data.event.result.output;
}
