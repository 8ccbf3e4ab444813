import { describe, expect, test } from "vitest";
import { isPrintedIn, ungroundedNumbers } from "../../src/engines/grounding/ground.ts";
import { printedNumbers } from "../../src/engines/grounding/printed-numbers.ts";

const grounds = (result: unknown, question = "", given: unknown = {}) => ({
  question,
  calls: [{ arguments: given, result }],
  names: ["CO2 2050", "R0"],
});

describe("reads numbers as they are printed", () => {
  test.each([
    ["163.4", 163.4, 0.05],
    ["12,408 people", 12_408, 0.5],
    ["12 408", 12_408, 0.5],
    ["-5", -5, 0.5],
    ["−0.50", -0.5, 0.005],
    [".25", 0.25, 0.005],
    ["3.2e-7", 3.2e-7, 0.05e-7],
    ["3.2 × 10⁻⁷", 3.2e-7, 0.05e-7],
    ["3.2 x 10^5", 3.2e5, 0.05e5],
    ["1.2 million", 1.2e6, 0.05e6],
    ["１２", 12, 0.5],
    ["seventy-two", 72, 0.5],
    ["three hundred and five", 305, 0.5],
    ["two thousand", 2000, 0.5],
  ])("%s", (text, value, halfUnit) => {
    const [number, ...others] = printedNumbers(text);
    expect(others).toEqual([]);
    expect(number?.value).toBeCloseTo(value, 12);
    expect(number?.halfUnit).toBeCloseTo(halfUnit, 12);
  });

  test.each(["1e999", "0e400", "7 × 10^400", "9e307 trillion"])(
    "nothing vouches for %s",
    (text) => {
      expect(ungroundedNumbers(`It is ${text}.`, grounds({ peak: 5 }))).toHaveLength(1);
    },
  );

  test("a range has two, and no minus", () => {
    expect(printedNumbers("10-20 days").map(({ value }) => value)).toEqual([10, 20]);
  });

  test.each([
    "one of them",
    "the two curves cross",
    "CO2 and H2O in km^2",
    "none at all",
    "1. it rises\n2. it falls",
  ])("%j has none", (text) => {
    expect(printedNumbers(text)).toEqual([]);
  });

  test("digits of a script it cannot read are numbers that nothing vouches for", () => {
    expect(ungroundedNumbers("It is ٤٢.", grounds({ value: 42 }))).toEqual(["٤٢"]);
  });
});

describe("a number is grounded", () => {
  test.each([
    ["It peaks at 2,190 people on day 41.3.", { value: 2189.7155, time: 41.25 }],
    ["It peaks at 2189.72.", { value: 2189.7155 }],
    ["About 35 % are infected.", { share: 0.3512 }],
    ["It fell by 5.2.", { change: -5.21 }],
    ["There are 40 in all.", [{ content: "a total of 40" }]],
    ["Seventy-two of them recovered.", { value: 72 }],
    ["CO2 2050 and R0 stay as they are.", {}],
    ["No number at all.", {}],
  ])("%s", (answer, result) => {
    expect(ungroundedNumbers(answer, grounds(result))).toEqual([]);
  });

  test("by the question", () => {
    expect(ungroundedNumbers("On day 30 it rises.", grounds({}, "And on day 30?"))).toEqual([]);
  });
});

describe("a number is not grounded", () => {
  test.each([
    ["It peaks at 72.", { value: 2189.7 }, ["72"]],
    ["It peaks at 2189.8.", { value: 2189.7155 }, ["2189.8"]],
    ["It is 12,000.", { value: 12_408 }, ["12,000"]],
    ["It is -5.", { value: 5 }, ["-5"]],
    ["35 % and 35 % again.", { share: 0.36 }, ["35 %"]],
    ["Seventy-two percent.", { share: 0.5 }, ["Seventy-two"]],
    ["It is 30.", { question: "what is it at 30?", sql: "LIMIT 30", suggestions: ["30"] }, ["30"]],
  ])("%s", (answer, result, expected) => {
    expect(ungroundedNumbers(answer, grounds(result))).toEqual(expected);
  });

  test("because the call itself brought it in", () => {
    const call = grounds({ rows: [[72, 3.5]] }, "", { sql: "SELECT 72, max(x) FROM simulation" });
    expect(ungroundedNumbers("72 and 3.5", call)).toEqual(["72"]);
  });
});

test("a value is found in a sentence that rounds it", () => {
  expect(isPrintedIn(2189.7155, "a peak of 2,190 people")).toBe(true);
  expect(isPrintedIn(2189.7155, "a peak of 2,191 people")).toBe(false);
});
