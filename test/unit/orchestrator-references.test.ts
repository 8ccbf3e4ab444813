import { expect, test } from "vitest";
import type { JsonValue } from "../../src/base/json-value.ts";
import {
  parseReference,
  referencesIn,
  resolveReferences,
} from "../../src/orchestrator/references.ts";

const scope = {
  params: { question: "Why?", n: 3, list: [[1, 2], { deep: [true] }], none: null },
  steps: { simulation: { output: { peak: 7, name: "sir" } } },
  base: {},
};

const look = (path: string): string => `\${{ ${path} }}`;

test.each<[path: string, value: JsonValue]>([
  ["params.question", "Why?"],
  ["params.n", 3],
  ["params.none", null],
  ["params.list[0][1]", 2],
  ["params.list[1].deep[0]", true],
  ["steps.simulation.output", { peak: 7, name: "sir" }],
  ["steps.simulation.output.peak", 7],
])("looks up %s", (path, value) => {
  expect(resolveReferences(look(path), scope)).toEqual({ ok: true, value });
});

test.each([
  "params.__proto__",
  "params.constructor",
  "params.constructor.name",
  "params.question.length",
  "params.list.length",
  "params.list[9]",
  "params.none.x",
  "params.n.toFixed",
  "steps.viz.output",
  "base.simulation.output",
])("finds nothing at %s", (path) => {
  expect(resolveReferences(look(path), scope)).toMatchObject({
    ok: false,
    error: expect.stringContaining("there is no"),
  });
});

test.each(["", "process.exit()", "params", "params.", "params..a", "env.HOME", "params[x]", "1+1"])(
  "does not take %j for a look-up",
  (path) => {
    expect(parseReference(path).ok).toBe(false);
    expect(resolveReferences(look(path), scope).ok).toBe(false);
  },
);

test("puts values into a longer text, once and literally", () => {
  const input = `${look("params.question")} ${look("params.n")} ${look("steps.simulation.output")}`;
  expect(resolveReferences(input, scope)).toEqual({
    ok: true,
    value: 'Why? 3 {"peak":7,"name":"sir"}',
  });
  const nested = { ...scope, params: { question: look("params.secret"), secret: "$&" } };
  expect(resolveReferences(`> ${look("params.question")}`, nested)).toEqual({
    ok: true,
    value: `> ${look("params.secret")}`,
  });
});

test("names the first look-up of a text that leads nowhere", () => {
  const input = `a ${look("params.x")} b ${look("params.y")}`;
  expect(resolveReferences(input, scope)).toEqual({
    ok: false,
    error: 'params.x: there is no "x"',
  });
});

test("resolves inside lists and maps, and leaves everything else alone", () => {
  const input = { a: [look("params.n"), [look("params.n")]], b: { c: 1, d: null, e: "text" } };
  expect(resolveReferences(input, scope)).toEqual({
    ok: true,
    value: { a: [3, [3]], b: { c: 1, d: null, e: "text" } },
  });
  expect(resolveReferences({ a: [{ b: look("params.gone") }] }, scope).ok).toBe(false);
});

test("keeps a key called __proto__ a plain key", () => {
  const input = JSON.parse('{"__proto__":{"polluted":true}}') as JsonValue;
  const resolved = resolveReferences(input, scope);
  expect(JSON.stringify(resolved)).toBe('{"ok":true,"value":{"__proto__":{"polluted":true}}}');
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("lists the look-ups of a value as they are written", () => {
  expect(
    referencesIn({ a: ["x", look("params.n")], b: `${look("a.b")}${look("c")}`, n: 1 }),
  ).toEqual([" params.n ", " a.b ", " c "]);
  expect(referencesIn(`${look("params.n")} \${{ params.open`)).toEqual([
    " params.n ",
    `\${{ params.open`,
  ]);
  expect(referencesIn(null)).toEqual([]);
});
