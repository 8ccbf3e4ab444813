import { expect, test } from "vitest";
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatNumber,
  progressBar,
  sparkline,
} from "../../src/ui/format.ts";

test.each([
  [0, "0.0s"],
  [1234, "1.2s"],
  [59_940, "59.9s"],
  [59_960, "1m 00s"],
  [125_000, "2m 05s"],
  [4_020_000, "1h 07m"],
  [273_600_000, "3d 04h"],
])("%i ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [512, "512 B"],
  [12_300_000, "12.3 MB"],
  [999_960, "1.0 MB"],
])("%i bytes is %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0"],
  [6021.4, "6 021.4"],
  [-1_234_567, "-1 234 567"],
  [0.25, "0.25"],
  [0.0001, "1.000e-4"],
])("%d is written %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("an age has one unit", () => {
  expect([900, 61_000, 7_200_000, 172_800_000].map(formatAge)).toEqual(["0s", "1m", "2h", "2d"]);
});

test("bars keep their width", () => {
  expect([-1, 0, 0.5, 1, 2].map((share) => progressBar(share, 4))).toEqual([
    "░░░░",
    "░░░░",
    "██░░",
    "████",
    "████",
  ]);
  expect(sparkline([0, 1, 8], 5)).toBe("···▁█");
});
