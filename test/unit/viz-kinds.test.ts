/** Every kind of chart, from data as the simulation writes it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawChartTool } from "../../src/agents/viz/tools/tool-logic.ts";
import type { SimulationOutput, VizInput } from "../../src/protocol/agent-data.ts";
import { simulationOutputSchema, vizOutputSchema } from "../../src/protocol/agent-data.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { storedEpidemic } from "../support/epidemic.ts";
import { chase, epidemicBands, infectedOver, storedTable } from "../support/tables.ts";

let folder: string;
let epidemic: SimulationOutput;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "viz-kinds-"));
  epidemic = await storedEpidemic(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function draw(input: VizInput) {
  const signal = new AbortController().signal;
  const config = { artifactFolder: folder, version: "9.9.9" };
  const drawn = await drawChartTool(input, { config, onProgress: () => undefined, signal });
  if (!drawn.ok) throw new Error(`${drawn.error.message} ${drawn.error.nextStep}`);
  const output = vizOutputSchema.parse(drawn.value.output);
  const { pathOf } = folderArtifactStore(folder);
  const read = async (artifact = output.svg) => await readFile(pathOf(artifact), "utf8");
  const report = await read(output.report);
  return { output, text: drawn.value.text, svg: await read(), report };
}

/** The output of a simulation whose table has these columns. */
async function simulated(
  columns: Record<string, number[]>,
  units: Readonly<Record<string, string>> = {},
): Promise<SimulationOutput> {
  const { time = [], ...variables } = columns;
  const summaries = Object.entries(variables).map(([name, values]) => {
    const minimum = values.reduce((one, other) => Math.min(one, other));
    const maximum = values.reduce((one, other) => Math.max(one, other));
    const unit = units[name];
    return {
      ...{ name, label: name, kind: "stock" as const, ...(unit === undefined ? {} : { unit }) },
      ...{ initial: values[0] ?? 0, final: values.at(-1) ?? 0, minimum, maximum },
      minimumTime: time[values.indexOf(minimum)] ?? 0,
      maximumTime: time[values.indexOf(maximum)] ?? 0,
    };
  });
  return simulationOutputSchema.parse({
    model: { name: "own", title: "Own model", timeUnit: "year" },
    ...{ method: "rk4", startTime: time[0], stopTime: time.at(-1), timeStep: 0.02, parameters: {} },
    ...{ variables: summaries, highlights: Object.keys(variables) },
    data: await storedTable(folder, "own.parquet", columns),
  });
}

test("draws courses as lines and says what they show", async () => {
  const { output, svg, report } = await draw({ simulation: epidemic });
  expect(output).toMatchObject({ chart: "line", mark: "line", xLabel: "Time (day)" });
  expect(output.description).toMatch(/^Epidemic in a town: a line chart from 0 to 100 day\./);
  expect(output.description).toMatch(/Infected goes from 10 to [\d.]+ people, highest \d+/);
  expect(svg).toContain("<desc>Epidemic in a town: a line chart");
  expect(report).toContain("aimie-console 9.9.9");
});

test("draws two runs over each other, named by what differs", async () => {
  const [time, infected] = infectedOver(100, 0.125, 0.6);
  const data = await storedTable(folder, "second.parquet", { time, infected });
  const second = { ...epidemic, data, parameters: { contact_rate: 0.6 } };
  const first = { ...epidemic, parameters: { contact_rate: 0.4 } };
  const { output, svg, report } = await draw({
    ...{ simulation: first, compareWith: second, variables: ["infected"] },
  });
  expect(output.chart).toBe("line");
  expect(output.series.map(({ name }) => name)).toEqual([
    "Infected, contact rate 0.4",
    "Infected, contact rate 0.6",
  ]);
  expect(output.title).toBe("Epidemic in a town: contact rate 0.4 and contact rate 0.6");
  for (const name of ["contact rate 0.4", "contact rate 0.6"]) expect(svg).toContain(`>${name}<`);
  expect(report).toContain("<dt>Compared with</dt><dd>contact_rate = 0.6</dd>");
});

