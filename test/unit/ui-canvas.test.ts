import fc from "fast-check";
import { expect, test } from "vitest";
import type { Layer } from "../../src/ui/canvas.ts";
import { canvasFor } from "../../src/ui/canvas.ts";
import { cutLine, lineWidth, span } from "../../src/ui/spans.ts";
import { themeOf } from "../../src/ui/theme.ts";

const theme = themeOf("none");
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(columns = 12, rows = 3) {
  const frames: (readonly string[])[] = [];
  const problems: unknown[] = [];
  const canvas = canvasFor({
    size: () => ({ columns, rows }),
    draw: (frame) => void frames.push(frame),
    onProblem: (thrown) => void problems.push(thrown),
  });
  return { canvas, frames, problems };
}

const layer = (
  [x, y, width, height]: readonly [number, number, number, number],
  texts: readonly string[],
  level: Layer["level"] = "lower",
): Layer => ({
  rect: { x, y, width, height },
  lines: texts.map((text) => [span(text)]),
  level,
  theme,
});

test("joins what stands in a row, and changes of one turn make one frame", async () => {
  const { canvas, frames } = setUp();
  canvas.put({}, layer([6, 0, 6, 2], ["right", "2"]));
  canvas.put({}, layer([0, 0, 6, 3], ["left", "1", "last"]));
  await turn();

  expect(frames).toEqual([["left  right ", "1     2     ", "last        "]]);
});

test("a window lies over what is below it, and gives it back", async () => {
  const { canvas, frames } = setUp();
  const window = {};
  canvas.put({}, layer([0, 0, 6, 3], ["abcdef", "ghijkl", "mnopqr"]));
  canvas.put({}, layer([6, 0, 6, 3], ["ABCDEF", "GHIJKL", "MNOPQR"]));
  canvas.put(window, layer([4, 1, 4, 1], ["####"], "upper"));
  await turn();
  canvas.remove(window);
  await turn();

  expect(frames[0]).toEqual(["abcdefABCDEF", "ghij####IJKL", "mnopqrMNOPQR"]);
  expect(frames[1]).toEqual(["abcdefABCDEF", "ghijklGHIJKL", "mnopqrMNOPQR"]);
});

test("half of a wide character at the edge of a window is a space", async () => {
  const { canvas, frames } = setUp(8, 1);
  canvas.put({}, layer([0, 0, 8, 1], ["日本日本"]));
  canvas.put({}, layer([3, 0, 2, 1], ["##"], "upper"));
  await turn();

  expect(frames[0]).toEqual(["日 ## 本"]);
});

test("a part of a line is exactly as wide as it is asked for", () => {
  const part = fc.record({ text: fc.string({ unit: "grapheme" }), bold: fc.boolean() });
  fc.assert(
    fc.property(fc.array(part), fc.nat(20), fc.nat(20), (line, from, length) => {
      const whole = lineWidth(line);
      const cut = lineWidth(cutLine(line, from, from + length));
      expect(cut).toBe(Math.max(0, Math.min(whole, from + length) - from));
    }),
  );
});

test("what cannot be painted is told and does not stop what comes after", async () => {
  const { canvas, frames, problems } = setUp(4, 1);
  const owner = {};
  const paint = (): string => {
    throw new Error("no paint");
  };
  canvas.put(owner, { ...layer([0, 0, 4, 1], ["text"]), theme: { paint } });
  await turn();
  canvas.put(owner, layer([0, 0, 4, 1], ["text"]));
  await turn();

  expect(problems).toEqual([new Error("no paint")]);
  expect(frames).toEqual([["text"]]);
});
