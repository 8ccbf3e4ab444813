import { expect, test } from "vitest";
import { niceTicks, rangeOf, withZero } from "../../src/engines/chart/ticks.ts";

test.each([
  [{ minimum: 0, maximum: 100 }, 5, ["0", "20", "40", "60", "80", "100"]],
  [{ minimum: 0, maximum: 1 }, 2, ["0", "0.5", "1.0"]],
  [{ minimum: -3, maximum: 7 }, 5, ["-2", "0", "2", "4", "6"]],
  [{ minimum: 0, maximum: 45_000 }, 4, ["0", "20k", "40k"]],
  [{ minimum: 0, maximum: 3e6 }, 3, ["0", "1M", "2M", "3M"]],
  [{ minimum: 0, maximum: 2.5e9 }, 5, ["0", "0.5G", "1.0G", "1.5G", "2.0G", "2.5G"]],
  [{ minimum: 0, maximum: 4e13 }, 2, ["0", "20T", "40T"]],
  [{ minimum: 0, maximum: 3e-7 }, 3, ["0", "1e-7", "2e-7", "3e-7"]],
  [{ minimum: 0, maximum: 2e20 }, 4, ["0", "5e19", "1.0e20", "1.5e20", "2.0e20"]],
  [{ minimum: 0.002, maximum: 0.008 }, 3, ["0.002", "0.004", "0.006", "0.008"]],
])("labels %j in at most %i steps", (range, wanted, labels) => {
  expect(niceTicks(range, wanted).labels).toEqual(labels);
});

test("widens a range so that the line does not touch the frame", () => {
  const { minimum, maximum } = niceTicks({ minimum: 3, maximum: 97 }, 5, true);
  expect([minimum, maximum]).toEqual([0, 100]);
});

test("takes rounding noise for a constant", () => {
  expect(rangeOf([5, 5 + 1e-12])).toEqual({
    minimum: expect.closeTo(4.5),
    maximum: expect.closeTo(5.5),
  });
  expect(rangeOf([0, 0])).toEqual({ minimum: -1, maximum: 1 });
  expect(rangeOf([])).toBeUndefined();
});

test("starts at zero only when zero is near", () => {
  expect(withZero({ minimum: 10, maximum: 100 }).minimum).toBe(0);
  expect(withZero({ minimum: 90, maximum: 100 }).minimum).toBe(90);
  expect(withZero({ minimum: -100, maximum: -10 }).maximum).toBe(0);
  expect(withZero({ minimum: -5, maximum: 5 })).toEqual({ minimum: -5, maximum: 5 });
});
