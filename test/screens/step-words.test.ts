import { afterEach, expect, test } from "vitest";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

const CAREFUL = `name: careful
params: { question: { type: string, default: "How many?" }, wanted: { type: boolean, default: true } }
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    when: { value: "\${{ params.wanted }}", equals: true }
    input: { question: "\${{ params.question }}", simulation: "\${{ steps.simulation.output }}" }
  viz:
    agent: viz
    needs: simulation
    approval: Is the simulation good enough to be drawn?
    input: { simulation: "\${{ steps.simulation.output }}" }
`;

const CACHED = `name: cached
steps:
  simulation: { agent: simulation, cache: true, input: { model: sir } }
  viz: { agent: viz, needs: simulation, input: { simulation: "\${{ steps.simulation.output }}" } }
`;

const cached = (taken: boolean) =>
  runView({
    id: "run-2",
    flow: "cached",
    text: CACHED,
    told: taken
      ? [{ step: "simulation", at: 90, output: SIMULATION_OUTPUT, cachedFrom: "run-1" }]
      : [],
  });

const careful = (wanted: boolean, done: boolean) =>
  runView({
    id: "run-1",
    flow: "careful",
    text: CAREFUL,
    spec: { parameters: { wanted } },
    told: done ? [{ step: "simulation", at: 1300, output: SIMULATION_OUTPUT }] : [],
  });

test.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("at %i×%i conditions, approvals and skipped steps are told in words", async (columns, rows) => {
  screen = await mountScreen({ columns, rows, state: { runs: [careful(false, false)] } });
  expect(screen.text()).toMatch(/when params\.wanted/);
  expect(screen.text()).toContain("a person is asked");

  await screen.set({ runs: [careful(false, true)] });

  expect(screen.text()).toContain("↷ skipped");
  expect(screen.text()).toContain("? awaiting-approval");
  expect(screen.text()).toContain("A: approve or reject");
});

test.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("at %i×%i a result that was taken says so, and whose it is", async (columns, rows) => {
  screen = await mountScreen({ columns, rows, state: { runs: [cached(false)] } });
  expect(screen.text()).toContain("◦ ready");

  await screen.set({ runs: [cached(true)] });

  expect(screen.text()).toContain("◆ cached");
  expect(screen.text()).toContain("from run-1/simulati"); // As far as there is room.
});
