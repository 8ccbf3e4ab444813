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
    ["5k", 5000, 500],
    ["5 k", 5000, 500],
    ["1.2M", 1.2e6, 0.05e6],
    ["5 bn", 5e9, 0.5e9],
    ["5 millions", 5e6, 0.5e6],
    ["5 quadrillion", 5e15, 0.5e15],
    ["3 lakh", 3e5, 0.5e5],
    ["a million people", 1e6, 0.5],
    ["hundreds of them", 100, 0.5],
    ["a dozen", 12, 0.5],
    ["half a dozen", 6, 0.5],
    ["half a million", 5e5, 0.5],
    ["two dozen", 24, 0.5],
    ["zero", 0, 0.5],
    ["twice as many", 2, 0.5],
    ["it doubled", 2, 0.5],
    ["tenfold", 10, 0.5],
    ["two and a half days", 2.5, 0.05],
    ["10^5", 1e5, 0.5e5],
    ["10⁵", 1e5, 0.5e5],
    ["10⁻³", 1e-3, 0.5e-3],
    ["2½", 2.5, 0.005],
    ["1/4", 0.25, 0.005],
    ["half of them", 50, 2],
    ["three quarters", 75, 2],
    ["a quarter of them", 25, 2],
    ["5 ‰", 0.5, 0.05],
    ["293 K", 293, 0.5],
    ["5 m", 5, 0.5],
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

  test("a power that cannot be told is one that nothing vouches for", () => {
    expect(ungroundedNumbers("It is 2^3.", grounds({ left: 2, right: 3 }))).toEqual(["2^3"]);
  });

  test("a date has all its numbers", () => {
    const values = (text: string) => printedNumbers(text).map(({ value }) => value);
    expect(values("2026-11-24")).toEqual([2026, 11, 24]);
    expect(values("24/11/2026")).toEqual([24, 11, 2026]);
    expect(values("24 November 2026, 12:30")).toEqual([24, 2026, 12, 30]);
  });

  test("a range has two, and no minus", () => {
    expect(printedNumbers("10-20 days").map(({ value }) => value)).toEqual([10, 20]);
  });

  test.each([
    "one of them",
    "the two curves cross",
    "CO2 and H2O in km^2",
    "none at all",
    "1. it rises\n2. it falls",
    "the second half of a third curve has a half-life",
    "in kg m^-2 or m⁻²",
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
    ["It has 5k members.", { members: 5012 }],
    ["Half a dozen are left.", { left: 6 }],
    ["About half of them recovered.", { share: 0.49 }],
    ["Two thirds recovered.", { text: "66.7 % recovered" }],
    ["It doubled.", { ratio: 2.1 }],
    ["It falls to zero.", { value: 0.2 }],
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
    ["It has 5k members.", { members: 5 }, ["5k"]],
    ["Half a dozen are left.", { left: 12 }, ["Half a dozen"]],
    ["Half of them recovered.", { share: 0.4 }, ["Half"]],
    ["It is 10⁵.", { value: 10, other: 5 }, ["10^5"]],
    ["It is 1/3.", { top: 1, bottom: 3 }, ["1/3"]],
    ["A million of them.", { value: 1e5 }, ["million"]],
    ["It is twice as high.", { ratio: 3 }, ["twice"]],
    ["It is 30.", { question: "what is it at 30?", sql: "LIMIT 30", suggestions: ["30"] }, ["30"]],
  ])("%s", (answer, result, expected) => {
    expect(ungroundedNumbers(answer, grounds(result))).toEqual(expected);
  });

  test("because the call itself brought it in", () => {
    const call = grounds({ rows: [[72, 3.5]] }, "", { sql: "SELECT 72, max(x) FROM simulation" });
    expect(ungroundedNumbers("72 and 3.5", call)).toEqual(["72"]);
  });
});

test("a query that reads no table vouches for nothing", () => {
  const sum = { rows: [[72]] };
  expect(ungroundedNumbers("72", grounds(sum, "", { sql: "SELECT 70 + 2" }))).toEqual(["72"]);
  const query = { sql: "SELECT max(x) FROM simulation" };
  expect(ungroundedNumbers("72", grounds(sum, "", query))).toEqual([]);
});

test("a name hides no number that it is not", () => {
  const called = (names: readonly string[]) => ({ ...grounds({}), names });
  expect(ungroundedNumbers("It is 72.", called(["72", "7"]))).toEqual(["72"]);
  expect(ungroundedNumbers("x2 is 4x25.", called(["x2"]))).toEqual(["4"]);
  expect(ungroundedNumbers("day 1.5", called(["day 1"]))).toEqual(["1.5"]);
  expect(ungroundedNumbers("pool (2) is full.", called(["pool (2)"]))).toEqual([]);
});

test("a value is found in a sentence that rounds it", () => {
  expect(isPrintedIn(2189.7155, "a peak of 2,190 people")).toBe(true);
  expect(isPrintedIn(2189.7155, "a peak of 2,191 people")).toBe(false);
});
