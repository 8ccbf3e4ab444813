import { afterEach, describe, expect, test } from "vitest";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished, flowOf, runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

const TWO_RATES = `name: two-rates
description: Two simulations at the same time.
params:
  low: { type: number, default: 4, min: 0, max: 9, unit: "1/day", description: The first rate. }
  high: { type: number, default: 8, unit: "1/day" }
steps:
  calm: { agent: simulation, input: { model: sir, parameters: { rate: "\${{ params.low }}" } } }
  busy: { agent: simulation, input: { model: sir, parameters: { rate: "\${{ params.high }}" } } }
`;

const twoRates = () =>
  runView({
    id: "run-7",
    flow: "two-rates",
    text: TWO_RATES,
    spec: { parameters: { low: 5, high: 8 } },
    told: [
      { step: "calm", at: 900, output: SIMULATION_OUTPUT },
      { step: "busy", at: 900, output: SIMULATION_OUTPUT },
    ],
  });

const flows = [{ flow: flowOf(TWO_RATES), source: "built-in" }];

describe.each([
  [80, 24],
  [120, 40],
])("the parameters of a run, on %i×%i", (columns, rows) => {
  test("are changed in a form, and Enter shows what that would do before it forks", async () => {
    screen = await mountScreen({ columns, rows, state: { runs: [twoRates()] } });

    await screen.act("change-parameters");
    expect(screen.text()).toContain("Other parameters");
    expect(screen.text()).toMatch(/low +› 5 +1\/day/);
    expect(screen.text()).toContain("Change a value");
    await screen.press("down", "backspace", "9");
    expect(screen.text()).toMatch(/was 8; /);
    expect(screen.text()).toContain("Done again: busy");
    await screen.press("enter");

    expect(screen.text()).toContain("Fork a run");
    expect(screen.text()).toMatch(/busy {2}attempt 1/);
    expect(screen.text()).not.toMatch(/calm {2}attempt/);
    expect(screen.text()).toContain("Kept as they are: 1 other step");
    await screen.press("enter");
    expect(screen.dispatched).toMatchObject([
      {
        type: "fork-run",
        runId: "run-7",
        wish: { kind: "parameters", parameters: { high: 9 } },
      },
    ]);
  });

  test("are checked while they are typed, and nothing is planned before they are right", async () => {
    screen = await mountScreen({ columns, rows, state: { runs: [twoRates()] } });

    await screen.act("change-parameters");
    await screen.press("enter");
    expect(screen.rows().at(-1)).toContain("nothing was changed");
    await screen.press("0");
    expect(screen.text()).toMatch(/✗ .*9/);
    expect(screen.text()).toContain("1 to correct before the run can start");
    await screen.press("enter");

    expect(screen.text()).toContain("Other parameters");
    expect(screen.dispatched).toEqual([]);
  });
});

test("a new run begins with the values used last, and says what the default is", async () => {
  screen = await mountScreen({ state: { runs: [twoRates()], flows } });

  await screen.act("new-run");
  expect(screen.text()).toMatch(/low +› 5 +1\/day/);
  expect(screen.text()).toContain("last used; default 4; a number from 0 to 9 1/day");
  await screen.press("ctrl-u", "enter");

  expect(screen.dispatched).toEqual([
    { type: "start-run", flowName: "two-rates", parameters: { low: 4, high: 8 } },
  ]);
});

test("a model that is not in the catalogue is seen while it is typed; a file may be named", async () => {
  screen = await mountScreen();

  await screen.act("new-run");
  await screen.send("x");
  expect(screen.text()).toContain("✗ there is no such model");
  await screen.send(".xmile");

  expect(screen.text()).toContain("enter start");
});

test("an answer has no parameters to change, and the key says what to do instead", async () => {
  const answer = runView({
    id: "run-8",
    flow: "ask",
    spec: { basedOn: finished().runId, parameters: { question: "How many?" } },
  });
  screen = await mountScreen({ state: { runs: [answer] } });

  await screen.act("change-parameters");

  expect(screen.rows().at(-1)).toContain("a asks again");
});

test("a form with more parameters than rows keeps the one that is written in view", async () => {
  const names = Array.from({ length: 15 }, (_, index) => `p${index}`);
  const text = [
    "name: wide",
    "params:",
    ...names.map((name) => `  ${name}: { type: number, default: 1 }`),
    "steps:",
    "  s: { agent: simulation, input: { model: sir } }",
  ].join("\n");
  screen = await mountScreen({ state: { flows: [{ flow: flowOf(text), source: "built-in" }] } });

  await screen.act("new-run");
  for (const name of names) {
    expect(screen.text()).toMatch(new RegExp(`${name} +› 1`));
    expect(screen.text()).toContain("more by ↑/↓");
    expect(screen.text()).toContain("enter start");
    await screen.press("down");
  }
});
