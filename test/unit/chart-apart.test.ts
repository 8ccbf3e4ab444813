import { expect, test } from "vitest";
import type { ChartSpec } from "../../src/engines/chart/chart-spec.ts";
import type { ApartLimits } from "../../src/engines/chart/draw-apart.ts";
import { drawApart } from "../../src/engines/chart/draw-apart.ts";

const box = { columns: 60, rows: 12 };
const rows = Array.from({ length: 2000 }, (_, time) => ({ time, value: time % 100 }));
const USUAL: ApartLimits = { timeLimitMs: 60_000, memoryMb: 512 };

function draw(spec: ChartSpec, limits = USUAL, signal = new AbortController().signal) {
  return drawApart({ spec, rows, box }, signal, limits);
}

const bars: ChartSpec = {
  data: { name: "table" },
  mark: "bar",
  encoding: {
    x: { field: "time", type: "quantitative", bin: true },
    y: { field: "value", type: "quantitative", aggregate: "max" },
  },
};

/** Each fold multiplies the rows by its columns: 2000 rows become 2000 times 20 to the fifth. */
const explosive: ChartSpec = {
  data: { name: "table" },
  transform: Array.from({ length: 5 }, (_, level) => ({
    fold: Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? "time" : "value")),
    as: [`key${level}`, `value${level}`],
  })),
  mark: "point",
  encoding: { x: { field: "value4", type: "quantitative" } },
};

test("draws a spec as SVG, PNG and lines of text", async () => {
  const drawn = await draw(bars);
  if (!drawn.ok) throw new Error(drawn.error.message);
  expect(drawn.value.svg).toMatch(/^<svg/);
  expect([...drawn.value.png.subarray(1, 4)]).toEqual([80, 78, 71]);
  expect(drawn.value.lines).toHaveLength(12);
});

test("stops a spec that makes too much of its rows, while the caller goes on", async () => {
  let beats = 0;
  const heart = setInterval(() => {
    beats += 1;
  }, 5);
  const drawn = await draw(explosive, { timeLimitMs: 3000, memoryMb: 96 });
  clearInterval(heart);
  expect(drawn).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", message: expect.stringMatching(/takes (too much|longer)/) },
  });
  expect(beats).toBeGreaterThan(5);
});

test("stops at its time limit, and at once when it is cancelled", async () => {
  expect(await draw(explosive, { timeLimitMs: 1, memoryMb: 512 })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("longer than 0.001 s") },
  });
  await expect(draw(bars, USUAL, AbortSignal.abort())).rejects.toThrow();
  const stop = new AbortController();
  const drawing = draw(explosive, USUAL, stop.signal);
  stop.abort(new Error("no longer wanted"));
  await expect(drawing).rejects.toThrow("no longer wanted");
});
