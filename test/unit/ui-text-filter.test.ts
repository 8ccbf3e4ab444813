import { expect, test } from "vitest";
import { textFilter } from "../../src/ui/model/text-filter.ts";

const passes = (filter: string, text: string): boolean => textFilter(filter).passes({}, () => text);

test.each([
  ["", "anything", true],
  ["!", "anything", true],
  ["READY", "worker ready", true],
  ["!ready", "worker ready", false],
  ["/^wor.*dy$/", "worker ready", true],
  ["!/^x/", "worker", true],
  ["/READY/", "worker ready", true],
  ["/wor", "a /wor b", true],
  ["//", "a // b", true],
])("the filter %j on %j says %j", (filter, text, expected) => {
  expect(passes(filter, text)).toBe(expected);
});

test.each([
  ["/(/", "missing closing )"],
  ["!/[a/", "missing closing ]"],
  ["/a**/", "invalid nested repetition operator"],
  [`/${"a".repeat(501)}/`, "longer than 500 characters"],
])("the filter %j hides nothing and says what is wrong", (filter, problem) => {
  expect(textFilter(filter).problem).toContain(problem);
  expect(passes(filter, "anything")).toBe(true);
});

test("an expression that backtracks for ever elsewhere ends", () => {
  const text = `${"a".repeat(20_000)}!`;
  expect(passes("/^(a+)+$/", text)).toBe(false);
  expect(passes("/(a|aa)+$/", text)).toBe(false);
});

test("a line is judged once, by each filter for itself", () => {
  const line = {};
  let asked = 0;
  const text = (): string => {
    asked += 1;
    return "ready";
  };
  for (let frame = 0; frame < 3; frame += 1) textFilter("/rea/").passes(line, text);
  expect(asked).toBe(1);
  expect(textFilter("/x/").passes(line, text)).toBe(false);
  expect(textFilter("/rea/").passes(line, text)).toBe(true);
  expect(asked).toBe(2);
});
