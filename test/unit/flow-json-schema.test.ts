import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { flowJsonSchema } from "../../src/orchestrator/flow-json-schema.ts";

const root = join(import.meta.dirname, "../..");
const stored = readFileSync(join(root, "docs/flow.schema.json"), "utf8");
const form = z.fromJSONSchema(JSON.parse(stored));

test("the schema for editors is what the console reads flow files by", () => {
  // When it differs: node scripts/flow-schema.mjs
  expect(stored).toBe(flowJsonSchema());
});

test.each(readdirSync(join(root, "flows")))("it accepts the built-in flow %s", (file) => {
  expect(form.safeParse(parse(readFileSync(join(root, "flows", file), "utf8"))).error).toBe(
    undefined,
  );
});

const step = { agent: "simulation", input: { model: "sir" } };

test.each<[what: string, step: object]>([
  ["every short form", { ...step, needs: "b", timeout: 30, approval: true, foreach: ["sir"] }],
  ["every long form", { ...step, needs: ["b"], timeout: "2m", retry: { delay: "1s" } }],
  ["conditions within conditions", { ...step, when: { not: { any: [{ value: 1, above: 0 }] } } }],
])("it accepts %s", (_, one) => {
  expect(form.safeParse({ name: "x", steps: { a: one, b: step } }).error).toBe(undefined);
});

test.each<[what: string, file: object]>([
  ["a key it does not know", { name: "x", steps: { a: step }, extra: 1 }],
  ["a name no agent can have", { name: "x", steps: { a: { ...step, agent: "No body" } } }],
  ["no steps", { name: "x" }],
  ["a time without a unit", { name: "x", steps: { a: { ...step, timeout: "30" } } }],
  ["a condition of another form", { name: "x", steps: { a: { ...step, when: "yes" } } }],
])("it marks %s", (_, file) => {
  expect(form.safeParse(file).success).toBe(false);
});
