/**
 * Compares simulations with the outputs published beside the models of the SDXorg test-models
 * collection. The collection is not part of this repository: AIMIE_XMILE_SUITE names its folder.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canonicalElement } from "../../src/engines/xmile/identifier.ts";
import { readModel } from "../../src/engines/xmile/read-model.ts";
import type { SimulationTable } from "../../src/engines/xmile/simulate.ts";
import { tableOf } from "../support/xmile-models.ts";

const suite = process.env["AIMIE_XMILE_SUITE"] ?? "";
const present = suite !== "" && existsSync(suite);
const title = "models with published outputs";

const REPRODUCED = [
  "SIR",
  "builtin_max",
  "constant_expressions",
  "exponentiation",
  "game",
  "lookups",
  "number_handling",
  "reference_capitalization",
  "rounding",
  "special_characters_xmile",
  "subscripted_trig",
  "zeroled_decimals",
];

/** Outputs that were computed by Euler's method although the model beside them names RK4. */
const PUBLISHED_BY_EULER = new Set(["zeroled_decimals"]);

/** Models that are not valid themselves, and the reason they must be given. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  // Constants of arrays are left as `???` in these files.
  [
    "subscript_constant_call",
    /placeholder .*unfinished \(variable Subscripted Constant, line 44\)/,
  ],
  ["subscript_updimensioning", /placeholder .*unfinished \(variable One Dim, line 45\)/],
  // These call macros that the files do not define.
  ["macro_stock", /`EXPRESSION` and `MACRO`.*the file does not define it/],
  ["macro_multi_macros", /the file does not define it/],
];

interface Published {
  readonly times: readonly number[];
  /** Per column; absent where the file leaves a cell empty. */
  readonly columns: ReadonlyMap<string, readonly (number | undefined)[]>;
}

function modelsOf(folder: string): readonly string[] {
  return readdirSync(join(suite, folder)).filter((file) => /\.(?:xmile|stmx)$/.test(file));
}

function textOf(folder: string, file: string): string {
  return readFileSync(join(suite, folder, file), "utf8");
}

function publishedOf(folder: string): Published {
  const file = readdirSync(join(suite, folder)).find((name) => name.startsWith("output.")) ?? "";
  const separator = file.endsWith(".csv") ? "," : "\t";
  const [header = [], ...rows] = textOf(folder, file)
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => line.split(separator));
  const cells = (index: number): readonly (number | undefined)[] =>
    rows.map((row) => (row[index]?.trim() ? Number(row[index]) : undefined));
  const columns = header.map(
    (name, index) => [canonicalElement(name.replaceAll('"', "")), cells(index)] as const,
  );
  const times = columns.find(([name]) => name === "time")?.[1] ?? [];
  return {
    times: times.map((time) => time ?? Number.NaN),
    columns: new Map(columns.filter(([name]) => name !== "time")),
  };
}

/** Names the published cells that differ by more than 1e-4, plus 1e-5 of the column's largest. */
function differences(table: SimulationTable, published: Published): readonly string[] {
  const found: string[] = [];
  for (const { name, values } of table.columns) {
    const expected = published.columns.get(name) ?? [];
    const scale = Math.max(...expected.map((value) => Math.abs(value ?? 0)));
    for (const [row, value] of expected.entries()) {
      const time = published.times[row] ?? Number.NaN;
      const actual = values[Math.round((time - table.startTime) / table.timeStep)] ?? Number.NaN;
      if (value === undefined) continue;
      const tolerance = 1e-4 * Math.abs(value) + 1e-5 * scale;
      if (Math.abs(actual - value) <= tolerance) continue;
      found.push(`${name} at ${time}: ${actual} instead of ${value}`);
    }
  }
  return found;
}

if (!present) {
  test.skip(`${title} are compared when AIMIE_XMILE_SUITE names their folder`, () => undefined);
}

describe.runIf(present)(title, () => {
  test.each(present ? REPRODUCED : [])("%s is reproduced", async (folder) => {
    const published = publishedOf(folder);
    for (const file of modelsOf(folder)) {
      const method = PUBLISHED_BY_EULER.has(folder) ? "euler" : undefined;
      const table = await tableOf(textOf(folder, file), { method });
      const compared = table.columns.filter(({ name }) => published.columns.has(name));
      expect(compared, file).not.toHaveLength(0);
      expect(differences(table, published), file).toEqual([]);
    }
  });

  test.each(present ? REFUSED : [])("%s is refused with the reason", (folder, reason) => {
    for (const file of modelsOf(folder)) {
      const model = readModel(textOf(folder, file));
      expect(model.ok, file).toBe(false);
      if (!model.ok) expect(model.error.message).toMatch(reason);
    }
  });
});
