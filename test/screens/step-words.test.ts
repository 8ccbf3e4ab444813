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
