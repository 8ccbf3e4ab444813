import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChartFacts, ChartSubject } from "../../src/engines/chart/choose-chart.ts";
import { chooseChart, turnsOf } from "../../src/engines/chart/choose-chart.ts";
import { binsFor } from "../../src/engines/chart/read-cells.ts";
import { CHART_KINDS } from "../../src/protocol/agent-data.ts";

const calm: ChartSubject = { unit: "people", minimum: 0, maximum: 100, turns: 1 };
const plain: ChartFacts = {
  wish: undefined,
  order: "course",
  subjects: [calm],
  named: false,
  hasBands: false,
  hasSensitivity: false,
  isCompared: false,
};
const tiny = { ...calm, maximum: 2 };
const cyclic = { ...calm, turns: 8 };
const units = ["a", "b", "c", "d"].map((unit) => ({ ...calm, unit }));

test.each<[string, Partial<ChartFacts>, string]>([
  ["one course", {}, "line"],
  ["courses of one size", { subjects: [calm, { ...calm, maximum: 40 }] }, "line"],
  ["courses of two units", { subjects: [calm, { ...tiny, unit: "1/day" }] }, "line"],
  ["courses of one unit and very different size", { subjects: [calm, tiny] }, "small-multiples"],
  ["courses of many units", { subjects: units }, "small-multiples"],
  ["a course that is zero beside another", { subjects: [calm, { ...calm, maximum: 0 }] }, "line"],
  ["two cycles that were named", { subjects: [cyclic, cyclic], named: true }, "phase"],
  ["two cycles that nobody named", { subjects: [cyclic, cyclic] }, "line"],
  ["two courses that do not go round", { subjects: [calm, cyclic], named: true }, "line"],
  ["quantiles", { hasBands: true, hasSensitivity: true }, "band"],
  ["correlations", { hasSensitivity: true }, "tornado"],
  ["correlations beside named variables", { hasSensitivity: true, named: true }, "line"],
  ["rows of many runs, one variable", { order: "many" }, "histogram"],
  ["rows of many runs, two variables", { order: "many", subjects: [calm, calm] }, "scatter"],
  ["rows of one moment, three variables", { order: "moment", subjects: units }, "histogram"],
  ["two runs", { isCompared: true, hasBands: true }, "line"],
  ["two runs of cycles", { isCompared: true, named: true, subjects: [cyclic, cyclic] }, "line"],
])("chooses for %s", (_, facts, kind) => {
  expect(chooseChart({ ...plain, ...facts })).toMatchObject({ ok: true, value: { kind } });
});

test.each<[string, Partial<ChartFacts>, string]>([
  ["a band without quantiles", { wish: "band" }, "ensemble"],
  ["a tornado without correlations", { wish: "tornado" }, "ensemble"],
  ["a phase plot of one variable", { wish: "phase" }, "Name two"],
  ["a scatter chart of three", { wish: "scatter", subjects: [calm, calm, calm] }, "Name two"],
  ["histograms of too many", { wish: "histogram", subjects: [...units, calm] }, "Name the"],
  ["a histogram of two runs", { wish: "histogram", isCompared: true }, "Leave `compareWith`"],
])("refuses %s and says what to do", (_, facts, nextStep) => {
  expect(chooseChart({ ...plain, ...facts })).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", nextStep: expect.stringContaining(nextStep) },
  });
});

const subject = fc.record({
  unit: fc.constantFrom("", "a", "b", "c", "d"),
  minimum: fc.double({ noNaN: true }),
  maximum: fc.double({ noNaN: true }),
  turns: fc.nat(20),
});
const anyFacts = fc.record({
  wish: fc.option(fc.constantFrom(...CHART_KINDS), { nil: undefined }),
  order: fc.constantFrom("course" as const, "many" as const, "moment" as const),
  subjects: fc.array(subject, { maxLength: 12 }),
  named: fc.boolean(),
  hasBands: fc.boolean(),
  hasSensitivity: fc.boolean(),
  isCompared: fc.boolean(),
});

/** What a kind needs so that it can be drawn. */
const NEEDS: Readonly<Record<string, (facts: ChartFacts) => boolean>> = {
  band: ({ hasBands }) => hasBands,
  tornado: ({ hasSensitivity }) => hasSensitivity,
  phase: ({ subjects }) => subjects.length === 2,
  scatter: ({ subjects }) => subjects.length === 2,
};
const OVER_TIME = ["line", "small-multiples"];

test("a wish is granted or refused, and a choice can always be drawn", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const chosen = chooseChart(facts);
      expect(chosen.ok || facts.wish !== undefined).toBe(true);
      const kind = chosen.ok ? chosen.value.kind : "line";
      expect(NEEDS[kind]?.(facts) ?? true).toBe(true);
      expect(!facts.isCompared || OVER_TIME.includes(kind)).toBe(true);
      if (chosen.ok) expect(kind).toBe(facts.wish ?? kind);
    }),
  );
});

test("counts turns, not wiggles", () => {
  const wave = Array.from({ length: 1000 }, (_, at) => Math.sin((at / 1000) * 6 * Math.PI));
  expect(turnsOf(wave)).toBe(6);
  expect(turnsOf(wave.map((value, at) => value + (at % 2) / 200))).toBe(6);
  expect(turnsOf([1, 2, 3, 10])).toBe(0);
  expect(turnsOf([])).toBe(0);
  expect(turnsOf([5, 5, Number.NaN, 5])).toBe(0);
});

test("bins have round edges and hold every value", () => {
  const pair = fc.tuple(
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
  );
  fc.assert(
    // Edges are as exact as numbers of that size can be.
    fc.property(pair, fc.integer({ min: 1, max: 1e6 }), ([least, span], count) => {
      const { from, width } = binsFor(least, least + span, count);
      expect(width).toBeGreaterThan(0);
      expect(from - least).toBeLessThanOrEqual(width * 1e-9);
      expect((least + span - from) / width).toBeLessThanOrEqual(66);
    }),
  );
});
