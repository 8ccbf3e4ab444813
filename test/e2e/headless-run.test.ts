import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  BROKERS,
  newPlace,
  parseRun,
  runProduct,
  startProduct,
  stepOf,
  untilNothingRuns,
} from "../support/product.ts";

describe.each(BROKERS)("a run without a terminal, on the %s broker", (broker) => {
  test("prints one JSON object with the answer, the charts and the steps", async () => {
    const place = newPlace(broker);
    const { code, stdout, stderr } = await runProduct(place, ["run", "--output", "json"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const run = parseRun(stdout);
    expect(run.run).toMatchObject({
      flow: "simulation-qna-viz",
      status: "succeeded",
      failure: null,
    });
    expect(run.answer).toMatch(/peaks at 2,190 people at day 41/);
    expect(run.value).toBeCloseTo(2189.7, 0);
    expect(run.steps.map(({ step, status }) => [step, status])).toEqual([
      ["simulation", "succeeded"],
      ["qna", "succeeded"],
      ["viz", "succeeded"],
    ]);
    expect(run.charts).toHaveLength(1);
    for (const { svg, png } of run.charts) {
      expect(existsSync(svg)).toBe(true);
      expect(existsSync(png)).toBe(true);
    }
    await untilNothingRuns(place);
  });

  test("answers and draws at the same time, and only when the simulation has ended", async () => {
    const { stdout } = await runProduct(newPlace(broker), ["run", "--output", "json"]);
    const run = parseRun(stdout);
    const [simulation, qna, viz] = ["simulation", "qna", "viz"].map((name) => {
      const { startedAt, finishedAt } = stepOf(run, name);
      return { from: startedAt ?? Number.NaN, to: finishedAt ?? Number.NaN };
    });
    expect(qna!.from).toBeGreaterThanOrEqual(simulation!.to);
    expect(viz!.from).toBeGreaterThanOrEqual(simulation!.to);
    expect(Math.max(qna!.from, viz!.from)).toBeLessThanOrEqual(Math.min(qna!.to, viz!.to));
  });

  test("tells of its progress and its answer in text", async () => {
    const { code, stdout } = await runProduct(newPlace(broker), [
      "run",
      "--question",
      "What is the final value of recovered?",
    ]);
    expect(code).toBe(0);
    for (const told of ["simulation dispatched", "simulation succeeded", "viz succeeded"]) {
      expect(stdout).toContain(told);
    }
    expect(stdout).toMatch(/^answer: .*8,788/m);
    expect(stdout).toMatch(/^chart: +\/.*\.png$/m);
  });

  test("tells in JSON lines: a snapshot, its events, the run last", async () => {
    const { code, stdout } = await runProduct(newPlace(broker), ["run", "--output", "jsonl"]);
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(4);
    expect(lines[0]).toMatchObject({ type: "snapshot", version: 1, run: { status: "running" } });
    for (const line of lines.slice(1, -1)) expect(line).toMatchObject({ type: "event" });
    expect(lines.at(-1)).toMatchObject({ type: "run", run: { status: "succeeded" } });
  });

  test("takes parameters of the flow and of the model", async () => {
    const args = ["--set", "parameters.contact_rate=2", "--set", "parameters.infectivity=0.1"];
    const { code, stdout } = await runProduct(newPlace(broker), [
      "run",
      "simulation-qna-viz",
      ...args,
      "--output",
      "json",
    ]);
    expect(code).toBe(0);
    expect(parseRun(stdout).run).toMatchObject({
      parameters: { parameters: { contact_rate: 2, infectivity: 0.1 } },
    });
  });

  test("runs the built-in flow when no verb is given", async () => {
    const { code, stdout } = await runProduct(newPlace(broker), ["--output", "json"]);
    expect(code).toBe(0);
    expect(parseRun(stdout).run.flow).toBe("simulation-qna-viz");
  });

  test("fails with the step's failure, and blocks what needs the step", async () => {
    const place = newPlace(broker);
    writeFileSync(
      join(place.work, "bad.yaml"),
      `name: bad-question
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    input: { question: 42, simulation: "\${{ steps.simulation.output }}" }
  viz:
    agent: viz
    needs: qna
    input: { simulation: "\${{ steps.simulation.output }}" }
`,
    );
    const ended = await runProduct(place, ["run", "bad.yaml", "--output", "json"]);
    const run = parseRun(ended.stdout);
    expect(ended.code).toBe(1);
    expect(run.run.status).toBe("failed");
    expect(stepOf(run, "qna")).toMatchObject({
      status: "failed",
      failure: { kind: "invalid-input" },
    });
    expect(stepOf(run, "viz")).toMatchObject({ status: "blocked", attempt: 0 });
    await untilNothingRuns(place);
  });

  test("writes nothing outside its own folders", async () => {
    const place = newPlace(broker);
    const env = { XDG_CACHE_HOME: join(place.folder, "c") };
    await runProduct(place, ["run", "--output", "json"], { env });
    await untilNothingRuns(place);
    expect(readdirSync(place.home)).toEqual([]);
    expect(readdirSync(place.work)).toEqual([]);
    const folders = readdirSync(place.folder).filter((name) => !["home", "work"].includes(name));
    expect(folders.sort()).toEqual(["c", "s"]);
    for (const name of folders) {
      expect(readdirSync(join(place.folder, name))).toEqual(["aimie-console"]);
    }
  });

  test("goes on when nobody reads what it prints", async () => {
    const place = newPlace(broker);
    const product = startProduct(place, ["run", "--output", "jsonl"]);
    product.child.stdout?.destroy();
    const { code, stderr } = await product.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const shown = await runProduct(place, ["show", "@latest", "--output", "json"]);
    expect(parseRun(shown.stdout).run.status).toBe("succeeded");
  });
});
