import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText, digestOf } from "../../src/orchestrator/digest.ts";

describe("the canonical text", () => {
  test.each([
    [null, "null"],
    ["a", '"a"'],
    [1.5, "1.5"],
    [[1, [2, "x"], []], '[1,[2,"x"],[]]'],
    [{ b: 1, a: { d: [], c: null } }, '{"a":{"c":null,"d":[]},"b":1}'],
    [{}, "{}"],
  ])("of %j", (value, text) => {
    expect(canonicalText(value)).toBe(text);
  });

  test("is JSON of the same value, whatever the order of the keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (map) => {
        const plain = JSON.parse(JSON.stringify(map));
        const turned = Object.fromEntries(Object.entries(plain).reverse());
        expect(JSON.parse(canonicalText(plain))).toEqual(plain);
        expect(canonicalText(turned as never)).toBe(canonicalText(plain));
      }),
    );
  });
});

describe("the digest", () => {
  // Plans made by one version are carried out by the next: the digest may not change.
  test.each([
    [{}, "3ff9b36c5885f2ef"],
    ["a", "36efbf622f7f19f1"],
    [[1, 2], "ac2d3e6d1b520144"],
  ])("of %j stays what it is", (value, digest) => {
    expect(digestOf(value)).toBe(digest);
  });

  test("has 16 digits and tells values apart", () => {
    const values = Array.from({ length: 5000 }, (_, index) => ({ step: `s${index}`, index }));
    const digests = values.map(digestOf);
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(digests).size).toBe(values.length);
  });
});
