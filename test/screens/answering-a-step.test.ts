import { afterEach, describe, expect, test } from "vitest";
import type { RunView } from "../../src/console/console-state.ts";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

const FLOW = `name: x
description: y
steps:
  first: { agent: simulation, input: { model: sir } }
  second: { agent: simulation, needs: [first], input: { model: sir } }
  third: { agent: simulation, needs: [second], approval: "Publish it?", input: { model: sir } }
`;

function waiting(): RunView {
  const told = [
    { step: "first", at: 100, output: SIMULATION_OUTPUT },
    { step: "second", at: 200, output: SIMULATION_OUTPUT },
  ];
  return runView({ id: "run-1", flow: "x", text: FLOW, told });
}

const VERDICT = { type: "give-verdict", runId: "run-1", stepKey: "third" };

let screen: MountedScreen;
afterEach(() => screen.close());

describe.each([
  [80, 24],
  [120, 40],
])("a step that waits for a person, on %i×%i", (columns, rows) => {
  async function mount(): Promise<void> {
    screen = await mountScreen({ columns, rows, state: { runs: [waiting()] } });
    await screen.act("approve-step");
  }

  test("asks its question, and is approved by Enter", async () => {
    await mount();
    expect(screen.text()).toContain("third waits for you");
    expect(screen.text()).toContain("Publish it?");
    expect(screen.text()).toContain("› Approve: the step begins");

    await screen.press("enter");

    expect(screen.dispatched).toEqual([{ ...VERDICT, verdict: { kind: "approve" } }]);
    expect(screen.text()).not.toContain("Publish it?");
  });

  test("is rejected with a reason", async () => {
    await mount();
    await screen.press("down");
    expect(screen.text()).toContain("› Reject: the step fails");
    await screen.send("the peak is wrong");
    expect(screen.text()).toContain("› the peak is wrong");

    await screen.press("enter");

    const verdict = { kind: "reject", reason: "the peak is wrong" };
    expect(screen.dispatched).toEqual([{ ...VERDICT, verdict }]);
  });

  test("is sent back to any earlier step with feedback, the nearest first", async () => {
    await mount();
    await screen.press("down", "down");
    expect(screen.text()).toContain("› Send back to second: second, third again");
    await screen.press("down");
    expect(screen.text()).toContain("› Send back to first: first, second, third again");
    await screen.send("a longer time");

    await screen.press("enter");

    const verdict = { kind: "push-back", to: "first", feedback: "a longer time" };
    expect(screen.dispatched).toEqual([{ ...VERDICT, verdict }]);
  });

  test("is left waiting by Escape", async () => {
    await mount();

    await screen.press("down", "escape");

    expect(screen.dispatched).toEqual([]);
    expect(screen.text()).not.toContain("Publish it?");
  });
});

test("what sending back would do again is drawn on the graph before Enter", async () => {
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [waiting()] } });
  await screen.act("approve-step");
  expect(screen.text()).not.toContain("↻");

  await screen.press("down", "down");

  expect(screen.text()).toContain("↻ will be done again");
});

test("words that are too long are refused, and can be shortened", async () => {
  screen = await mountScreen({ state: { runs: [waiting()] } });
  await screen.act("approve-step");
  await screen.press("down");
  await screen.send("x".repeat(2001));
  expect(screen.text()).toContain("at most 2000 characters, these are 2001");
  await screen.press("enter");
  expect(screen.dispatched).toEqual([]);

  await screen.press("backspace", "enter");

  expect(screen.dispatched).toHaveLength(1);
});
