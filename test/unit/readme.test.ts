import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";
import { keymapMarkdown } from "../../src/ui/keymap.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

test("the README's key table is the console's keymap", () => {
  const table = /<!-- keys:begin -->\n([\s\S]*)\n<!-- keys:end -->/.exec(readme)?.[1];
  expect(table?.trim()).toBe(keymapMarkdown().trim());
});

test("the README's flow is a valid flow", () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const parsed = parseFlow(yaml.replaceAll(/^ {3}/gm, ""));
  expect(parsed.ok ? [] : parsed.error).toEqual([]);
});
