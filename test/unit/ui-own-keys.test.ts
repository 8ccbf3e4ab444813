import { describe, expect, test } from "vitest";
import { readOnlyKeys, withOwnKeys } from "../../src/ui/keymap/own-keys.ts";
import { bindingFor, KEYMAP } from "../../src/ui/keymap.ts";
import { FIRST_SCREEN } from "../../src/ui/model/screen.ts";
import { stateOf } from "../support/mount-screen.ts";

test("the built-in keys have no conflicts", () => {
  expect(withOwnKeys(KEYMAP, {})).toMatchObject({ ok: true });
});

test("an action has the operator's keys instead of its own", () => {
  const own = withOwnKeys(KEYMAP, { "new-run": ["ctrl-n", "N"] });
  if (!own.ok) throw new Error(own.error.join());

  expect(bindingFor(own.value, ["panes"], "ctrl-n")?.action).toBe("new-run");
  expect(bindingFor(own.value, ["panes"], "n")).toBeUndefined();
});

test.each([
  [{ "no-such": ["x"] }, "keys.no-such: there is no such action"],
  [
    { "new-run": ["hyper-n"] },
    'keys.new-run: "hyper-n" is no key; write x, X, ctrl-x, f5, pageup …',
  ],
  [{ "new-run": ["r"] }, 'keys.rerun-step: "r" already means new-run'],
  [{ quit: [] }, "keys.quit: must keep a key"],
])("%j is refused: %s", (own, problem) => {
  const result = withOwnKeys(KEYMAP, own);

  expect(result.ok ? [] : result.error).toContain(problem);
});

describe("keys of a console that only looks", () => {
  test("tell why nothing can be changed, and still move about", () => {
    const keymap = readOnlyKeys(KEYMAP);
    const reasonFor = (key: string): string | null =>
      bindingFor(keymap, ["panes"], key)?.disabledReason?.(FIRST_SCREEN, { state: stateOf({}) }) ??
      null;

    for (const key of ["n", "r", "x", "a"]) expect(reasonFor(key)).toMatch(/--readonly/);
    for (const key of ["?", "q", "tab", "1"]) expect(reasonFor(key)).toBeNull();
  });
});
