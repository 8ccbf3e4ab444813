import { Resvg } from "@resvg/resvg-js";
import { expect, test } from "vitest";
import type { ChartRow, ChartSpec } from "../../src/engines/chart/chart-spec.ts";
import { checkSpec } from "../../src/engines/chart/check-spec.ts";
import { lineSpec } from "../../src/engines/chart/line-spec.ts";
import { renderChart } from "../../src/engines/chart/render.ts";
import { epidemicColumns, epidemicOutput } from "../support/epidemic.ts";

const simulation = epidemicOutput({
  sha256: "0".repeat(64),
  mediaType: "application/vnd.apache.parquet",
  bytes: 0,
  name: "x.parquet",
});
const columns = epidemicColumns();

function rowsOf(names: readonly string[]): ChartRow[] {
  return names.flatMap((name) => {
    const variable = simulation.variables.find((one) => one.name === name);
    return (columns["time"] ?? []).map((time, row) => ({
      time,
      value: columns[name]?.[row] ?? null,
      series: variable?.label ?? "",
      unit: variable?.unit ?? "",
    }));
  });
}

function specOf(names: readonly string[], split: "unit" | "variable" = "unit") {
  return lineSpec({
    title: simulation.model.title,
    description: "Three lines & <more>.",
    xLabel: "Time (day)",
    variables: simulation.variables.filter((one) => names.includes(one.name)),
    split,
  });
}

