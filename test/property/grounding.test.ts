import fc from "fast-check";
import { expect, test } from "vitest";
import { formatNumber } from "../../src/engines/analyst/format-number.ts";
import { ungroundedNumbers } from "../../src/engines/grounding/ground.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 });
const grounds = (value: number) => ({
  question: "",
  calls: [{ arguments: {}, result: { value } }],
  names: [],
});

test("a number is grounded by itself, however it is rounded for print", () => {
  fc.assert(
    fc.property(finite, fc.integer({ min: 0, max: 8 }), (value, decimals) => {
      const texts = [formatNumber(value), String(value), value.toFixed(decimals)];
      for (const text of [...texts, value.toExponential(decimals)]) {
        expect(ungroundedNumbers(`It is ${text} people.`, grounds(value)), text).toEqual([]);
      }
    }),
    // Digits that are left out must not be printed as zeros.
    { examples: [[1000000000001.5001, 0]] },
  );
});

test("a number is not grounded by one that differs in a printed digit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e6 }), (one, step) => {
      expect(ungroundedNumbers(`It is ${one}.`, grounds(one + step))).toEqual([String(one)]);
    }),
  );
});

test("no text makes it fail", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.json(), (text, result) => {
      ungroundedNumbers(text, { question: text, calls: [{ arguments: text, result }], names: [] });
    }),
  );
});
