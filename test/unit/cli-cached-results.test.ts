/** How a result that was taken from an earlier attempt is told without a screen. */
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { replyTo } from "../../src/cli/accessible.ts";
import { diffLines } from "../../src/cli/diff-text.ts";
import { runJson } from "../../src/cli/run-json.ts";
import type { ConsoleState } from "../../src/console/console-state.ts";
import { compareRuns } from "../../src/console/run-differences.ts";
import { stateOf } from "../support/mount-screen.ts";
import { runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

const text = `name: cached
steps:
  simulation: { agent: simulation, cache: true, input: { model: sir } }
`;
const taken = { step: "simulation", at: 90, output: SIMULATION_OUTPUT, cachedFrom: "run-1" };
const run = runView({ id: "run-2", flow: "cached", text, told: [taken] });
const pathOf = (): string => "/here";

test("JSON names the task that has really done it", () => {
  expect(runJson(run, pathOf)).toMatchObject({
    steps: [
      {
        status: "succeeded",
        attempts: [{ task: "run-2.simulation.1", cachedFrom: "run-1.simulation.1" }],
      },
    ],
  });
});

test("a comparison names it, and compares no time that was not taken", () => {
  const done = runView({
    ...{ id: "run-1", flow: "simple", text: text.replace("cache: true, ", "") },
    told: [{ step: "simulation", at: 1300, output: SIMULATION_OUTPUT }],
  });
  const difference = compareRuns(done.state, run.state);
  expect(difference.steps).toMatchObject([
    {
      left: { durationMs: 1200, cachedFrom: null },
      right: { durationMs: null, cachedFrom: "run-1.simulation.1" },
      same: true,
      durationChange: null,
    },
  ]);
  expect(diffLines(difference).join("\n")).toContain(
    "simulation  the same, cached from run-1.simulation.1",
  );
});

test("the conversation in plain lines says it", () => {
  const store = createStore<ConsoleState>(() => stateOf({ runs: [run] }));
  const said = replyTo("steps", { store, artifactPath: pathOf }, "offered");
  const sentence = "simulation: succeeded, attempt 1, cached from run-1/simulation#1.";
  expect(said).toMatchObject({ kind: "say", lines: expect.arrayContaining([sentence]) });
});
