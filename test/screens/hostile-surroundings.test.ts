/** The screen on terminals of any size, and with output that no agent should send. */
import { afterEach, describe, expect, test } from "vitest";
import type { RunView } from "../../src/console/console-state.ts";
import { widthOf } from "../../src/ui/spans.ts";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished, QNA_OUTPUT, runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

/** A run whose answer and log are the given text. */
function saying(text: string): RunView {
  return runView({
    id: "run-1",
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      {
        step: "qna",
        at: 2600,
        output: { ...QNA_OUTPUT, answer: text.slice(0, 4000), how: text.slice(0, 2000) },
      },
    ],
    logs: [{ step: "qna", text }],
  });
}

/** No row runs past the edge, and what frames the panes is where it was. */
function expectIntact(columns: number, rows: number): void {
  const shown = screen.rows();
  expect(shown).toHaveLength(rows);
  for (const row of shown) expect(widthOf(row)).toBeLessThanOrEqual(columns);
  expect(shown[0]).toContain("monday ▸ ");
  expect(shown[2]).toContain("[2 detail]");
  expect(shown.at(-1)).toContain("? help");
}

const PEOPLE = "👩‍👩‍👧‍👦🇩🇪é́漢字ｶﾞ🏳️‍🌈 ".repeat(40);
const ATTACK =
  "\u001B]52;c;ZXZpbA==\u0007\u001B[2J\u001B[1;1HOWNED\u001B[?1049l\u001Bc\u009B31m\u202Eevil\u200B\r\n\u0008\u0007";
const LONG = "x".repeat(10 * 1024 * 1024);

describe.each([
  ["emoji, flags and wide characters", PEOPLE],
  ["escape sequences", ATTACK.repeat(20)],
  ["one line of 10 MB", LONG],
])("%s", (_name, text) => {
  test.each([
    [80, 24],
    [200, 60],
  ])("stay within their pane at %i×%i", async (columns, rows) => {
    screen = await mountScreen({ columns, rows, state: { runs: [saying(text)] } });
    screen.event(text);
    screen.message("task.qna", text);

    await screen.press("l", "2", "l", "l");
    expectIntact(columns, rows);
    await screen.press("h", "h");

    expectIntact(columns, rows);
    expect(screen.written()).not.toContain("\u001B]52");
    expect(screen.written()).not.toContain("\u001B[2JO");
    expect(screen.written()).not.toContain("\u001Bc");
    expect(screen.text()).not.toMatch(/^OWNED/m);
    await screen.press("6", "5", "j", "enter");
    expect(screen.rows()[0]).toContain("monday ▸ ");
  });
});

test.each([
  [2, 1],
  [20, 5],
  [59, 24],
  [80, 14],
])(
  "a terminal of %i×%i is told kindly that it is too small, and q still quits",
  async (columns, rows) => {
    screen = await mountScreen({ columns, rows, state: { runs: [finished()] } });

    const shown = screen.rows();
    expect(shown.every((row) => widthOf(row) <= columns)).toBe(true);
    if (columns >= 20) expect(screen.text()).toMatch(/60|small/);
    await screen.press("q");
    expect(await screen.exit).toMatchObject({ reason: "quit" });
  },
);

test("uses a terminal of 400×150", async () => {
  screen = await mountScreen({ columns: 400, rows: 150, state: { runs: [finished()] } });

  const shown = screen.rows();
  expect(shown).toHaveLength(150);
  expect(shown[0]?.length).toBeGreaterThan(390);
  expect(shown.at(-1)).toContain("q quit");
});
