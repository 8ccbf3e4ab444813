import { afterEach, describe, expect, test } from "vitest";
import { err, ok } from "../../src/base/result.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished, halfway } from "../support/run-history.ts";
import { key } from "../support/runs.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

/** An operator who writes these texts one after the other; `null` leaves a text as it is. */
function operator(...answers: readonly (string | null)[]) {
  const seen: string[] = [];
  return {
    seen,
    editText(text: string) {
      const answer = answers[seen.length] ?? null;
      seen.push(text);
      return Promise.resolve(ok(answer ?? text));
    },
  };
}

describe.each([
  [80, 24],
  [120, 40],
])("the input of a step, on %i×%i", (columns, rows) => {
  test("is written anew, what a fork would do is drawn, and Enter forks", async () => {
    const { editText, seen } = operator("model: sir\nstopTime: 5\n");
    screen = await mountScreen({ columns, rows, state: { runs: [finished()] }, editText });

    await screen.act("change-input");
    expect(seen[0]).toMatch(/^model: sir$/m);
    expect(screen.text()).toContain("Fork a run");
    expect(screen.text()).toContain("The run stays as it is");
    for (const step of ["simulation", "qna", "viz"]) {
      expect(screen.text()).toMatch(new RegExp(`${step} {2}attempt 1`));
    }
    await screen.press("enter");

    expect(screen.dispatched).toMatchObject([
      {
        type: "fork-run",
        runId: "run-1",
        wish: {
          kind: "edit-input",
          stepKey: "simulation",
          input: { model: "sir", stopTime: 5 },
        },
      },
    ]);
  });

  test("comes back with its problem until it is right", async () => {
    const { editText, seen } = operator("model: 5\n", "model: sir\nstopTime: 6\n");
    screen = await mountScreen({ columns, rows, state: { runs: [finished()] }, editText });

    await screen.act("change-input");

    expect(seen[1]).toMatch(/^#! model: .*\nmodel: 5\n$/);
    expect(screen.text()).toContain("Fork a run");
  });

  test.each([
    ["unchanged", [null], "nothing was changed"],
    ["emptied", [""], "nothing was changed"],
    ["left with its problem", ["model: 5\n", null], "given up, the text is kept: model: "],
  ] as const)("%s is no wish", async (_, answers, told) => {
    const { editText } = operator(...answers);
    screen = await mountScreen({ columns, rows, state: { runs: [finished()] }, editText });

    await screen.act("change-input");

    expect(screen.rows().at(-1)).toContain(told);
    expect(screen.text()).not.toContain("Fork a run");
  });
});

/** What a step of a run has returned. */
function lastOutput(state: RunState, step: string): object {
  const result = state.steps[key(step)]?.attempts.at(-1)?.result;
  if (result?.status !== "succeeded") throw new Error(`${step} has succeeded`);
  return result.output as object;
}

test("an output that is pinned has only the steps that use it done again", async () => {
  const output = { ...lastOutput(finished().state, "simulation"), stopTime: 7 };
  const { editText } = operator(JSON.stringify(output));
  screen = await mountScreen({ state: { runs: [finished()] }, editText });

  await screen.act("pin-output");
  expect(screen.text()).not.toMatch(/simulation {2}attempt/);
  expect(screen.text()).toMatch(/qna {2}attempt 1/);
  await screen.press("enter");

  expect(screen.dispatched).toMatchObject([
    { type: "fork-run", wish: { kind: "pin-output", stepKey: "simulation", output } },
  ]);
});

test("an editor that cannot be had is told, and the screen goes on", async () => {
  const editText = () => Promise.resolve(err("no editor was found: set EDITOR"));
  screen = await mountScreen({ state: { runs: [finished()] }, editText });

  await screen.act("change-input");
  expect(screen.rows().at(-1)).toContain("✗ no editor was found: set EDITOR");
  await screen.act("rerun-step");

  expect(screen.text()).toContain("Rerun simulation");
});

test("a text whose plan is refused comes back with the reason, and is kept when it is given up", async () => {
  const { state } = finished();
  const written = JSON.stringify({ ...lastOutput(state, "viz"), title: "Mine" });
  const { editText, seen } = operator(written, null, "");
  screen = await mountScreen({ state: { runs: [finished()] }, editText });
  await screen.press("right", "down");

  await screen.act("pin-output");
  expect(seen[1]).toBe(
    "#! the edit changes nothing that a step uses: correct the edit, or choose another step\n" +
      written,
  );
  expect(screen.rows().at(-1)).toContain("given up, the text is kept");

  await screen.act("pin-output");
  expect(seen[2]).toMatch(/^#! You wrote this before\./);
  expect(seen[2]).toContain(written);

  await screen.act("pin-output");
  expect(seen[3]).toMatch(/^# The output of step viz/);
});

test.each([
  ["kept when its run could not begin", false, /^#! You wrote this before\..*\nmodel: sir\n/],
  ["not offered again once its run has begun", true, /^# The input of step simulation/],
])("a text is %s", async (_, ok, expected) => {
  const { editText, seen } = operator("model: sir\nstopTime: 5\n");
  const refused = { ok: false, code: "conflict", message: "moved on", nextStep: "look" } as const;
  const answer = () => (ok ? { ok, runId: null } : refused);
  screen = await mountScreen({ state: { runs: [finished()] }, editText, answer });

  await screen.act("change-input");
  await screen.press("enter");
  if (!ok) expect(screen.rows().at(-1)).toContain("What you wrote is kept");
  await screen.act("change-input");

  expect(seen[1]).toMatch(expected);
});

test("a step that has not begun has no input to edit, and the screen says so", async () => {
  screen = await mountScreen({ state: { runs: [halfway()] } });

  await screen.act("change-input");

  expect(screen.rows().at(-1)).toContain("there is no editor here");
});
