import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawChartTool } from "../../src/agents/viz/tools/tool-logic.ts";
import { readTable } from "../../src/engines/chart/read-table.ts";
import type { SimulationOutput, VizInput } from "../../src/protocol/agent-data.ts";
import { vizOutputSchema } from "../../src/protocol/agent-data.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { epidemicColumns, storedEpidemic } from "../support/epidemic.ts";

let folder: string;
let simulation: SimulationOutput;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "viz-"));
  simulation = await storedEpidemic(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function draw(input: Partial<VizInput>, signal = new AbortController().signal) {
  const surroundings = { config: { artifactFolder: folder }, onProgress: () => undefined, signal };
  return drawChartTool({ simulation, ...input }, surroundings);
}

async function outputOf(input: Partial<VizInput>) {
  const drawn = await draw(input);
  if (!drawn.ok) throw new Error(drawn.error.message);
  return vizOutputSchema.parse(drawn.value.output);
}

test("draws the highlights, thinned for the terminal, with a spec that carries its rows", async () => {
  const output = await outputOf({});
  expect(output.series.map((one) => one.name)).toEqual(["Susceptible", "Infected", "Recovered"]);
  expect(Math.max(...output.series.map((one) => one.points.length))).toBeLessThanOrEqual(400);
  const peak = Math.max(...(epidemicColumns()["infected"] ?? []));
  const drawnPeak = Math.max(...(output.series[1]?.points.map(([, value]) => value) ?? []));
  expect(drawnPeak).toBeCloseTo(peak, 4);
  expect(output.svg.name).toBe("epidemic-in-a-town.svg");
  const spec = await readFile(folderArtifactStore(folder).pathOf(output.spec), "utf8");
  expect(JSON.parse(spec).data.values[0]).toMatchObject({ time: 0, series: "Susceptible" });
});

test("takes variables by name or label, in the order asked for", async () => {
  const output = await outputOf({ variables: ["Infection Rate", "infected"], title: "Mine" });
  expect(output.title).toBe("Mine");
  expect(output.series.map((one) => one.unit)).toEqual(["people/day", "people"]);
});

test("draws a spec of the user's own over the table's columns", async () => {
  const spec = {
    title: "Own",
    data: { url: "anything.csv" },
    mark: "area",
    transform: [{ calculate: "datum.infected / 1000", as: "share" }],
    encoding: {
      x: { field: "time", type: "quantitative" },
      y: { field: "share", type: "quantitative" },
    },
  };
  const output = await outputOf({ spec, variables: ["recovered"] });
  expect(output.title).toBe("Own");
  expect(output.series.map((one) => one.name)).toEqual(["Recovered"]);
  const stored = await readFile(folderArtifactStore(folder).pathOf(output.spec), "utf8");
  expect(Object.keys(JSON.parse(stored).data.values[0]).sort()).toEqual([
    "infected",
    "recovered",
    "time",
  ]);
});

test("refuses a spec over a field that the table does not have", async () => {
  const spec = { mark: "line", encoding: { y: { field: "infectious", type: "quantitative" } } };
  expect(await draw({ spec })).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", message: expect.stringContaining('"infectious"') },
  });
});

test("names the nearest variables when one is unknown", async () => {
  expect(await draw({ variables: ["infectd"] })).toMatchObject({
    ok: false,
    error: {
      nextStep: expect.stringMatching(/^Choose from what it has: infected, infection_rate/),
    },
  });
});

test("does not read a table that was changed or is no Parquet", async () => {
  const store = folderArtifactStore(folder);
  await writeFile(store.pathOf(simulation.data), "changed");
  expect(await draw({})).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", message: expect.stringContaining("changed") },
  });
  const data = await store.put(new TextEncoder().encode("no Parquet"), {
    name: "x.parquet",
    mediaType: "application/vnd.apache.parquet",
  });
  const broken = await draw({ simulation: { ...simulation, data } });
  expect(broken).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", message: expect.stringContaining("cannot be read") },
  });
});

test("is cancelled at once by an aborted signal", async () => {
  const cancelled = await draw({}, AbortSignal.abort());
  expect(cancelled).toMatchObject({ ok: false, error: { kind: "cancelled" } });
});

test("reads a table only inside its folder", async () => {
  const outside = await mkdtemp(join(tmpdir(), "outside-"));
  try {
    const foreign = await storedEpidemic(outside);
    const path = folderArtifactStore(outside).pathOf(foreign.data);
    const reading = readTable(path, { folder, columns: ["time"] });
    await expect(reading).rejects.toThrow(/[Pp]ermission/);
  } finally {
    await rm(outside, { recursive: true, force: true });
  }
});
