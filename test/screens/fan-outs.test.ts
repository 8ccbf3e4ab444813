import { afterEach, describe, expect, test } from "vitest";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { QNA_OUTPUT, runView, SIMULATION_OUTPUT, START } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

const MANY = `name: many-questions
description: Many questions about one simulation.
params:
  questions: { type: list, default: [] }
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: { items: "\${{ params.questions }}", max-parallel: 12 }
    input: { question: "\${{ item }}", simulation: "\${{ steps.simulation.output }}" }
    retry: { attempts: 1 }
  viz: { agent: viz, needs: qna, input: { simulation: "\${{ steps.simulation.output }}" } }
`;

/** Twelve questions: nine answered, one failed, two at work. */
const twelve = () => {
  const questions = Array.from({ length: 12 }, (_, index) => `question ${index}`);
  return runView({
    id: "run-1",
    flow: "many-questions",
    text: MANY,
    spec: { parameters: { questions } },
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      ...[0, 1, 2, 3, 4, 5, 7, 8, 9].map((index) => ({
        step: `qna[${index}]`,
        at: 2600,
        output: { ...QNA_OUTPUT, answer: `Answer ${index}.` },
      })),
      { step: "qna[6]", at: 2700, failed: "no such variable" },
    ],
    progress: {
      "qna[10]": { startedAt: START + 1400, fraction: 0.4 },
      "qna[11]": { startedAt: START + 1400 },
    },
  });
};

describe.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("a fan-out at %i×%i", (columns, rows) => {
  test("is folded to what its instances come to, and Enter unfolds it", async () => {
    screen = await mountScreen({ columns, rows, state: { runs: [twelve()] } });

    expect(screen.text()).toMatch(/×12 (\()?9 ?✓ 2 ?◐ 1 ?✗/);
    expect(screen.text()).toContain("1/3 steps done");
    await screen.press("right", "enter");

    expect(screen.text()).toContain("Flow ▸ qna");
    expect(screen.text()).toMatch(/› qna\[6\] +✗ failed/);
    expect(screen.text()).toContain("no such variable");
    await screen.press("down");
    expect(screen.text()).toMatch(/› qna\[7\] +✓ succeeded/);
    expect(screen.text()).toContain("Answer 7.");
    await screen.press("escape");
    expect(screen.text()).not.toContain("Flow ▸ qna");
    expect(screen.text()).toMatch(/×12/);
  });

  test("has its instances in the timeline while it is unfolded", async () => {
    screen = await mountScreen({ columns, rows, state: { runs: [twelve()] } });

    await screen.act("toggle-timeline");
    expect(screen.text()).toMatch(/qna ×12/);
    expect(screen.text()).not.toContain("[3]");
    await screen.press("down", "enter");
    expect(screen.text()).toMatch(/›.*\[6\]/);
    await screen.press("up", "up", "up");
    expect(screen.text()).toMatch(/›.*\[3\].*█/);
  });
});

test("one instance is done again by itself, after a plan that names it", async () => {
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [allAnsweredButOne()] } });

  await screen.act("right", "open", "rerun-step");
  expect(screen.text()).toContain("Rerun qna[1]");
  expect(screen.text()).toMatch(/qna\[1\] +↻ again/);
  expect(screen.text()).not.toMatch(/qna\[0\] {2}attempt/);
  await screen.press("enter");

  expect(screen.dispatched).toMatchObject([
    { type: "apply-plan", wish: { kind: "from", stepKey: "qna[1]" } },
  ]);
});

test("why is told of one instance", async () => {
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [allAnsweredButOne()] } });

  await screen.act("right", "open", "show-why");

  expect(screen.text()).toContain("qna[1] has failed.");
});

/** Two questions: one answered, one failed; the run has ended. */
function allAnsweredButOne() {
  return runView({
    id: "run-1",
    flow: "many-questions",
    text: MANY,
    spec: { parameters: { questions: ["first", "second"] } },
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      { step: "qna[0]", at: 2600, output: QNA_OUTPUT },
      { step: "qna[1]", at: 2700, failed: "no such variable" },
    ],
  });
}
