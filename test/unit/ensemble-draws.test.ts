import fc from "fast-check";
import { expect, test } from "vitest";
import { drawSets } from "../../src/engines/ensemble/draw-sets.ts";
import { readDistributions } from "../../src/engines/ensemble/read-distributions.ts";
import {
  correlationOf,
  meanOf,
  quantileOf,
  ranksOf,
} from "../../src/engines/ensemble/statistics.ts";

function distributions(text: string) {
  const read = readDistributions(text);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

function drawn(text: string, order: Parameters<typeof drawSets>[0]) {
  const sets = drawSets(order, distributions(text));
  if (!sets.ok) throw new Error(sets.error);
  return sets.value;
}

const column = ({ names, values }: ReturnType<typeof drawn>, index: number) =>
  Array.from(values).filter((_, place) => place % names.length === index);

test.for<[string, string]>([
  ["", "Nothing varies."],
  ["a", "`a` is not NAME=DISTRIBUTION(…)."],
  ["a=5", "`a`: `5` is no distribution; they are uniform"],
  ["a=uniform(1)", "`a`: `uniform(1)` is not uniform(minimum, maximum[, points])."],
  ["a=uniform(2, 1)", "`a`: uniform needs a minimum below its maximum."],
  ["a=normal(1, 0)", "`a`: normal needs a deviation above 0."],
  ["a=lognormal(-1, 1)", "`a`: lognormal needs a mean and a deviation above 0."],
  ["a=triangular(1, 5, 3)", "`a`: triangular needs a minimum, a mode and a maximum in this order."],
  ["a=choice(1:0, 2:0)", "`a`: choice needs a weight above 0."],
  ["a=values()", "`a`: `values()` is not values(1, 2, 3)."],
  ["a=values(1); a=values(2)", "`a` is given twice."],
  ["a=uniform(x, y)", "`a`: `uniform(x, y)` is not uniform("],
])("%s is refused with the place and the remedy", ([text, message]) => {
  const read = readDistributions(text);
  expect(read.ok ? "" : read.error).toContain(message);
});

test("a Latin hypercube has one value in each of as many strata as runs, of every parameter", () => {
  const property = fc.property(
    fc.integer({ min: 2, max: 200 }),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    (runs, seed) => {
      const sets = drawn("a=uniform(0, 1); b=uniform(0, 1)", {
        ...{ runs, seed, sampling: "latin-hypercube" as const },
      });
      for (const index of [0, 1]) {
        const strata = column(sets, index).map((value) => Math.floor(value * runs));
        expect(strata.toSorted((a, b) => a - b)).toEqual(Array.from({ length: runs }, (_, i) => i));
      }
    },
  );
  fc.assert(property, { numRuns: 50 });
});

test("a grid has every combination once, whatever the seed", () => {
  const sets = drawn("a=values(1, 2); b=uniform(0, 1, 3)", { seed: 7, sampling: "grid" });
  expect(sets.runs).toBe(6);
  expect(Array.from(sets.values)).toEqual([1, 0, 1, 0.5, 1, 1, 2, 0, 2, 0.5, 2, 1]);
});

test("a grid of endless values, or of too many, is refused", () => {
  const order = { seed: 1, sampling: "grid" } as const;
  expect(drawSets(order, distributions("a=normal(0, 1)"))).toMatchObject({
    error: expect.stringContaining("write values(1, 2, 3), or uniform(minimum, maximum, points)"),
  });
  expect(drawSets({ ...order, runs: 3 }, distributions("a=values(1, 2); b=values(1, 2)"))).toEqual({
    ok: false,
    error: "The grid has 4 combinations; 3 runs are the most.",
  });
});

test("the same seed draws the same, another seed others", () => {
  const order = { runs: 50, seed: 3, sampling: "monte-carlo" as const };
  const text = "a=normal(0, 1); b=choice(1:1, 2:3)";
  expect(drawn(text, order)).toEqual(drawn(text, order));
  expect(drawn(text, { ...order, seed: 4 }).values).not.toEqual(drawn(text, order).values);
});

test("drawn values have the mean, deviation and bounds of their distributions", () => {
  const runs = 20_000;
  const sets = drawn(
    "u=uniform(2, 4); n=normal(5, 2); l=lognormal(3, 1); t=triangular(0, 1, 5); c=choice(1:1, 2:3)",
    { runs, seed: 11, sampling: "latin-hypercube" },
  );
  const of = (index: number) => {
    const values = Float64Array.from(column(sets, index));
    const mean = meanOf(values);
    const variance = meanOf(values.map((value) => (value - mean) ** 2));
    return { mean, deviation: Math.sqrt(variance), values };
  };
  expect(of(0).mean).toBeCloseTo(3, 3);
  expect(of(0).deviation).toBeCloseTo(2 / Math.sqrt(12), 3);
  expect(of(1).mean).toBeCloseTo(5, 2);
  expect(of(1).deviation).toBeCloseTo(2, 2);
  expect(of(2).mean).toBeCloseTo(3, 2);
  expect(of(2).deviation).toBeCloseTo(1, 2);
  expect(of(3).mean).toBeCloseTo(2, 2);
  expect(Math.min(...of(3).values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...of(3).values)).toBeLessThanOrEqual(5);
  expect(of(4).mean).toBeCloseTo(1.75, 3);
});

const finite = fc.double({ noNaN: true, min: -1e6, max: 1e6 });

test("a quantile has at least its share of the values on either side", () => {
  const property = fc.property(
    fc.array(finite, { minLength: 1, maxLength: 60 }),
    fc.double({ noNaN: true, min: 0, max: 1 }),
    (values, share) => {
      const sorted = Float64Array.from(values).sort();
      const quantile = quantileOf(sorted, share);
      const below = sorted.filter((value) => value <= quantile).length;
      const above = sorted.filter((value) => value >= quantile).length;
      expect(below).toBeGreaterThanOrEqual(Math.floor(share * (sorted.length - 1)));
      expect(above).toBeGreaterThanOrEqual(Math.floor((1 - share) * (sorted.length - 1)));
    },
  );
  fc.assert(property);
});

test("ranks share equal places, and what rises with another has a rank correlation of 1", () => {
  expect(Array.from(ranksOf(Float64Array.of(3, 1, 3, 2)))).toEqual([3.5, 1, 3.5, 2]);
  const left = Float64Array.of(1, 2, 5, 9);
  const rising = left.map((value) => value ** 3);
  expect(correlationOf(ranksOf(left), ranksOf(rising))).toBeCloseTo(1, 12);
  expect(correlationOf(ranksOf(left), ranksOf(rising.map((value) => -value)))).toBeCloseTo(-1, 12);
  expect(correlationOf(left, Float64Array.of(1, 1, 1, 1))).toBeNaN();
});
