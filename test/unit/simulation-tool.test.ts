import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeModels } from "../../src/agents/simulation/tools/describe-models.ts";
import { runSimulationTool } from "../../src/agents/simulation/tools/tool-logic.ts";
import { openCommandModel, trustModel } from "../../src/engines/command-model/trust.ts";
import { simulationInputSchema, simulationOutputSchema } from "../../src/protocol/agent-data.ts";
import type { Failure } from "../../src/protocol/failure.ts";
import { failureSchema } from "../../src/protocol/failure.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { aux, xmile } from "../support/xmile-models.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulation-tool-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function configOf(...modelFolders: readonly string[]) {
  return { artifactFolder: join(folder, "artifacts"), modelFolders: [...modelFolders] };
}

async function failureFor(input: object, modelFolders = [resolve("models")]): Promise<Failure> {
  const result = await runSimulationTool(simulationInputSchema.parse(input), {
    config: configOf(...modelFolders),
  });
  if (result.ok) throw new Error("The simulation succeeded.");
  return failureSchema.parse(result.error);
}

test("runs a model given as text under any name, without looking into folders", async () => {
  const text = xmile(`${aux("Some rate", "3")}<stock name="s"><eqn>some_rate</eqn></stock>`);
  const result = await runSimulationTool(
    simulationInputSchema.parse({ model: "../my model", modelText: text }),
    { config: configOf() },
  );
  if (!result.ok) throw new Error(result.error.message);
  const output = simulationOutputSchema.parse(result.value);
  expect(output).toMatchObject({
    model: { name: "../my model", title: "Untitled model", timeUnit: "time" },
    method: "euler",
    parameters: { some_rate: 3 },
    highlights: ["s"],
    data: { name: "-my-model.parquet", rows: 11 },
  });
  expect(output.data.columns?.map(({ name }) => name)).toEqual(["time", "some_rate", "s"]);
  expect(await folderArtifactStore(join(folder, "artifacts")).verify(output.data)).toBe("intact");
});

test("gives equal results equal artifacts", async () => {
  const run = () =>
    runSimulationTool(simulationInputSchema.parse({ model: "supply-chain" }), {
      config: configOf(resolve("models")),
    });
  expect(await run()).toEqual(await run());
});

test("prefers a model of an earlier folder", async () => {
  const own = join(folder, "own");
  await mkdir(own);
  await writeFile(join(own, "sir.xmile"), xmile(aux("mine", "1")));
  const result = await runSimulationTool(simulationInputSchema.parse({ model: "sir" }), {
    config: configOf(join(folder, "missing"), own, resolve("models")),
  });
  expect(result).toMatchObject({ ok: true, value: { highlights: ["mine"] } });
});

test.each(["../sir", "a/b", ".hidden", "sir.xmile", "", " "].filter((name) => name !== ""))(
  "refuses %j as the name of a model",
  async (model) => {
    expect(await failureFor({ model })).toMatchObject({
      kind: "invalid-input",
      nextStep:
        "The models are cooling-cup, option-price, predator-prey, queueing-station, reed-frost, sir, supply-chain.",
    });
  },
);

test("says what to do when there are no models at all", async () => {
  const failure = await failureFor({ model: "sir" }, []);
  expect(failure.nextStep).toContain("none was found");
});

test("refuses a wrong model, a wrong parameter and too many variables as invalid input", async () => {
  const many = Array.from({ length: 1000 }, (_, index) => aux(`a${index}`, "1")).join("");
  const wrong = [
    { model: "x", modelText: "<xmile" },
    { model: "sir", parameters: { none: 1 } },
    { model: "x", modelText: xmile(many) },
  ];
  for (const input of wrong) expect((await failureFor(input)).kind).toBe("invalid-input");
});

test("tells a cancelled simulation from a failed one", async () => {
  const result = await runSimulationTool(simulationInputSchema.parse({ model: "sir" }), {
    config: configOf(resolve("models")),
    signal: AbortSignal.abort(),
  });
  expect(result).toMatchObject({ ok: false, error: { kind: "cancelled" } });
});

