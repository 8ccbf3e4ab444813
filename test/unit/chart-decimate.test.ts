import { expect, test } from "vitest";
import type { Point } from "../../src/engines/chart/decimate.ts";
import { decimate, evenIndices } from "../../src/engines/chart/decimate.ts";

const spiky = Array.from({ length: 10_000 }, (_, index): Point => {
  if (index === 4321) return [index, 50];
  if (index === 4322) return [index, -50];
  return [index, Math.sin(index / 500)];
});

test("keeps the first, the last, the lowest and the highest point", () => {
  const kept = decimate(spiky, 50);
  expect(kept.length).toBeLessThanOrEqual(50);
  expect(kept[0]).toEqual(spiky[0]);
  expect(kept.at(-1)).toEqual(spiky.at(-1));
  expect(kept).toContainEqual([4321, 50]);
  expect(kept).toContainEqual([4322, -50]);
});

test("leaves a short series alone", () => {
  expect(decimate(spiky.slice(0, 10), 10)).toEqual(spiky.slice(0, 10));
});

test("chooses the point that spans the largest triangle", () => {
  const points: Point[] = [
    [0, 0],
    [1, 0],
    [2, 9],
    [3, 0],
    [4, 0],
  ];
  expect(decimate(points, 3)).toEqual([
    [0, 0],
    [2, 9],
    [4, 0],
  ]);
});

test("takes rows evenly, with the first and the last", () => {
  expect(evenIndices(10, 4)).toEqual([0, 3, 6, 9]);
  expect(evenIndices(3, 4)).toEqual([0, 1, 2]);
  expect(evenIndices(1001, 100).at(-1)).toBe(1000);
});
