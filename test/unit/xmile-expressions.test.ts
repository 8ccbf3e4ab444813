import { expect, test } from "vitest";
import { aux, refusalOf, valueOfEquation, xmile } from "../support/xmile-models.ts";

test.each([
  ["1 + 2 * 3", 7],
  ["(1 + 2) * 3", 9],
  ["-2^2", -4],
  ["2^-1", 0.5],
  ["2^3^2", 512],
  ["-3 - -2", -1],
  ["7 - 2 - 1", 4],
  ["100 / 10 / 2", 5],
  ["7 MOD 3 + 1", 2],
  ["-0.5 mod 3", -0.5],
  ["MOD(7, 4)", 3],
  [".5 + 1.e1 + 2E-1", 10.7],
  ["1 < 2 = 1", 1],
  ["1 <> 2 AND NOT 0", 1],
  ["0 OR 0 AND 1", 0],
  ["1 OR 0 AND 0", 1],
  ["NOT 1 = 0", 1],
  ["3 >= 3 AND 3 <= 3 AND 3 > 2", 1],
  ["IF 1 > 2 THEN 10 ELSE IF 2 > 1 THEN 20 ELSE 30", 20],
  ["5 * (IF 0 THEN 1 ELSE 2) + 1", 11],
  ["IF THEN ELSE(1 > 0, 7, 8)", 7],
  ["If_Then_Else(1 > 2, 7, 8)", 8],
  ["7 // 2 + 1 // 0", 3.5],
  ["MEAN(1, 2, 6) + SUM(1, 2)", 6],
  ["1 { a comment } + {another} 1", 2],
  ["+.72", 0.72],
  ["PI", Math.PI],
])("evaluates %s", async (equation, expected) => {
  expect(await valueOfEquation(equation)).toBeCloseTo(expected, 12);
});

test.each([
  ["ABS(-3)", 3],
  ["ARCCOS(1) + ARCSIN(0) + ARCTAN(0)", 0],
  ["COS(0) + SIN(0) + TAN(0)", 1],
  ["EXP(1)", Math.E],
  ["INT(3.9)", 3],
  ["INT(-1.9)", -1],
  ["LN(EXP(2)) + LOG10(1000)", 5],
  ["MAX(1, 3, 2) - MIN(4, 2)", 1],
  ["SQRT(16)", 4],
  ["SAFEDIV(1, 0) + SAFEDIV(1, 0, 5) + SAFEDIV(6, 3)", 7],
  ["ROUND(2.5) + ROUND(-2.5) + ROUND(0.49)", 0],
  ["SIGN(-4) + TANH(0) + SINH(0) + COSH(0)", 0],
  ["MIN(INF, 3)", 3],
])("computes the built-in %s", async (equation, expected) => {
  expect(await valueOfEquation(equation)).toBeCloseTo(expected, 12);
});

test("takes spellings of a name that differ in case, spaces, underscores and quotes as one", async () => {
  const other = aux("Birth  Rate\\nper year", "3");
  expect(await valueOfEquation('birth_rate_per_year + "BIRTH Rate per_Year"', other)).toBe(6);
});

test("accepts quoted names with operators inside", async () => {
  expect(await valueOfEquation('"a*b (c)" * 2', aux("A*b (c)", "4"))).toBe(8);
});

test.each([
  ["1 +", "ends"],
  ["(1 + 2", "`)`"],
  ["1 2", "operator"],
  ["* 3", "`*`"],
  ["IF 1 THEN 2", "`ELSE`"],
  ["a b + 1", "`a` and `b`"],
  ["???", "unfinished"],
  ["1 # 2", "`#`"],
  ['"open', "not closed"],
  ["{open", "not closed"],
  ["SIN()", "1 argument"],
  ["SAFEDIV(1)", "2 to 3 arguments"],
  ["IF THEN ELSE(1, 2)", "three arguments"],
  ["9e999", "too large"],
  ["missing + 1", "`missing` is not defined"],
  ["unheard(1)", "`unheard` is not defined"],
  ["SQRTT(4)", "sqrt"],
  ["SIN + 1", "without arguments"],
  ["x[1]", "The array `x` is not defined"],
  ["SUM()", "not defined"],
  ["module.x", "modules"],
  ["LOOKUP(result, 1)", "graphical function"],
  ["SMTHN(1, 2, 2.5)", "whole number"],
])("refuses the equation %s and says why", (equation, reason) => {
  const problem = refusalOf(xmile(aux("result", equation)));
  expect(problem.message).toContain(reason);
  expect(problem.message).toMatch(/variable result, line \d/);
  expect(problem.variable).toBe("result");
  expect(problem.nextStep).not.toBe("");
});

test.each([
  ["parentheses", `${"(".repeat(400)}1${")".repeat(400)}`, "nested too deeply"],
  ["signs", `${"-".repeat(400)}1`, "nested too deeply"],
  ["powers", `1${"^1".repeat(400)}`, "nested too deeply"],
  ["terms", `1${" + 1".repeat(2000)}`, "more than 2000"],
])("refuses an equation of too many %s", (_, equation, reason) => {
  expect(refusalOf(xmile(aux("result", equation)))).toMatchObject({ code: "too-large" });
  expect(refusalOf(xmile(aux("result", equation))).message).toContain(reason);
});

test("evaluates a long sum", async () => {
  expect(await valueOfEquation(`1${" + 1".repeat(900)}`)).toBe(901);
});

test("suggests names close to an undefined one", () => {
  const problem = refusalOf(xmile(aux("result", "birth_rat") + aux("Birth rate", "1")));
  expect(problem.message).toContain("Did you mean birth_rate?");
});

test("counts lines within an equation's file", () => {
  const problem = refusalOf(xmile(`${aux("fine", "1")}\n${aux("broken", "1 +")}`));
  expect(problem.line).toBe(3);
});
