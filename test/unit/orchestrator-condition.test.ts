import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Condition } from "../../src/orchestrator/condition.ts";
import { conditionSchema, holds, referencesOfCondition } from "../../src/orchestrator/condition.ts";
import type { Scope } from "../../src/orchestrator/references.ts";

const scope: Scope = {
  params: { limit: 10, name: "b", tags: ["a", "b"], none: null, map: { x: 1, y: 2 } },
  steps: {},
  base: {},
};

const look = (path: string): string => `\${{ params.${path} }}`;

describe("a comparison", () => {
  test.each<[what: string, condition: Condition, expected: boolean]>([
    ["equal numbers", { value: look("limit"), equals: 10 }, true],
    ["maps whose keys are in another order", { value: look("map"), equals: { y: 2, x: 1 } }, true],
    ["a number and its text", { value: look("limit"), equals: "10" }, false],
    ["two look-ups", { value: look("limit"), equals: look("limit") }, true],
    ["what differs", { value: look("name"), "not-equals": "a" }, true],
    ["what is not there, and a value", { value: look("gone"), equals: 1 }, false],
    ["what is not there, and something else", { value: look("gone"), "not-equals": 1 }, true],
    ["a value and what is not there", { value: 1, equals: look("gone") }, false],
    ["two that are not there", { value: look("gone"), equals: look("lost") }, true],
    ["a larger number", { value: look("limit"), above: 9 }, true],
    ["the same number, above", { value: look("limit"), above: 10 }, false],
    ["the same number, at least", { value: look("limit"), "at-least": 10 }, true],
    ["a smaller number", { value: look("limit"), below: 11 }, true],
    ["the same number, below", { value: look("limit"), below: 10 }, false],
    ["the same number, at most", { value: look("limit"), "at-most": 10 }, true],
    ["a text that comes after", { value: look("name"), above: "a" }, true],
    ["a text that comes before", { value: look("name"), below: "c" }, true],
    ["the same text", { value: look("name"), "at-most": "b" }, true],
    ["a text and a number, above", { value: look("name"), above: 1 }, false],
    ["a number and a text, below", { value: look("limit"), below: "z" }, false],
    ["what is not there, below", { value: look("gone"), below: 1 }, false],
    ["one of several", { value: look("name"), "one-of": ["a", "b"] }, true],
    ["one of a list with a look-up", { value: 10, "one-of": [look("limit")] }, true],
    ["none of several", { value: look("name"), "one-of": ["x"] }, false],
    ["one of a list that is not there", { value: "a", "one-of": [look("gone")] }, false],
    ["what exists", { value: look("name"), exists: true }, true],
    ["what should not exist", { value: look("name"), exists: false }, false],
    ["null, which does not exist", { value: look("none"), exists: false }, true],
    ["what is not there, and need not be", { value: look("gone"), exists: false }, true],
    ["the same text, above", { value: look("name"), above: "b" }, false],
    ["the same text, below", { value: look("name"), below: "b" }, false],
    ["a text that comes before, above", { value: look("name"), above: "c" }, false],
    ["a text that comes after, below", { value: look("name"), below: "a" }, false],
    ["a number's text and a number, above", { value: "2", above: 1 }, false],
    ["a number and a number's text, above", { value: 2, above: "1" }, false],
    ["lists, above", { value: look("tags"), above: [] }, false],
    ["a range that holds the value", { value: look("limit"), above: 1, below: 11 }, true],
    ["a range on one side of it", { value: look("limit"), above: 1, below: 5 }, false],
  ])("of %s", (_, condition, expected) => {
    expect(conditionSchema.parse(condition)).toEqual(condition);
    expect(holds(condition, scope)).toBe(expected);
  });

  test("with nothing to compare with is refused, and says what could be", () => {
    const parsed = conditionSchema.safeParse({ value: 1 });
    expect(parsed.error?.message).toContain("not-equals");
  });
});

describe("what is no condition", () => {
  const good: Condition = { value: 1, equals: 1 };

  test.each(["all", "any"])("an empty %s is refused", (join) => {
    expect(conditionSchema.safeParse({ [join]: [] }).success).toBe(false);
  });

  test.each<[what: string, condition: unknown]>([
    ["too many of all", { all: Array(101).fill(good) }],
    ["too many of any", { any: Array(101).fill(good) }],
    ["all and any at once", { all: [good], any: [good] }],
    ["a not beside a comparison", { not: good, value: 1, equals: 1 }],
    ["a not of nothing", { not: {} }],
    ["a text", "yes"],
  ])("%s is refused with the forms there are", (_, condition) => {
    const parsed = conditionSchema.safeParse(condition);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues[0]?.message).toMatch(/^a condition is a map of `value` and/);
  });

  test.each<[what: string, condition: Condition]>([
    ["a hundred of all", { all: Array(100).fill(good) }],
    ["a hundred of any", { any: Array(100).fill(good) }],
    ["two of each", { all: [good, { any: [good, { not: good }] }] }],
  ])("%s is one", (_, condition) => {
    expect(conditionSchema.parse(condition)).toEqual(condition);
  });
});

const leaf = fc.boolean().map((yes): Condition => ({ value: 1, equals: yes ? 1 : 2 }));

describe("conditions that are joined", () => {
  test("by all, any and not mean what the words mean", () => {
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 5 }), (list) => {
        const truths = list.map((one) => holds(one, scope));
        expect(holds({ all: list }, scope)).toBe(!truths.includes(false));
        expect(holds({ any: list }, scope)).toBe(truths.includes(true));
        expect(holds({ not: { any: list } }, scope)).toBe(!truths.includes(true));
      }),
    );
  });

  test("tell every look-up, however deep", () => {
    const condition: Condition = {
      all: [
        {
          any: [
            { value: look("a"), equals: look("b") },
            { value: 1, exists: true },
          ],
        },
        { not: { value: look("c"), "one-of": [look("d")] } },
      ],
    };
    const found = referencesOfCondition(condition).map((one) => one.trim());
    expect(found).toEqual(["params.a", "params.b", "params.c", "params.d"]);
    expect(referencesOfCondition({ value: look("a"), equals: undefined })).toHaveLength(1);
  });
});