test("stops while it stores a table that nobody waits for any more", async () => {
  const controller = new AbortController();
  const result = await runSimulationTool(
    simulationInputSchema.parse({ model: "sir", timeStep: 0.01 }),
    {
      config: configOf(resolve("models")),
      signal: controller.signal,
      onProgress: (_, message) => {
        if (message === "Storing the table") controller.abort();
      },
    },
  );
  expect(result).toMatchObject({ ok: false, error: { kind: "cancelled" } });
});

test("says what is being done and how far it is", async () => {
  const seen: (readonly [number, string])[] = [];
  await runSimulationTool(simulationInputSchema.parse({ model: "sir" }), {
    config: configOf(resolve("models")),
    onProgress: (fraction, message) => seen.push([fraction, message]),
  });
  expect(seen.at(0)?.[1]).toBe("Simulating SIR epidemic");
  expect(seen.at(-1)).toEqual([1, "Done"]);
});

test("describes models that cannot be run by their problem", async () => {
  await writeFile(join(folder, "bad.xmile"), xmile(aux("a", "b")));
  await writeFile(join(folder, "notes.txt"), "");
  const models = await describeModels([folder, resolve("models")]);
  const named = (name: string): (typeof models)[number] | undefined =>
    models.find((model) => model.name === name);
  expect(models.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["bad", "predator-prey", "sir", "supply-chain"]),
  );
  expect(named("bad")?.problem).toContain("`b` is not defined");
  expect(named("sir")?.parameters).toContainEqual(
    expect.objectContaining({ name: "infectious_period", value: 8, unit: "days" }),
  );
});

const COMMAND = `command-model: 1
title: Counter
time-unit: days
command: ${JSON.stringify([process.execPath, "-e", "console.log('time,My count\\n0,1\\n2,' + process.env.TO)"])}
parameters: { to: { default: 5, env: TO } }
variables: { My count: { unit: pieces } }
highlights: [My count]
`;

function commandConfig() {
  const trustFile = join(folder, "trusted.json");
  return {
    ...configOf(folder),
    commandModels: { trustFile, environment: { PATH: process.env["PATH"] ?? "" } },
  };
}

test("runs the program of a command model once it is trusted", async () => {
  await writeFile(join(folder, "counter.yaml"), COMMAND);
  const config = commandConfig();
  const input = simulationInputSchema.parse({ model: "counter", parameters: { to: 7 } });
  expect(await runSimulationTool(input, { config })).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", nextStep: expect.stringContaining("trust counter") },
  });
  const opened = openCommandModel(join(folder, "counter.yaml"));
  if (!opened.ok) throw new Error(opened.error.message);
  trustModel(config.commandModels.trustFile, opened.value);
  const result = await runSimulationTool(input, { config });
  if (!result.ok) throw new Error(result.error.message);
  expect(simulationOutputSchema.parse(result.value)).toMatchObject({
    model: { name: "counter", title: "Counter", timeUnit: "days" },
    method: "command",
    startTime: 0,
    stopTime: 2,
    parameters: { to: 7 },
    highlights: ["my_count"],
    variables: [{ name: "my_count", unit: "pieces", initial: 1, final: 7 }],
    data: { rows: 2 },
  });
});

test("never takes a command from the text of a task", async () => {
  const failure = await failureFor({ model: "counter", modelText: COMMAND });
  expect(failure).toMatchObject({ kind: "invalid-input" });
  expect(failure.message).toContain("XML");
});

test("refuses settings that only an XMILE model has", async () => {
  await writeFile(join(folder, "counter.yaml"), COMMAND);
  expect(await failureFor({ model: "counter", stopTime: 5 }, [folder])).toMatchObject({
    kind: "invalid-input",
    message: "A command model has no stopTime: its program decides.",
  });
});
