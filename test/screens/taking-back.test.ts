import { afterEach, expect, test } from "vitest";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

test("a session gets the name back that it had", async () => {
  screen = await mountScreen();

  await screen.act("focus-sessions");
  await screen.press("f2", "ctrl-u");
  await screen.send("tuesday");
  await screen.press("enter");
  await screen.act("undo");

  expect(screen.dispatched).toEqual([
    { type: "rename-session", sessionId: "s1", name: "tuesday" },
    { type: "rename-session", sessionId: "s1", name: "monday" },
  ]);
  expect(screen.rows().at(-1)).toContain("the session is called monday again");
  await screen.act("undo");
  expect(screen.rows().at(-1)).toContain("nothing to take back");
});

test("a plan that is not wanted leads back to the form it came from", async () => {
  screen = await mountScreen({ state: { runs: [finished()] } });

  await screen.act("change-parameters");
  await screen.press("down");
  await screen.send("contact_rate=9");
  await screen.press("enter");
  expect(screen.text()).toContain("Fork a run");
  await screen.press("escape");
  await screen.act("undo");

  expect(screen.text()).toContain("contact_rate=9");
});

test("a form that was closed comes back with what had been written in it", async () => {
  screen = await mountScreen({ state: { runs: [finished()] } });

  await screen.act("ask-question");
  await screen.send("How many are ill on day 20?");
  await screen.press("escape");
  expect(screen.text()).not.toContain("How many are ill");
  await screen.act("undo");

  expect(screen.text()).toContain("How many are ill on day 20?");
  await screen.press("enter");
  expect(screen.dispatched).toMatchObject([
    { type: "ask-question", question: "How many are ill on day 20?" },
  ]);
});
