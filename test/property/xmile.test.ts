import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { orderByDependency } from "../../src/engines/xmile/dependency.ts";
import { canonicalName } from "../../src/engines/xmile/identifier.ts";
import { parseExpression } from "../../src/engines/xmile/parse-expression.ts";
import { attempt } from "../../src/engines/xmile/problem.ts";
import { readModel } from "../../src/engines/xmile/read-model.ts";
import { simulate } from "../../src/engines/xmile/simulate.ts";
import {
  aux,
  courseOf,
  modelOf,
  tableOf,
  valueOfEquation,
  xmile,
} from "../support/xmile-models.ts";

const sir = readFileSync("models/sir.xmile", "utf8");
const supplyChain = readFileSync("models/supply-chain.xmile", "utf8");

const word = fc.constantFrom(
  "1",
  "2.5",
  "a",
  "TIME",
  "dt",
  '"b c"',
  "+",
  "-",
  "*",
  "/",
  "^",
  "(",
  ")",
  ",",
  "=",
  "<>",
  "<",
  "AND",
  "or",
  "NOT",
  "mod",
  "IF",
  "THEN",
  "ELSE",
  "MAX(",
  "SMTH1(",
  "DELAYN(",
  "PREVIOUS(",
  "{",
  "}",
  "[",
  '"',
  "?",
  "INIT(",
  "a(",
  "LOOKUP(",
  "PULSE(",
  "π",
  "\u0000",
  "__proto__",
  "constructor",
);
const gibberish = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));

test("reads any equation into an expression or a problem, never an exception", () => {
  fc.assert(
    fc.property(fc.oneof(gibberish, fc.string({ unit: "binary" })), (equation) => {
      const result = attempt(() => parseExpression(equation, {}));
      if (!result.ok) expect(result.error.message).not.toBe("");
    }),
    { numRuns: 2000 },
  );
});

test("reads and simulates any equation in a model without an exception", async () => {
  await fc.assert(
    fc.asyncProperty(gibberish, gibberish, async (first, second) => {
      const stock = '<stock name="b c"><eqn>1</eqn><inflow>f</inflow></stock>';
      const flow = `<flow name="f"><eqn><![CDATA[${second}]]></eqn></flow>`;
      const model = readModel(xmile(aux("a", first) + stock + flow));
      if (model.ok) await simulate(model.value, { method: "rk4" });
    }),
    { numRuns: 500 },
  );
});

test("reads any damaged model into a model or a problem, never an exception", () => {
  const position = fc.nat(sir.length);
  fc.assert(
    fc.property(position, position, fc.string({ maxLength: 5 }), (from, to, patch) => {
      readModel(sir.slice(0, from) + patch + sir.slice(to));
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readModel(text)));
});

/** An expression with every pair of parentheses written, and its value by the language itself. */
interface Sample {
  readonly text: string;
  readonly bare: string;
  readonly value: number;
}

const operand = fc.integer({ min: 1, max: 9 });

const OPERATORS: Readonly<Record<string, readonly [number, (a: number, b: number) => number]>> = {
  "+": [5, (a, b) => a + b],
  "-": [5, (a, b) => a - b],
  "*": [6, (a, b) => a * b],
  "<": [4, (a, b) => Number(a < b)],
  ">=": [4, (a, b) => Number(a >= b)],
  "<>": [3, (a, b) => Number(a !== b)],
  "=": [3, (a, b) => Number(a === b)],
  AND: [2, (a, b) => Number(a !== 0 && b !== 0)],
  OR: [1, (a, b) => Number(a !== 0 || b !== 0)],
};

/** Evaluates operands and operators by repeatedly folding the leftmost of the tightest binding. */
function fold(first: number, rest: readonly (readonly [string, number])[]): number {
  const values = [first, ...rest.map(([, value]) => value)];
  const operators = rest.map(([operator]) => operator);
  while (operators.length > 0) {
    const bindings = operators.map((operator) => OPERATORS[operator]?.[0] ?? 0);
    const index = bindings.indexOf(Math.max(...bindings));
    const apply = OPERATORS[operators[index] ?? ""]?.[1] ?? (() => Number.NaN);
    values.splice(index, 2, apply(values[index] ?? 0, values[index + 1] ?? 0));
    operators.splice(index, 1);
  }
  return values[0] ?? Number.NaN;
}

test("binds operators in the order of the standard, equal ones to the left", async () => {
  const tail = fc.array(fc.tuple(fc.constantFrom(...Object.keys(OPERATORS)), operand), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(operand, tail, async (first, rest) => {
      const equation = rest.reduce((text, [sign, value]) => `${text} ${sign} ${value}`, `${first}`);
      expect(await valueOfEquation(equation)).toBe(fold(first, rest));
    }),
  );
});

const sample: fc.Arbitrary<Sample> = fc.letrec<{ tree: Sample }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    operand.map((value) => ({ text: `${value}`, bare: `${value}`, value })),
    fc
      .tuple(tie("tree"), fc.constantFrom("+", "-", "*"), tie("tree"))
      .map(([left, sign, right]) => ({
        text: `(${left.text} ${sign} ${right.text})`,
        bare: "",
        value: OPERATORS[sign]?.[1](left.value, right.value) ?? Number.NaN,
      })),
  ),
})).tree;

test("evaluates parenthesised expressions as JavaScript does", async () => {
  await fc.assert(
    fc.asyncProperty(sample, async ({ text, value }) => {
      expect(await valueOfEquation(text)).toBeCloseTo(value, 6);
    }),
  );
});