async function drawn(spec: ChartSpec, rows: readonly ChartRow[]) {
  const result = await renderChart(spec, rows);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** How many dark, colourless pixels (text) a region of a picture has, in parts of its size. */
function darkPixels(
  png: Uint8Array,
  region: { readonly x: [number, number]; readonly y: [number, number] },
): number {
  const picture = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="826" height="513"><image width="826" height="513" xlink:href="data:image/png;base64,${Buffer.from(png).toString("base64")}"/></svg>`,
  ).render();
  const { width, height, pixels } = picture;
  let dark = 0;
  for (let y = Math.floor(region.y[0] * height); y < region.y[1] * height; y += 1) {
    for (let x = Math.floor(region.x[0] * width); x < region.x[1] * width; x += 1) {
      const at = (y * width + x) * 4;
      const [red = 255, green = 255, blue = 255] = pixels.subarray(at, at + 3);
      if (
        Math.max(red, green, blue) < 110 &&
        Math.max(red, green, blue) - Math.min(red, green, blue) < 30
      )
        dark += 1;
    }
  }
  return dark;
}

test("draws the chosen spec with title, axis titles with units, and legend", async () => {
  const names = ["susceptible", "infected", "recovered"];
  const { svg, png, spec } = await drawn(specOf(names), rowsOf(names));
  for (const text of ["Epidemic in a town", "Time (day)", "people", "Infected", "Recovered"]) {
    expect(svg).toContain(`>${text}<`);
  }
  expect([...png.subarray(1, 4)]).toEqual([..."PNG"].map((letter) => letter.charCodeAt(0)));
  expect(darkPixels(png, { x: [0, 0.5], y: [0, 0.08] }), "title").toBeGreaterThan(200);
  expect(darkPixels(png, { x: [0.4, 0.7], y: [0.93, 1] }), "x axis title").toBeGreaterThan(100);
  expect(darkPixels(png, { x: [0, 0.05], y: [0.4, 0.7] }), "y axis title").toBeGreaterThan(50);
  const alone = await drawn(spec, rowsOf(names));
  expect(alone.svg).toBe(svg);
});

test("gives each unit its panel, names all series once", async () => {
  const names = ["infected", "infection_rate"];
  const { svg } = await drawn(specOf(names), rowsOf(names));
  expect(svg).toContain(">people<");
  expect(svg).toContain(">people/day<");
  expect(svg.match(/>Infection rate</g)).toHaveLength(1);
});

test("carries its title and description as text, escaped", async () => {
  const { svg } = await drawn(specOf(["infected"]), rowsOf(["infected"]));
  expect(svg).toMatch(
    /^<svg role="img"[^>]*><title>Epidemic in a town<\/title><desc>Three lines &amp; &lt;more&gt;\.<\/desc>/,
  );
});

test("refuses a picture larger than anybody looks at", async () => {
  const panel = { mark: "line", width: 4000, height: 4000, encoding: {} };
  const spec = { vconcat: [panel, panel] };
  expect(await renderChart(spec, [{ time: 1 }])).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("too large") },
  });
});

const encoding = { x: { field: "time", type: "quantitative" } };
const passwd = "file:///etc/passwd";
test.each<[string, ChartSpec, string]>([
  ["a nested data url", { layer: [{ data: { url: passwd }, mark: "line" }] }, "layer.0.data.url"],
  [
    "a lookup's url",
    { mark: "line", transform: [{ lookup: "a", from: { data: { url: passwd }, key: "a" } }] },
    "transform.0.from.data.url",
  ],
  ["an image mark", { mark: { type: "image" }, encoding }, "mark.type"],
  ["a picture's url", { mark: "point", encoding: { url: { value: passwd } } }, "encoding.url"],
  ["a map", { mark: "geoshape", encoding }, "mark"],
  ["a projection", { mark: "point", projection: { type: "mercator" } }, "projection"],
  ["a link", { mark: "point", encoding: { href: { value: "https://x" } } }, "encoding.href"],
  ["other named data", { layer: [{ data: { name: "other" }, mark: "bar" }] }, "layer.0.data"],
  ["generated data", { layer: [{ data: { sequence: { start: 0, stop: 1e9 } } }] }, "sequence"],
  ["a huge picture", { mark: "line", width: 1e6 }, "width: 1000000"],
  ["bins without number", { mark: "bar", encoding: { x: { bin: { step: 1e-9 } } } }, "x.bin.step"],
  [
    "values without number",
    { mark: "bar", transform: [{ impute: "a", key: "b", keyvals: { stop: 1e9 } }] },
    "transform.0.keyvals",
  ],
  [
    "an expression that makes a list of any length",
    { mark: "bar", transform: [{ calculate: "length(sequence(1e9))", as: "n" }] },
    "transform.0.calculate",
  ],
  ["an unknown mark", { mark: "pie", encoding }, 'the mark "pie"'],
  ["no mark at all", { encoding }, "It needs one of mark"],
  [
    "a Vega spec",
    { $schema: "https://vega.github.io/schema/vega/v6.json" },
    "not a Vega-Lite spec",
  ],
])("refuses %s and names the place", (_, spec, place) => {
  const checked = checkSpec(spec);
  expect(checked.ok ? "" : checked.error.message).toContain(place);
});

test("refuses a spec that is too deep or too long", () => {
  let deep: ChartSpec = { mark: "line" };
  for (let level = 0; level < 5000; level += 1) deep = { layer: [deep] };
  expect(checkSpec(deep)).toMatchObject({ ok: false });
  expect(checkSpec({ mark: "line", title: "x".repeat(300_000) })).toMatchObject({ ok: false });
});

test("replaces a spec's data and keeps what is harmless", () => {
  const spec = { data: { url: passwd }, mark: "line", encoding, usermeta: { embed: 1 } };
  expect(checkSpec(spec)).toEqual({
    ok: true,
    value: { data: { name: "table" }, mark: "line", encoding },
  });
  const rule = { data: { values: [{ url: 1, y: 3 }] }, mark: "rule" };
  expect(checkSpec({ layer: [{ mark: "line" }, rule] })).toMatchObject({ ok: true });
});

test("loads nothing even when a spec was not checked", async () => {
  const data = { url: passwd, format: { type: "csv" } };
  const nested = { layer: [{ data, mark: "point", encoding }] };
  expect(await renderChart(nested, [])).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining(passwd) },
  });
});

test("does not run code hidden in an expression", async () => {
  const calculate = "datum.time.constructor.constructor('throw 1')()";
  const spec = { mark: "line", transform: [{ calculate, as: "z" }], encoding };
  const result = await renderChart(spec, [{ time: 1 }]);
  expect(result).toMatchObject({ ok: false, error: { kind: "invalid-input" } });
});
