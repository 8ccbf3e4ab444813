import { afterEach, expect, test } from "vitest";
import { readOnlyKeys } from "../../src/ui/keymap/own-keys.ts";
import { KEYMAP } from "../../src/ui/keymap.ts";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished, halfway } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

/** What a terminal sends for a mouse event at a row that shows `text`. */
function mouseAt(button: number, text: string): string {
  const row = screen.rows().findIndex((line) => line.includes(text));
  const column = screen.rows()[row]?.indexOf(text) ?? 0;
  return `\u001B[<${button};${column + 2};${row + 1}M`;
}

test("a click goes to the pane under it, one on a name to the pane of that name", async () => {
  screen = await mountScreen({
    columns: 120,
    rows: 40,
    mouse: true,
    state: { runs: [finished()] },
  });

  await screen.send(mouseAt(0, " 4 Agents "));
  expect(screen.text()).toContain("[4 agents]");
  await screen.send(mouseAt(0, "3 runs"));
  expect(screen.text()).toContain("[3 runs]");
});

test("the wheel moves in the pane under it and lets go of the newest line", async () => {
  screen = await mountScreen({
    columns: 120,
    rows: 40,
    mouse: true,
    state: { runs: [finished()] },
  });
  for (let line = 0; line < 60; line += 1) screen.event(`line ${line}`);
  await screen.idle();

  await screen.send(mouseAt(64, "line 59"));
  expect(screen.text()).toContain("[6 events]");
  expect(screen.text()).not.toContain("▾ following");
  await screen.act("follow");
  expect(screen.text()).toContain("▾ following");
});

test("the mouse is listened to only when it is wanted, and let go at the end", async () => {
  screen = await mountScreen({ mouse: false });
  expect(screen.written()).not.toContain("\u001B[?1000h");
  await screen.close();
  screen = await mountScreen({ mouse: true });
  expect(screen.written()).toContain("\u001B[?1000h");
  await screen.press("q");
  await screen.exit;
  expect(screen.written()).toContain("\u001B[?1000l");
});

test("a light ground is asked for and answered with darker colours", async () => {
  screen = await mountScreen({ theme: "auto", colour: "256", state: { runs: [halfway()] } });
  expect(screen.written()).toContain("\u001B]11;?");
  expect(screen.written()).not.toContain("\u001B[1;38;5;25m");

  await screen.send("\u001B]11;rgb:ffff/ffff/ffff\u001B\\");
  expect(screen.written()).toContain("38;5;25m");
});

test("a run that ends rings the bell", async () => {
  screen = await mountScreen({ signs: ["bell"], state: { runs: [halfway()] } });
  expect(screen.written()).not.toContain("\u0007");

  await screen.set({ runs: [finished()] });
  expect(screen.written()).toContain("\u0007");
});

test("a console that only looks refuses with a reason and sends nothing", async () => {
  const keymap = readOnlyKeys(KEYMAP);
  screen = await mountScreen({ columns: 120, rows: 40, keymap, state: { runs: [finished()] } });

  await screen.press("r");
  expect(screen.text()).toContain("start it without --readonly");
  await screen.press("n");
  expect(screen.text()).not.toContain("New run");
  expect(screen.dispatched).toEqual([]);
});
