import { afterEach, describe, expect, test } from "vitest";
import type { RunView } from "../../src/console/console-state.ts";
import { drawTerminalChart } from "../../src/engines/chart/terminal-chart.ts";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import {
  finished,
  QNA_OUTPUT,
  runView,
  SIMULATION_OUTPUT,
  START,
  VIZ_OUTPUT,
} from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

/** A run like `finished`, with another peak. */
function withPeak(id: string, peak: number, forkedFrom?: RunView): RunView {
  const variables = SIMULATION_OUTPUT.variables.map((one) =>
    one.name === "infectious" ? { ...one, maximum: peak } : one,
  );
  const points: [number, number][] = [
    [0, 10],
    [20, peak],
    [100, 28.3],
  ];
  return runView({
    id,
    requestedAt: START + 60_000,
    spec: {
      parameters: { parameters: { contact_rate: 8 } },
      ...(forkedFrom === undefined ? {} : { forkedFrom: forkedFrom.runId }),
    },
    told: [
      { step: "simulation", at: 2600, output: { ...SIMULATION_OUTPUT, variables } },
      { step: "qna", at: 4000, output: { ...QNA_OUTPUT, value: peak } },
      {
        step: "viz",
        at: 4000,
        output: { ...VIZ_OUTPUT, series: [{ name: "infectious", unit: "people", points }] },
      },
    ],
  });
}

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

describe.each(SIZES)("a comparison at %i×%i", (columns, rows) => {
  test("of a fork is with its parent: values side by side, then both charts in one", async () => {
    const parent = finished();
    const fork = withPeak("run-2", 3000, parent);
    screen = await mountScreen({
      columns,
      rows,
      state: { runs: [fork, parent] },
      drawChart: drawTerminalChart,
    });

    await screen.act("show-diff");
    expect(screen.text()).toMatch(/A run-1 +simulation-qna-viz · sir +✓ succeeded/);
    expect(screen.text()).toMatch(/B run-2 +simulation-qna-viz · sir +✓ succeeded/);
    expect(screen.text()).toMatch(/parameters/);
    expect(screen.text()).toMatch(/contact_rate +– +8/);
    expect(screen.text()).toMatch(/variables\[infectious\]\.maximum +6,021\.4 +3,000 +-50\.18%/);
    await screen.press("tab");

    expect(screen.text()).toContain("[chart]");
    expect(screen.text()).toMatch(/infectious A/);
    expect(screen.text()).toMatch(/infectious B/);
    expect(screen.text()).toMatch(/[⠁-⣿]/);
    await screen.press("escape");
    expect(screen.text()).not.toContain("infectious A");
  });

  test("stays within its window and is scrolled to its end", async () => {
    const parent = finished();
    screen = await mountScreen({
      columns,
      rows,
      state: { runs: [withPeak("run-2", 3000, parent), parent] },
    });

    await screen.act("show-diff", "end");

    expect(screen.rows()).toHaveLength(rows);
    expect(screen.text()).toMatch(/esc close/);
    expect(screen.text()).toMatch(/series\[infectious\]\.points\[1\]\[1\] +6,021\.4 +3,000/);
    expect(screen.text()).not.toMatch(/↓\d+ more.*\n.*\n.*viz/);
  });
});

test("a step that was done twice is compared with its attempt before", async () => {
  const run = runView({
    id: "run-1",
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      { step: "qna", at: 2600, output: QNA_OUTPUT },
      { step: "viz", at: 3100, output: VIZ_OUTPUT },
      { rerun: "qna", at: 4000 },
      { step: "qna", attempt: 2, at: 6000, output: { ...QNA_OUTPUT, value: 7000 } },
    ],
  });
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [run] } });

  await screen.act("right", "show-diff");

  expect(screen.text()).toMatch(/A run-1 +qna attempt 1/);
  expect(screen.text()).toMatch(/B run-1 +qna attempt 2/);
  expect(screen.text()).toMatch(/value +6,021\.4 +7,000 +\+16\.25%/);
  await screen.press("tab");
  expect(screen.text()).toContain("Neither side has a chart");
});

test("a marked run is the other side, and d again takes the next one", async () => {
  const [oldest, middle] = [finished(), withPeak("run-2", 3000)];
  const newest = withPeak("run-3", 4000, middle);
  screen = await mountScreen({
    columns: 120,
    rows: 40,
    state: { runs: [newest, middle, oldest] },
  });

  await screen.act("focus-runs", "end");
  await screen.press(" ");
  expect(screen.text()).toMatch(/◆.*simulation-qna-viz/);
  await screen.act("top", "show-diff");
  expect(screen.text()).toMatch(/A run-1 .*\n.*B run-3 /);
  await screen.press("d");
  expect(screen.text()).toMatch(/A run-2 .*\n.*B run-3 /);
  await screen.press("d", "escape", " ");

  expect(screen.text().match(/◆ /g)).toHaveLength(2);
});

test("where there is nothing to compare with, the key says what to do", async () => {
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [finished()] } });

  await screen.act("show-diff");

  expect(screen.rows().at(-1)).toContain("nothing to compare with");
});
