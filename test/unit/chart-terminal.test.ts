import { expect, test } from "vitest";
import type { ChartLine } from "../../src/engines/chart/braille-grid.ts";
import { drawTerminalChart } from "../../src/engines/chart/terminal-chart.ts";
import type { ChartSeries } from "../../src/protocol/agent-data.ts";

function textOf(lines: readonly ChartLine[]): string[] {
  return lines.map((line) => line.map((span) => span.text).join(""));
}

function series(name: string, course: (time: number) => number, unit?: string): ChartSeries {
  const points = Array.from({ length: 101 }, (_, time): [number, number] => [time, course(time)]);
  return { name, points, ...(unit === undefined ? {} : { unit }) };
}

const rising = series("Stock", (time) => time * 10, "people");
const falling = series("Rest", (time) => 1000 - time * 10, "people");

test("draws two lines with axes, title, unit and legend", () => {
  const lines = drawTerminalChart({
    series: [rising, falling],
    title: "Filling up",
    xLabel: "Day",
    width: 40,
    height: 10,
  });
  expect(textOf(lines)).toMatchInlineSnapshot(`
    [
      "Filling up (people)                     ",
      "1000┤⠉⠒⠢⠤⣀⡀                       ⢀⣀⠤⠔⠒⠉",
      "    │     ⠈⠉⠒⠢⠤⣀⡀           ⢀⣀⠤⠔⠒⠉⠁     ",
      "    │           ⠈⠉⠒⠢⠤⣀⣀⣀⠤⠔⠒⠉⠁           ",
      " 500┤           ⢀⣀⠤⠔⠒⠉⠉⠉⠒⠢⠤⣀⡀           ",
      "    │     ⢀⣀⠤⠔⠒⠉⠁           ⠈⠉⠒⠢⠤⣀⡀     ",
      "   0┤⣀⠤⠔⠒⠉⠁                       ⠈⠉⠒⠢⠤⣀",
      "    └┬────────────────┬────────────────┬",
      "     0                50             Day",
      "━━ Stock  ━━ Rest                       ",
    ]
  `);
});

test("draws in the smallest box", () => {
  const lines = drawTerminalChart({
    series: [rising],
    title: "Filling up",
    xLabel: "Day",
    width: 20,
    height: 6,
  });
  expect(textOf(lines)).toMatchInlineSnapshot(`
    [
      "Filling up (people) ",
      "1000┤          ⣀⡠⠴⠒⠋",
      "    │    ⢀⣀⡤⠴⠚⠉⠁    ",
      "   0┤⣠⠤⠖⠊⠉          ",
      "     0           Day",
      "━━ Stock            ",
    ]
  `);
});

test("says in one line that the box is too small", () => {
  const box = { series: [rising], width: 19, height: 20 };
  expect(textOf(drawTerminalChart(box))).toEqual(["A chart needs 20×6."]);
  expect(textOf(drawTerminalChart({ ...box, width: 40, height: 5 }))).toHaveLength(1);
  expect(drawTerminalChart({ ...box, width: 40, height: 0 })).toEqual([]);
});

test("says so when there is nothing to draw", () => {
  const lines = textOf(drawTerminalChart({ series: [], title: "Empty", width: 30, height: 6 }));
  expect(lines).toHaveLength(6);
  expect(lines.join("\n")).toContain("No data to draw.");
});

test("keeps a constant series in the middle of the plot", () => {
  const constant = series("c", () => 42);
  const lines = textOf(drawTerminalChart({ series: [constant], width: 30, height: 8 }));
  expect(lines).toMatchInlineSnapshot(`
    [
      "                              ",
      "  │                           ",
      "  │                           ",
      "40┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉",
      "  │                           ",
      "  └┬────────────┬────────────┬",
      "   0            50         100",
      "━━ c                          ",
    ]
  `);
});

test("shows values around zero, large and tiny ones with short labels", () => {
  const label = (one: ChartSeries) =>
    textOf(drawTerminalChart({ series: [one], width: 40, height: 12 }))
      .slice(1, 9)
      .map((line) => line.split(/[┤│]/)[0]?.trim())
      .filter((text) => text !== "");
  expect(label(series("a", (time) => time - 50))).toEqual(["50", "0", "-50"]);
  expect(label(series("b", (time) => time * 3e7))).toMatchInlineSnapshot(`
    [
      "2G",
      "0",
    ]
  `);
  expect(label(series("c", (time) => time * 3e-9))).toMatchInlineSnapshot(`
    [
      "2e-7",
      "0",
    ]
  `);
  expect(label(series("d", (time) => time * 1e300))).toMatchInlineSnapshot(`
    [
      "1.0e302",
      "5e301",
      "0",
    ]
  `);
});

test("gives each unit a panel when there is room, and names units in the legend", () => {
  const rate = series("Rate", (time) => Math.sin(time / 9), "1/day");
  const tall = textOf(
    drawTerminalChart({ series: [rising, rate], title: "Two", width: 60, height: 20 }),
  );
  expect(tall[1]?.trim()).toBe("people");
  expect(tall.findIndex((line) => line.trim() === "1/day")).toBeGreaterThan(5);
  const low = textOf(
    drawTerminalChart({ series: [rising, rate], title: "Two", width: 60, height: 10 }),
  );
  expect(low.at(-1)?.trim()).toBe("━━ Stock (people)  ━━ Rate (1/day)");
});

test("colours spans by series, and leaves axes and titles uncoloured", () => {
  const lines = drawTerminalChart({ series: [rising, falling], width: 40, height: 10 });
  const colours = new Set(lines.flat().map((span) => span.series));
  expect(colours).toEqual(new Set([undefined, 0, 1]));
  expect(lines.at(-1)).toContainEqual({ text: "━━ Rest", series: 1 });
});

test("shortens legend labels before it leaves entries out, and counts those left out", () => {
  const names = ["Susceptible people", "Infected people", "Recovered people"];
  const three = names.map((name) => series(name, (time) => time));
  const shortened = textOf(drawTerminalChart({ series: three, width: 40, height: 10 })).at(-1);
  expect(shortened).toMatchInlineSnapshot(`"━━ Suscepti…  ━━ Infected…  ━━ Recovere…"`);
  const twelve = Array.from({ length: 12 }, (_, index) => series(`s${index}`, (time) => time));
  const counted = textOf(drawTerminalChart({ series: twelve, width: 20, height: 6 })).at(-1);
  expect(counted).toMatch(/\+\d+ more/);
});