test("draws quantiles of many runs as a band", async () => {
  const bands = await storedTable(folder, "bands", epidemicBands());
  const { output, text } = await draw({ simulation: epidemic, bands, variables: ["infected"] });
  expect(output).toMatchObject({ chart: "band", reason: "there are quantiles of many runs" });
  expect(output.series.map(({ name }) => name)).toEqual([
    ...["Infected median", "Infected 5 %", "Infected 95 %"],
  ]);
  expect(output.description).toMatch(/highest median [\d.]+ people at time [\d.]+, 9 of 10 from/);
  expect(text.split("\n")).toHaveLength(20);
});

test("draws rank correlations as a tornado, the strongest first", async () => {
  const sensitivity = await storedTable(folder, "sensitivity", {
    parameter: ["beta", "gamma", "n", "beta", "gamma", "n"],
    variable: new Array<string>(6).fill("infected"),
    measure: ["peak", "peak", "peak", "final", "final", "final"],
    rho: [0.4, -0.9, 0.02, 0.1, -0.2, 0],
  });
  const { output, text, svg } = await draw({ simulation: epidemic, sensitivity });
  expect(output).toMatchObject({ chart: "tornado", mark: "ranks" });
  expect(output.series.map(({ name }) => name)).toEqual(["gamma", "beta", "n"]);
  expect(output.description).toContain("Infected, peak: gamma -0.90, beta 0.40, n 0.02.");
  expect(text).toMatch(/gamma +█+│ +-0\.90/);
  expect(svg).toContain(">Infected, final<");
});

test("draws a table of many runs as a scatter chart or a histogram", async () => {
  const length = 5000;
  const columns = {
    time: Array.from({ length }, (_, row) => row % 10),
    height: Array.from({ length }, (_, row) => Math.sin(row) * 10),
    weight: Array.from({ length }, (_, row) => Math.sin(row) * 5 + Math.cos(row * 7)),
  };
  const simulation = await simulated(columns, { height: "m", weight: "kg" });
  const scatter = await draw({ simulation });
  expect(scatter.output).toMatchObject({ chart: "scatter", mark: "points", xLabel: "height (m)" });
  expect(scatter.output.description).toContain("a scatter chart of 5000 rows.");
  const histogram = await draw({ simulation, variables: ["height"] });
  expect(histogram.output).toMatchObject({ chart: "histogram", mark: "bars" });
  const [bars] = histogram.output.series;
  expect(bars?.points.reduce((sum, [, count]) => sum + count, 0)).toBe(length);
});

test("draws two variables that go round as a phase plot when they are named", async () => {
  const simulation = await simulated(chase(), { prey: "thousand", predators: "thousand" });
  const named = await draw({ simulation, variables: ["prey", "predators"] });
  expect(named.output).toMatchObject({ chart: "phase", xLabel: "prey (thousand)" });
  expect(named.svg).toContain(">start<");
  const plain = await draw({ simulation });
  expect(plain.output.chart).toBe("line");
  const wished = await draw({ simulation, variables: ["prey", "predators"], chart: "line" });
  expect(wished.output).toMatchObject({ chart: "line", reason: "it was asked for" });
});

test("gives variables of very different size a panel each", async () => {
  const time = Array.from({ length: 100 }, (_, row) => row);
  const course = (height: number) => time.map((at) => height * Math.sin(at / 9) ** 2);
  const columns = {
    time,
    a: course(1),
    b: course(1000),
    c: course(20),
    d: course(5),
    e: course(3),
  };
  const { output, svg } = await draw({ simulation: await simulated(columns) });
  expect(output.chart).toBe("small-multiples");
  for (const name of ["a", "b", "c", "d", "e"]) expect(svg).toContain(`>${name}<`);
});

test("keeps a peak of one row in a million", { timeout: 60_000 }, async () => {
  const length = 1_000_000;
  const value = Array.from({ length }, (_, row) => Math.sin(row / 90_000));
  value[123_457] = 77;
  const simulation = await simulated({ time: value.map((_, row) => row), value });
  const { output } = await draw({ simulation });
  expect(Math.max(...(output.series[0]?.points.map(([, one]) => one) ?? []))).toBe(77);
});