test("finds the same variable under any spelling of its name", () => {
  const name = fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8}){0,3}$/);
  fc.assert(
    fc.property(name, fc.constantFrom("_", "  ", "\n", "\\n", "_ _"), (plain, space) => {
      const spelled = plain.toUpperCase().replaceAll(" ", space);
      expect(canonicalName(spelled)).toBe(canonicalName(plain));
      expect(canonicalName(`"${spelled}"`)).toBe(canonicalName(plain));
      expect(canonicalName(canonicalName(plain))).toBe(canonicalName(plain));
    }),
  );
});

test("orders what has no cycle, and otherwise shows a true one", () => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 20 });
  fc.assert(
    fc.property(edges, (pairs) => {
      const needs = new Map<string, readonly string[]>(
        Array.from({ length: 10 }, (_, from) => [
          String(from),
          pairs.filter(([name]) => name === from).map(([, needed]) => String(needed)),
        ]),
      );
      const result = orderByDependency(needs);
      if (result.ok) {
        for (const [name, needed] of needs) {
          const own = result.value.indexOf(name);
          for (const other of needed) expect(result.value.indexOf(other)).toBeLessThan(own);
        }
        return;
      }
      expect(result.error[0]).toBe(result.error.at(-1));
      for (const [index, name] of result.error.slice(0, -1).entries()) {
        expect(needs.get(name)).toContain(result.error[index + 1]);
      }
    }),
  );
});

test("keeps the population of an epidemic together, and everyone counted once", async () => {
  const parameters = fc.record({
    contact_rate: fc.double({ min: 0, max: 20, noNaN: true }),
    infectivity: fc.double({ min: 0, max: 0.2, noNaN: true }),
    infectious_period: fc.double({ min: 1, max: 30, noNaN: true }),
    initial_infected: fc.double({ min: 0, max: 10_000, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(
      parameters,
      fc.constantFrom("euler" as const, "rk4" as const),
      async (given, method) => {
        const table = await tableOf(sir, { parameters: given, method });
        const s = courseOf(table, "susceptible");
        const i = courseOf(table, "infectious");
        const r = courseOf(table, "recovered");
        for (const [row, susceptible] of s.entries()) {
          expect(susceptible + (i[row] ?? 0) + (r[row] ?? 0)).toBeCloseTo(10_000, 6);
          expect(susceptible).toBeLessThanOrEqual(s[row - 1] ?? Number.POSITIVE_INFINITY);
          expect(susceptible).toBeGreaterThanOrEqual(0);
        }
        expect(courseOf(table, "peak_infectious").at(-1)).toBe(Math.max(...i));
      },
    ),
    { numRuns: 30 },
  );
});

/** The root z of z = 1 − s₀ · exp(−R₀ · z), the final size of an epidemic (Kermack, McKendrick). */
function finalSize(r0: number, susceptibleShare: number): number {
  let low = 0;
  let high = 1;
  for (let round = 0; round < 200; round += 1) {
    const middle = (low + high) / 2;
    if (middle < 1 - susceptibleShare * Math.exp(-r0 * middle)) low = middle;
    else high = middle;
  }
  return high;
}

test("infects in the end the share that the final-size equation gives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 1.5, max: 4, noNaN: true }), async (r0) => {
      const given = { contact_rate: r0, infectivity: 0.125, infectious_period: 8 };
      const table = await tableOf(sir, { parameters: given, stopTime: 600 });
      expect(courseOf(table, "r0")[0]).toBeCloseTo(r0, 12);
      expect(courseOf(table, "attack_rate").at(-1)).toBeCloseTo(finalSize(r0, 0.999), 6);
    }),
    { numRuns: 10 },
  );
});

test("keeps the supply chain in balance until demand steps, and brings it to the new level", async () => {
  const table = await tableOf(supplyChain, { stopTime: 400 });
  const inventory = courseOf(table, "inventory");
  const before = table.time.findIndex((time) => time >= 10);
  for (const value of inventory.slice(0, before)) expect(value).toBeCloseTo(300, 9);
  expect(Math.min(...inventory)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...inventory)).toBeLessThan(250);
  expect(Math.max(...courseOf(table, "orders"))).toBeGreaterThan(130);
  expect(inventory.at(-1)).toBeCloseTo(360, 3);
  expect(courseOf(table, "orders").at(-1)).toBeCloseTo(120, 3);
});

test("never lets stocks of the supply chain fall below zero", async () => {
  const parameters = fc.record({
    demand_step: fc.double({ min: -100, max: 500, noNaN: true }),
    acquisition_lag: fc.double({ min: 1, max: 20, noNaN: true }),
    inventory_adjustment_time: fc.double({ min: 0.5, max: 20, noNaN: true }),
    supply_line_weight: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(parameters, async (given) => {
      const table = await tableOf(supplyChain, { parameters: given });
      for (const name of ["inventory", "supply_line", "backlog"]) {
        expect(Math.min(...courseOf(table, name))).toBeGreaterThanOrEqual(-1e-9);
      }
    }),
    { numRuns: 50 },
  );
});

test("plots first what its author wants seen", () => {
  expect(modelOf(sir).highlights).toEqual(["susceptible", "infectious", "recovered"]);
  expect(modelOf(supplyChain).highlights).toEqual(["inventory", "supply_line", "backlog"]);
});
