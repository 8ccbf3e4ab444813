import { describe, expect, test } from "vitest";
import {
  bindingFor,
  contextsOf,
  footerBindings,
  KEYMAP,
  keymapMarkdown,
} from "../../src/ui/keymap.ts";
import { PANE_IDS } from "../../src/ui/model/pane-ids.ts";
import { FIRST_SCREEN } from "../../src/ui/model/screen.ts";

test("a key has one meaning in a context", () => {
  const seen = new Map<string, string>();
  for (const { keys, contexts, action } of KEYMAP) {
    for (const context of contexts) {
      for (const key of keys) {
        const place = `${context} ${key}`;
        expect([place, seen.get(place)]).toEqual([place, undefined]);
        seen.set(place, action);
      }
    }
  }
});

test("every context can be left with Escape, and every pane has help and quit in its footer", () => {
  for (const focus of PANE_IDS) {
    const contexts = contextsOf({ ...FIRST_SCREEN, focus }, true);
    expect(bindingFor(KEYMAP, contexts, "escape")?.action).toBe("back");
    const actions = footerBindings(KEYMAP, contexts).map((binding) => binding.action);
    expect(actions).toContain("show-help");
    expect(actions).toContain("quit");
  }
  for (const context of [
    "help",
    "why",
    "confirm",
    "confirm-danger",
    "quit",
    "text",
    "form",
    "prompt",
    "verdict",
    "palette",
  ] as const) {
    expect(bindingFor(KEYMAP, [context], "escape")).toBeDefined();
  }
});

describe("the table for the README", () => {
  const lines = keymapMarkdown().split("\n");

  test("has a row for every key that is not for editing text", () => {
    const rows = KEYMAP.filter(({ action }) => !action.startsWith("edit-"));
    expect(lines).toHaveLength(rows.length + 2);
    expect(lines).toContain(
      "| `q` `ctrl-c` | everywhere | Quit; asks first while runs are active. |",
    );
  });

  test("has three columns in every row", () => {
    for (const line of lines)
      expect(line.split(" | ").length + (line.startsWith("|---") ? 2 : 0)).toBe(3);
  });
});
