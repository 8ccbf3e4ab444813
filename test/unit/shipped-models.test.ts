/** The shipped models against what is known of them without simulating. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCitation } from "../../src/engines/xmile/read-citation.ts";
import type { SimulationOptions, SimulationTable } from "../../src/engines/xmile/simulate.ts";
import { courseOf, modelOf, tableOf } from "../support/xmile-models.ts";

const FOLDER = join(import.meta.dirname, "../../models");

function textOf(name: string): string {
  return readFileSync(join(FOLDER, `${name}.xmile`), "utf8");
}

function run(name: string, options?: SimulationOptions): Promise<SimulationTable> {
  return tableOf(textOf(name), options);
}

function lastOf(table: SimulationTable, name: string): number {
  return courseOf(table, name).at(-1) ?? Number.NaN;
}

const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".xmile"))
  .map((file) => file.replace(".xmile", ""));

test.each(NAMES)("%s is valid and cites its source", (name) => {
  expect(modelOf(textOf(name)).variables.length).toBeGreaterThan(0);
  expect(readCitation(textOf(name))).toMatch(/\b(?:1[5-9]|20)\d\d\b/);
});

describe("predator-prey", () => {
  test("keeps Volterra's constant of motion", async () => {
    const course = courseOf(await run("predator-prey"), "invariant");
    expect(Math.max(...course) - Math.min(...course)).toBeLessThan(1e-6);
  });

  test("stands still at its equilibrium", async () => {
    const table = await run("predator-prey", {
      parameters: { initial_prey: 4, initial_predators: 2.75 },
    });
    expect(lastOf(table, "prey")).toBeCloseTo(4, 10);
    expect(lastOf(table, "predators")).toBeCloseTo(2.75, 10);
  });
});

describe("cooling-cup", () => {
  test("follows its closed form", async () => {
    const table = await run("cooling-cup");
    const exact = [...table.time].map((time) => 20 + 70 * Math.exp(-time / 12));
    courseOf(table, "temperature").forEach((value, row) => {
      expect(value).toBeCloseTo(exact[row] ?? Number.NaN, 7);
    });
    expect(lastOf(table, "exact_temperature")).toBeCloseTo(exact.at(-1) ?? Number.NaN, 12);
  });
});

/** Steady probabilities of M/M/c/K by the textbook's formula. */
function steadyState(load: number, servers: number, room: number): readonly number[] {
  const weights = [1];
  for (let count = 1; count <= room; count += 1) {
    weights.push(((weights[count - 1] ?? 0) * load) / Math.min(count, servers));
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

describe("queueing-station", () => {
  test("tends to the closed form of M/M/c/K", async () => {
    const table = await run("queueing-station", { stopTime: 100 });
    const steady = steadyState(8 / 5, 2, 20);
    const customers = steady.reduce((sum, share, count) => sum + share * count, 0);
    const waiting = steady.reduce((sum, share, count) => sum + share * Math.max(0, count - 2), 0);
    expect(lastOf(table, "customers")).toBeCloseTo(customers, 9);
    expect(lastOf(table, "waiting")).toBeCloseTo(waiting, 9);
    expect(lastOf(table, "steady_customers")).toBeCloseTo(customers, 12);
    expect(lastOf(table, "steady_waiting")).toBeCloseTo(waiting, 12);
  });
});

describe("option-price", () => {
  test("gives the price of Black and Scholes", async () => {
    const table = await run("option-price");
    // Published value of this option: 8.0214 (spot 100, strike 105, 5 %, 20 %, one year).
    expect(lastOf(table, "exact_price")).toBeCloseTo(8.0214, 4);
    expect(Math.abs(lastOf(table, "price") - lastOf(table, "exact_price"))).toBeLessThan(2e-3);
  });
});
