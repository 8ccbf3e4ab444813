import fc from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import type { ChartLine } from "../../src/engines/chart/braille-grid.ts";
import type { ChartSpec } from "../../src/engines/chart/chart-spec.ts";
import { drawSpecInTerminal } from "../../src/engines/chart/terminal-spec.ts";
import { colourOf } from "../../src/engines/chart/theme.ts";

const values = Array.from({ length: 11 }, (_, time) => ({
  time,
  up: time * 10,
  half: time * 5,
  name: time % 2 === 0 ? "even" : "odd",
}));
const x = { field: "time", type: "quantitative", title: "Day" };
const y = { field: "up", type: "quantitative", title: null };

async function linesOf(spec: ChartSpec, columns = 40, rows = 10): Promise<ChartLine[]> {
  const drawn = await drawSpecInTerminal({ data: { values }, ...spec }, { columns, rows });
  if (!drawn.ok) throw new Error(drawn.error.message);
  return drawn.value;
}

function textOf(lines: readonly ChartLine[]): string[] {
  return lines.map((line) => line.map((span) => span.text).join(""));
}

test("draws a line with its axes", async () => {
  const lines = await linesOf({ mark: "line", title: "Up", encoding: { x, y } });
  expect(textOf(lines)).toMatchInlineSnapshot(`
    [
      "                     Up                 ",
      "100⢰                                ⣀⡠⠤⠐",
      " 80⢸                          ⢀⣀⠤⠒⠊⠉    ",
      " 60⢸                     ⣀⠤⠔⠒⠉⠁         ",
      "   ⢸              ⢀⣀⠤⠠⠒⠊⠉               ",
      " 40⢸         ⣀⡠⠤⠒⠉⠁                     ",
      " 20⢸   ⢀⡠⠤⠒⠊⠉                           ",
      "  0⠸⠴⠶⠭⠥⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤",
      "    0  1  2   3  4   5   6  7   8  9    ",
      "                    Day                 ",
    ]
  `);
});

test("draws bars as filled cells", async () => {
  const lines = await linesOf({ mark: "bar", encoding: { x: { ...x, type: "ordinal" }, y } });
  expect(textOf(lines).join("").match(/⣿/g)?.length).toBeGreaterThan(50);
});

test("gives the palette's colours their series, other colours the next", async () => {
  const layer = [
    { mark: { type: "line", color: colourOf(2) }, encoding: { x, y } },
    { mark: { type: "line", color: "#ff00ff" }, encoding: { x, y: { ...y, field: "half" } } },
  ];
  const series = new Set((await linesOf({ layer })).flat().map((span) => span.series));
  expect(series).toEqual(new Set([undefined, 2, 7]));
});

test.each<[string, ChartSpec]>([
  [
    "panels above each other",
    {
      vconcat: [
        { mark: "line", encoding: { x, y } },
        { mark: "area", encoding: { x, y } },
      ],
    },
  ],
  [
    "panels side by side",
    {
      hconcat: [
        { mark: "point", encoding: { x, y } },
        { mark: "rect", encoding: { x, y } },
      ],
    },
  ],
  ["facets", { mark: "tick", encoding: { x, y, column: { field: "name", type: "nominal" } } }],
  [
    "a pie",
    {
      mark: "arc",
      encoding: {
        theta: { field: "up", type: "quantitative" },
        color: { field: "name", type: "nominal" },
      },
    },
  ],
  ["letters", { mark: "text", encoding: { x, y, text: { field: "name" } } }],
  ["wide letters", { mark: "line", title: "感染症の流行", encoding: { x, y } }],
])("fills its box exactly with %s", async (_, spec) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: 90 }),
      fc.integer({ min: 6, max: 30 }),
      async (columns, rows) => {
        const lines = textOf(await linesOf(spec, columns, rows));
        expect(lines).toHaveLength(rows);
        expect(new Set(lines.map((line) => stringWidth(line)))).toEqual(new Set([columns]));
      },
    ),
    { numRuns: 5 },
  );
});

test("keeps numbers whole at the edge and apart from each other", async () => {
  const hundreds = values.map((row) => ({ ...row, up: row.up * 10 }));
  const facets = { column: { field: "name", type: "nominal" } };
  const spec = { data: { values: hundreds }, mark: "line", encoding: { x, y, ...facets } };
  const lines = textOf(await linesOf(spec, 60, 12));
  expect(lines.some((line) => line.startsWith("1,000"))).toBe(true);
  expect(lines.join("\n")).not.toMatch(/\d{5}/);
});

test("says why a spec cannot be drawn", async () => {
  const drawn = await drawSpecInTerminal({ layer: [{ mark: {} }] }, { columns: 40, rows: 10 });
  expect(drawn).toMatchObject({ ok: false, error: { kind: "invalid-input" } });
});
