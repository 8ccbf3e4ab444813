import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/FLOWS.md"), "utf8");

const flows = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)]
  .map(([, text = ""]) => text)
  .filter((text) => /^steps:/m.test(text))
  .map((text) => [/^name: (.*)$/m.exec(text)?.[1] ?? "(no name)", text] as const);

test("the page has flows", () => {
  expect(flows.length).toBeGreaterThanOrEqual(3);
});

test.each(flows)("the flow %s is valid", (_, text) => {
  expect(parseFlow(text)).toMatchObject({ ok: true });
});
