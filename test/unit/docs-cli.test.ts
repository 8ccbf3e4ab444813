import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readArguments } from "../../src/cli/arguments.ts";
import { EXIT_CODES, EXIT_MEANINGS } from "../../src/cli/exit-codes.ts";
import { manual } from "../../src/cli/manual.ts";
import { usageOf } from "../../src/cli/verb.ts";
import { VERBS } from "../../src/cli/verbs/table.ts";

const stored = readFileSync(join(import.meta.dirname, "../../docs/CLI.md"), "utf8");

test("the page of commands is what the table of verbs says", () => {
  // When it differs: npm run docs:cli
  expect(stored).toBe(manual(VERBS));
});

test("every exit code has its words", () => {
  const told = EXIT_MEANINGS.flatMap(({ code }) => code.split(", ").map(Number));
  expect(told).toEqual(expect.arrayContaining(Object.values(EXIT_CODES)));
});

const examples = VERBS.flatMap((verb) => verb.examples.map(({ line }) => [usageOf(verb), line]));

test.each(examples)("an example of %s is understood: %s", (_, line = "") => {
  const [ours = ""] = (line.split(/aimie-console /)[1] ?? "").split(/ \| | > | && |\)"/);
  const words = (ours.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((one) => one.replaceAll('"', ""));
  expect(() => readArguments(words, VERBS)).not.toThrow();
});
