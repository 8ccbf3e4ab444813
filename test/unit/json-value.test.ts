import fc from "fast-check";
import { expect, test } from "vitest";
import { isJsonValue } from "../../src/base/json-value.ts";
import { parseBoundedJson } from "../../src/protocol/parse-message.ts";

test("takes every value that comes out of JSON", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => isJsonValue(value)));
});

test.each([
  ["undefined", undefined],
  ["a hole", { a: undefined }],
  ["no number", [Number.NaN]],
  ["infinity", { a: { b: Number.POSITIVE_INFINITY } }],
  ["a function", () => 1],
  ["a big integer", 1n],
  ["a date", new Date(0)],
  ["a map", new Map()],
])("refuses %s", (_, value) => {
  expect(isJsonValue(value)).toBe(false);
});

test("counts nesting outside strings only, whatever the strings hold", () => {
  const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(parseBoundedJson(nested(64)).ok).toBe(true);
  expect(parseBoundedJson(nested(65)).ok).toBe(false);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', "\\", "[", "{", "]", "a") }), (text) => {
      const inside = JSON.stringify({ text: `${text}${"[".repeat(100)}` });
      expect(parseBoundedJson(inside)).toEqual({ ok: true, value: JSON.parse(inside) });
    }),
  );
});

test("refuses a key that would change a prototype, plain or written with escapes", () => {
  for (const key of ["__proto__", "\\u005f_proto__", "_\\u005Fproto__"]) {
    const parsed = parseBoundedJson(`{"a":{"${key}":{"evil":true},"b":1}}`);
    expect(parsed.ok).toBe(false);
  }
});
