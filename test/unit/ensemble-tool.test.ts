import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerQuestionTool } from "../../src/agents/qna/tools/tool-logic.ts";
import { runSimulationTool } from "../../src/agents/simulation/tools/tool-logic.ts";
import { describePace } from "../../src/engines/ensemble/pace.ts";
import type { SimulationOutput } from "../../src/protocol/agent-data.ts";
import { simulationInputSchema, simulationOutputSchema } from "../../src/protocol/agent-data.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensemble-tool-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ORDER = {
  model: "sir",
  ensemble: { runs: 60, parameters: "contact_rate=uniform(6, 10)", sampling: "latin-hypercube" },
};

const simulate = (input: object, more: { signal?: AbortSignal; onProgress?: () => void } = {}) =>
  runSimulationTool(simulationInputSchema.parse(input), {
    config: { artifactFolder: folder, modelFolders: [resolve("models")] },
    ...more,
  });

async function output(input: object): Promise<SimulationOutput> {
  const result = await simulate(input);
  if (!result.ok) throw new Error(result.error.message);
  return simulationOutputSchema.parse(result.value);
}

test("stores every row, the bands and the sensitivity, beside the model's own course", async () => {
  const { data, ensemble } = await output(ORDER);
  if (ensemble === undefined) throw new Error("There is no ensemble.");
  expect(data).toMatchObject({ name: "sir.parquet", rows: 1441 });
  expect(ensemble).toMatchObject({
    ...{ runs: 60, runsDone: 60, seed: 1, sampling: "latin-hypercube" },
    parameters: [{ name: "contact_rate", distribution: "uniform(6, 10)" }],
    rows: { name: "sir-runs.parquet", rows: 60 * 1441 },
    bands: { name: "sir-bands.parquet", rows: 1441 },
    sensitivity: { name: "sir-sensitivity.parquet" },
  });
  expect(ensemble.rows.columns?.slice(0, 2).map(({ name }) => name)).toEqual(["run", "time"]);
  const store = folderArtifactStore(folder);
  for (const table of [ensemble.rows, ensemble.bands, ensemble.sensitivity]) {
    expect(await store.verify(table)).toBe("intact");
  }
});

test("the same order gives the same files", async () => {
  expect(await output(ORDER)).toEqual(await output(ORDER));
});

test("a question about the runs is answered from the stored bands", async () => {
  const simulation = await output(ORDER);
  const ask = async (question: string) => {
    const answer = await answerQuestionTool(
      { question, simulation },
      {
        config: { artifactFolder: folder },
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  };
  const median = await ask("What is the median of infectious at day 40?");
  expect(median).toMatchObject({ status: "answered", unit: "people" });
  expect(median.value).toBeGreaterThan(100);
  expect(median.suggestions).toContain("What is the 90% range of susceptible at its peak?");
  const single = await ask("What is the peak of infectious?");
  expect(single.how).toContain("the run with the model's own parameters");
});

test("cancelled, it leaves nothing half-written", async () => {
  const stop = new AbortController();
  const result = await simulate(
    { ...ORDER, ensemble: { ...ORDER.ensemble, runs: 2000 } },
    { signal: stop.signal, onProgress: () => stop.abort() },
  );
  expect(result).toMatchObject({ ok: false, error: { kind: "cancelled" } });
  expect((await readdir(folder)).filter((name) => name.endsWith(".partial"))).toEqual([]);
});

test("a wrong order is a failure with the remedy", async () => {
  const result = await simulate({ ...ORDER, ensemble: { parameters: "contact_rate=about 7" } });
  expect(result).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", message: expect.stringContaining("is no distribution") },
  });
});

test("a command model has no ensemble, and is told what to do instead", async () => {
  const result = await simulate({ ...ORDER, model: "reed-frost" });
  expect(result).toMatchObject({
    ok: false,
    error: {
      message: "A command model has no ensemble: its program decides.",
      nextStep: "Run it once for each set of parameters: a step with foreach.",
    },
  });
});

test("the pace is told in runs, a second and time left", () => {
  expect(describePace(0, 500, 0)).toBe("0 of 500 runs");
  expect(describePace(100, 500, 2000)).toBe("100 of 500 runs, 50 a second, 0:08 left");
  expect(describePace(500, 500, 2000)).toBe("500 of 500 runs, 250 a second");
});
