import { afterEach, expect, test } from "vitest";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished, QNA_OUTPUT, runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

/** Where the bar of a step begins and ends, in columns. */
function barOf(step: string): { readonly from: number; readonly to: number; readonly row: string } {
  const row = screen.rows().find((line) => line.includes(` ${step} `) && line.includes("█")) ?? "";
  return { from: row.indexOf("█"), to: row.lastIndexOf("█"), row };
}

test.each([
  [80, 24],
  [160, 48],
])(
  "at %i×%i shows that qna and viz overlap after the simulation, and goes back",
  async (columns, rows) => {
    screen = await mountScreen({ columns, rows, state: { runs: [finished()] } });

    await screen.act("toggle-timeline");

    expect(screen.text()).toContain("1 Timeline");
    const [simulation, qna, viz] = [barOf("simulation"), barOf("qna"), barOf("viz")];
    expect(simulation.to).toBeLessThan(qna.from + 1);
    expect(viz.from).toBeLessThan(qna.to);
    expect(viz.row).toMatch(/1\.2s/);
    expect(screen.text()).toMatch(/─┬─/);
    await screen.act("toggle-timeline");
    expect(screen.text()).toContain("1 Flow");
  },
);

test("a rerun much later folds the time between, and the attempt before is its ghost", async () => {
  const day = 86_400_000;
  const run = runView({
    id: "run-1",
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      { step: "qna", at: 2600, output: QNA_OUTPUT },
      { step: "viz", at: 2600, failed: "no paper" },
      { step: "viz", attempt: 2, at: 2600, failed: "no paper" },
      { rerun: "qna", at: day },
      { step: "qna", attempt: 2, at: day + 700, output: QNA_OUTPUT },
    ],
  });
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [run] } });
  await screen.act("toggle-timeline", "zoom");

  expect(barOf("qna").row).toMatch(/█{8,}/);
  expect(barOf("simulation").row).toMatch(/█{8,}/);
  expect(barOf("qna").row).toMatch(/was 1\.2s/);
  expect(screen.text()).toContain("⌇");
});
