import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { EnsembleHooks } from "../../src/engines/ensemble/run-ensemble.ts";
import { runEnsemble } from "../../src/engines/ensemble/run-ensemble.ts";
import { readModel } from "../../src/engines/xmile/read-model.ts";
import { simulate } from "../../src/engines/xmile/simulate.ts";
import type { EnsembleOrder } from "../../src/protocol/ensemble-data.ts";
import { aux, xmile } from "../support/xmile-models.ts";

const sir = readFileSync("models/sir.xmile", "utf8");

async function run(
  modelText: string,
  order: Partial<EnsembleOrder> & Pick<EnsembleOrder, "parameters">,
  hooks: EnsembleHooks = {},
) {
  const model = readModel(modelText);
  if (!model.ok) throw new Error(model.error.message);
  const bytes: string[] = [];
  const result = await runEnsemble(
    {
      ...{ model: model.value, modelText, parameters: {}, schedule: {} },
      order: { runs: 40, seed: 1, sampling: "monte-carlo", ...order },
    },
    {
      onRows: (rows) => {
        for (const { name, values } of rows) bytes.push(`${name} ${Array.from(values).join(" ")}`);
        return Promise.resolve();
      },
      ...hooks,
    },
  );
  return { result, bytes };
}

async function done(...given: Parameters<typeof run>) {
  const { result, bytes } = await run(...given);
  if (!result.ok) throw new Error(result.error.message);
  return { ...result.value, bytes };
}

const VARIED = {
  parameters: "contact_rate=uniform(6, 10); infectious_period=triangular(6, 8, 11)",
};

test("the number of threads changes nothing of what comes out", async () => {
  const one = await done(sir, VARIED, { threads: 1 });
  const four = await done(sir, VARIED, { threads: 4 });
  expect(four).toEqual(one);
  expect(one.runsDone).toBe(40);
});

test("each run is the simulation with its parameters", async () => {
  const { bands, spreads } = await done(sir, {
    parameters: "contact_rate=values(7)",
    runs: 3,
  });
  const model = readModel(sir);
  if (!model.ok) throw new Error(model.error.message);
  const single = await simulate(model.value, { parameters: { contact_rate: 7 } });
  if (!single.ok) throw new Error(single.error.message);
  const infectious = single.value.columns.find(({ name }) => name === "infectious");
  const median = bands.columns.find(({ name }) => name === "infectious q50");
  expect(median?.values).toEqual(infectious?.values);
  const peak = spreads.find((one) => one.variable === "infectious" && one.measure === "peak");
  expect(peak?.q95).toBe(Math.max(...(infectious?.values ?? [])));
});

test("random functions differ from run to run, and are the same each time", async () => {
  const text = xmile(`${aux("k", "1")}${aux("noise", "k + NORMAL(0, 1)")}`);
  const order = { parameters: "k=values(1)", runs: 20 };
  const first = await done(text, order, { threads: 1 });
  const again = await done(text, order, { threads: 3 });
  expect(again.bytes).toEqual(first.bytes);
  const spread = first.spreads.find(({ variable }) => variable === "noise");
  expect(spread?.q95).toBeGreaterThan((spread?.q05 ?? 0) + 0.5);
});

test("a parameter that matters has a strong rank correlation, one that does not has none", async () => {
  const text = xmile(`${aux("a", "1")}${aux("b", "1")}${aux("out", "10 * a + b + TIME")}`);
  const { correlations } = await done(text, {
    parameters: "a=uniform(0, 1); b=uniform(0, 1)",
    variables: ["out"],
    runs: 300,
    sampling: "latin-hypercube",
  });
  expect(correlations[0]).toMatchObject({ parameter: "a", variable: "out" });
  expect(correlations[0]?.rho).toBeGreaterThan(0.95);
  const weak = correlations.find(({ parameter }) => parameter === "b");
  expect(Math.abs(weak?.rho ?? 1)).toBeLessThan(0.3);
});

test("it ends early once its quantiles are known well enough, and says so", async () => {
  const order = {
    parameters: "contact_rate=uniform(7.9, 8.1)",
    runs: 2000,
    earlyStop: { tolerance: 0.2, minimumRuns: 100 },
  };
  const { runsDone, stopReason } = await done(sir, order, { threads: 2 });
  expect(runsDone).toBeLessThan(2000);
  expect(runsDone).toBeGreaterThanOrEqual(100);
  expect(stopReason).toMatch(/^after \d+ runs all quantiles were known to ±/u);
  const never = await done(sir, {
    ...order,
    runs: 120,
    earlyStop: { tolerance: 0, minimumRuns: 20 },
  });
  expect(never).toMatchObject({ runsDone: 120, stopReason: undefined });
});

test.for<[string, Partial<EnsembleOrder> & Pick<EnsembleOrder, "parameters">, string]>([
  ["an unknown parameter", { parameters: "contact_rat=uniform(1, 2)" }, "contact_rate"],
  ["a variable that is no constant", { parameters: "infectious=uniform(1, 2)" }, "infectious"],
  [
    "an unknown variable",
    { parameters: "contact_rate=uniform(1, 2)", variables: ["infectius"] },
    "Did you mean infectious, infection?",
  ],
  [
    "too many rows",
    { parameters: "contact_rate=uniform(1, 2)", runs: 100_000 },
    "are more than the 5000000 rows",
  ],
  ["no distribution", { parameters: "contact_rate=7" }, "is no distribution"],
])("%s is refused before anything runs", async ([_, order, message]) => {
  const { result, bytes } = await run(sir, order);
  expect(result.ok ? "" : `${result.error.message} ${result.error.nextStep}`).toContain(message);
  expect(bytes).toEqual([]);
});

test("a run that stops being a number is named with its parameters", async () => {
  const text = xmile(`${aux("k", "1")}${aux("out", "1 / k")}`);
  const { result } = await run(text, { parameters: "k=values(1, 0)", sampling: "grid" });
  expect(result.ok ? "" : result.error.message).toMatch(/^In run 2 \(k 0\): /u);
});

test("cancelled, it ends at once and says so", async () => {
  const stop = new AbortController();
  const { result } = await run(
    sir,
    { ...VARIED, runs: 3000 },
    { threads: 2, signal: stop.signal, onProgress: () => stop.abort() },
  );
  expect(result).toMatchObject({ ok: false, error: { code: "cancelled" } });
});
