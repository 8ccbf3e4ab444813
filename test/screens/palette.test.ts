import { afterEach, describe, expect, test } from "vitest";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished, halfway } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

describe.each([
  [80, 24],
  [120, 40],
])("the palette at %i×%i", (columns, rows) => {
  test("finds a command by a few letters and does it", async () => {
    screen = await mountScreen({ columns, rows, state: { runs: [halfway()] } });

    await screen.press(":");
    expect(screen.text()).toContain("Palette");
    await screen.send("cancl");
    expect(screen.text()).toMatch(/› cancel run +x/);
    await screen.press("enter");
    expect(screen.text()).toContain("Cancel the run");
    await screen.press("enter");
    expect(screen.dispatched).toMatchObject([{ type: "cancel-run", runId: "run-1" }]);
  });

  test("says why a command cannot be done now", async () => {
    screen = await mountScreen({ columns, rows, state: { runs: [finished()] } });

    await screen.press(":");
    await screen.send("cancel run");
    expect(screen.text()).toMatch(/cancel run .*not now: the run has succeeded/);
    await screen.press("enter");
    expect(screen.text()).toContain("nothing to cancel");
    expect(screen.dispatched).toEqual([]);
  });
});

test("goes to a run, and opens the form of a flow", async () => {
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [finished()] } });

  await screen.press("6", ":");
  await screen.send("run-1");
  await screen.press("enter");
  expect(screen.text()).toContain("━ 1 Flow ━");
  await screen.press(":");
  await screen.send("start simul");
  await screen.press("enter");
  expect(screen.text()).toContain("New run");
});

test("walks its rows, says when nothing matches, and closes without doing anything", async () => {
  screen = await mountScreen({ columns: 120, rows: 40, state: { runs: [finished()] } });

  await screen.press(":", "down");
  expect(screen.text()).toMatch(/› [a-z]/);
  await screen.send("qqqq");
  expect(screen.text()).toContain("nothing matches");
  await screen.press("escape");
  expect(screen.text()).not.toContain("Palette");
  expect(screen.dispatched).toEqual([]);
});
