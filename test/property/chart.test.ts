import fc from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { columnsOf, cutToColumns, fitColumns } from "../../src/engines/chart/cell-text.ts";
import type { Point } from "../../src/engines/chart/decimate.ts";
import { decimate } from "../../src/engines/chart/decimate.ts";
import { drawTerminalChart } from "../../src/engines/chart/terminal-chart.ts";
import { niceTicks, rangeOf } from "../../src/engines/chart/ticks.ts";

const label = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);
const number = fc.oneof(
  fc.double({ noNaN: true }),
  fc.double({ noNaN: true, min: -1000, max: 1000 }),
  fc.constantFrom(0, 1, -1, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, Number.NaN),
);
const series = fc.record(
  {
    name: label,
    unit: fc.oneof(label, fc.constantFrom("people", "1/day")),
    points: fc.array(fc.tuple(number, number), { maxLength: 60 }),
  },
  { requiredKeys: ["name", "points"] },
);
const chart = fc.record(
  {
    series: fc.array(series, { maxLength: 12 }),
    title: label,
    xLabel: label,
    width: fc.integer({ min: 20, max: 120 }),
    height: fc.integer({ min: 6, max: 40 }),
  },
  { requiredKeys: ["series", "width", "height"] },
);

test("every chart fills its box exactly", () => {
  fc.assert(
    fc.property(chart, (one) => {
      const lines = drawTerminalChart(one);
      expect(lines).toHaveLength(one.height);
      for (const line of lines) {
        const text = line.map((span) => span.text).join("");
        expect(stringWidth(text), JSON.stringify(text)).toBe(one.width);
      }
    }),
    { numRuns: 400 },
  );
});

test("text is measured as the screens measure it", () => {
  fc.assert(
    fc.property(label, fc.nat(30), (text, columns) => {
      const cut = cutToColumns(text, columns);
      expect(stringWidth(cut), JSON.stringify(cut)).toBe(columnsOf(cut));
      expect(columnsOf(cut)).toBeLessThanOrEqual(columns);
      expect(stringWidth(fitColumns(text, columns))).toBe(columns);
    }),
    { numRuns: 2000 },
  );
});

test("every single code point is measured as the screens measure it", () => {
  const wrong: string[] = [];
  for (let code = 0x20; code < 0x20000; code += code < 0x3400 || code >= 0x1f000 ? 1 : 61) {
    const shown = cutToColumns(String.fromCodePoint(code), 5);
    if (columnsOf(shown) !== stringWidth(shown)) wrong.push(code.toString(16));
  }
  expect(wrong).toEqual([]);
});

test("decimated points are few, in order and taken from the series", () => {
  const points = fc.array(fc.tuple(fc.integer(), fc.double({ noNaN: true })), { maxLength: 200 });
  fc.assert(
    fc.property(points, fc.integer({ min: 2, max: 100 }), (all, limit) => {
      const kept = decimate(all, limit);
      expect(kept.length).toBeLessThanOrEqual(limit);
      const known: readonly Point[] = all;
      const places = kept.map((point) => known.indexOf(point));
      expect(places.every((place) => place >= 0)).toBe(true);
      expect(places).toEqual([...places].sort((left, right) => left - right));
      expect(kept[0]).toBe(all[0]);
      expect(kept.at(-1)).toBe(all.at(-1));
    }),
  );
});

test("ticks lie in their range, are few and have different labels", () => {
  const wanted = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(number, number, wanted, fc.boolean(), (left, right, count, widen) => {
      const range = rangeOf([left, right].filter((value) => !Number.isNaN(value)));
      if (range === undefined) return;
      const ticks = niceTicks(range, count, widen);
      const slack = (ticks.maximum - ticks.minimum) * 1e-6;
      for (const value of ticks.values) {
        expect(value).toBeGreaterThanOrEqual(ticks.minimum - slack);
        expect(value).toBeLessThanOrEqual(ticks.maximum + slack);
      }
      expect(ticks.values.length).toBeLessThanOrEqual(count + 2);
      expect(new Set(ticks.labels).size).toBe(ticks.labels.length);
    }),
    { numRuns: 2000 },
  );
});
