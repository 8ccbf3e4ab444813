import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonValue } from "../../src/base/json-value.ts";
import { toJsonValue } from "../../src/base/json-value.ts";
import { differencesBetween, numberPathsIn } from "../../src/console/value-differences.ts";

const named = fc.uniqueArray(
  fc.record({ name: fc.constantFrom("a", "b", "c.d", "e]"), value: fc.integer() }),
  { selector: ({ name }) => name, maxLength: 4 },
);
const value = fc
  .oneof(fc.jsonValue(), named, fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })))
  .map(toJsonValue);

test("a value does not differ from its copy", () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(differencesBetween(one, toJsonValue(one))).toEqual([]);
    }),
  );
});

test("what is written differently differs somewhere", () => {
  const plain = fc.jsonValue().map(toJsonValue);
  fc.assert(
    fc.property(plain, plain, (left, right) => {
      fc.pre(sorted(left) !== sorted(right));
      expect(differencesBetween(left, right)).not.toEqual([]);
    }),
  );
});

test("swapping the values swaps the sides and turns numbers' changes round", () => {
  fc.assert(
    fc.property(value, value, (left, right) => {
      const there = differencesBetween(left, right);
      const back = differencesBetween(right, left);
      const sides = (one: (typeof there)[number], swap: boolean): unknown[] => [
        one.path,
        one.kind,
        ...(swap ? [one.right, one.left] : [one.left, one.right]),
        one.differing,
      ];
      expect(back.map((one) => sides(one, true))).toEqual(
        expect.arrayContaining(there.map((one) => sides(one, false))),
      );
      expect(back).toHaveLength(there.length);
    }),
  );
});

test("every number that differs is one of the numbers of its value", () => {
  fc.assert(
    fc.property(value, value, (left, right) => {
      const places = numberPathsIn(left);
      for (const { path, kind, left: before } of differencesBetween(left, right)) {
        if (kind === "value" && typeof before === "number") expect(places).toContain(path);
      }
    }),
  );
});

/** Not by the pair as a text: a value may have a member `toString`. */
function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

/** A value's text with the members of objects in order. */
function sorted(one: JsonValue): string {
  return JSON.stringify(one, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(byKey))
      : member,
  );
}
