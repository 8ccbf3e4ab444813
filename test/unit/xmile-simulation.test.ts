import { expect, test } from "vitest";
import { simulate } from "../../src/engines/xmile/simulate.ts";
import { summarize } from "../../src/engines/xmile/summary.ts";
import { aux, courseOf, modelOf, tableOf, xmile } from "../support/xmile-models.ts";

const decay = xmile(
  `<stock name="amount"><eqn>100</eqn><outflow>loss</outflow></stock>
   <flow name="loss"><eqn>amount * rate</eqn><units>g/day</units></flow>${aux("rate", "0.5")}`,
  "<start>0</start><stop>4</stop><dt>0.5</dt>",
);

async function errorOfDecay(method: "euler" | "rk4", timeStep: number): Promise<number> {
  const table = await tableOf(decay, { method, timeStep });
  return Math.abs((courseOf(table, "amount").at(-1) ?? 0) - 100 * Math.exp(-2));
}

test("integrates exponential decay with an error of first order by Euler", async () => {
  const ratio = (await errorOfDecay("euler", 1 / 64)) / (await errorOfDecay("euler", 1 / 128));
  expect(ratio).toBeGreaterThan(1.95);
  expect(ratio).toBeLessThan(2.05);
});

test("integrates exponential decay with an error of fourth order by RK4", async () => {
  const ratio = (await errorOfDecay("rk4", 1 / 8)) / (await errorOfDecay("rk4", 1 / 16));
  expect(ratio).toBeGreaterThan(15);
  expect(ratio).toBeLessThan(17);
});

test("saves time and every variable at every step, start and stop included", async () => {
  const table = await tableOf(decay);
  expect([...table.time]).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]);
  expect(table.columns.map(({ name, kind }) => [name, kind])).toEqual([
    ["amount", "stock"],
    ["loss", "flow"],
    ["rate", "auxiliary"],
  ]);
  expect(courseOf(table, "amount").slice(0, 3)).toEqual([100, 75, 56.25]);
  expect(courseOf(table, "loss")[0]).toBe(50);
});

test("keeps times exact over many steps and ends at the last whole step", async () => {
  const clock = xmile(aux("t", "TIME"), "<start>0</start><stop>100</stop><dt>0.1</dt>");
  const table = await tableOf(clock);
  expect(table.time).toHaveLength(1001);
  expect(table.time.at(-1)).toBe(100);
  expect(courseOf(table, "t").at(-1)).toBe(100);
  expect((await tableOf(clock, { timeStep: 30 })).stopTime).toBe(90);
});

test("saves only every so many steps when the file asks for it", async () => {
  const specs =
    '<sim_specs isee:save_interval="2"><start>0</start><stop>10</stop><dt>0.5</dt></sim_specs>';
  expect([...(await tableOf(xmile(aux("a", "1"), specs))).time]).toEqual([0, 2, 4, 6, 8, 10]);
});

test("summarizes each variable's course", async () => {
  const [amount] = summarize(await tableOf(decay, { parameters: { rate: 2 } }));
  expect(amount).toMatchObject({
    name: "amount",
    initial: 100,
    final: 0,
    minimum: 0,
    minimumTime: 0.5,
  });
  const [, loss] = summarize(await tableOf(decay));
  expect(loss).toMatchObject({ unit: "g/day", maximum: 50, maximumTime: 0 });
});

test("sets constants by any spelling of their name and reports all of them", async () => {
  const table = await tableOf(decay, { parameters: { RATE: 0 } });
  expect(courseOf(table, "amount").at(-1)).toBe(100);
  expect(table.parameters).toEqual({ rate: 0 });
});

test.each([
  [{ rat: 1 }, "no parameter `rat`", "Did you mean rate?"],
  [{ amount: 1 }, "cannot be set", "amount"],
  [{ loss: 1 }, "cannot be set", "loss"],
  [{ rate: Number.NaN }, "not finite", "rate"],
  [{ constructor: 1 }, "no parameter", "constructor"],
])("refuses the parameters %j", async (parameters, reason, hint) => {
  const result = await simulate(modelOf(decay), { parameters });
  expect(result).toMatchObject({ ok: false, error: { code: "invalid-parameter" } });
  if (!result.ok) expect(result.error.message).toContain(reason);
  if (!result.ok) expect(result.error.message).toContain(hint);
});

test.each([
  [{ stopTime: -1 }, "invalid-parameter"],
  [{ stopTime: Number.POSITIVE_INFINITY }, "invalid-parameter"],
  [{ timeStep: 0 }, "invalid-parameter"],
  [{ timeStep: Number.NaN }, "invalid-parameter"],
  [{ timeStep: 1e-9 }, "too-large"],
  [{ timeStep: Number.MIN_VALUE }, "too-large"],
])("refuses the settings %j", async (options, code) => {
  expect(await simulate(modelOf(decay), options)).toMatchObject({ ok: false, error: { code } });
});

test("names the first variable that stops being a number, and when", async () => {
  const text = xmile(aux("cause", "1 / (3 - TIME)") + aux("effect", "cause + 1"));
  const result = await simulate(modelOf(text));
  expect(result).toMatchObject({ ok: false, error: { code: "not-finite", variable: "cause" } });
  if (!result.ok) expect(result.error.message).toContain("infinite at time 3");
  const growing = xmile(
    `<stock name="s"><eqn>2</eqn><inflow>f</inflow></stock><flow name="f"><eqn>s^2</eqn></flow>`,
  );
  expect(await simulate(modelOf(growing), { stopTime: 100 })).toMatchObject({
    ok: false,
    error: { code: "not-finite" },
  });
});

test("reports progress up to the whole, and lets others run meanwhile", async () => {
  const fractions: number[] = [];
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  }, 1);
  await tableOf(decay, { timeStep: 1e-5, onProgress: (fraction) => fractions.push(fraction) });
  clearInterval(ticking);
  expect(fractions.length).toBeGreaterThan(5);
  expect(fractions.length).toBeLessThan(110);
  expect(fractions).toEqual([...fractions].sort((left, right) => left - right));
  expect(fractions.at(-1)).toBe(1);
  expect(turns).toBeGreaterThan(2);
});

test("stops when cancelled, before and while it computes", async () => {
  const stopped = { ok: false, error: { code: "cancelled" } };
  const signal = AbortSignal.abort();
  expect(await simulate(modelOf(decay), { signal })).toMatchObject(stopped);
  const controller = new AbortController();
  const result = simulate(modelOf(decay), {
    timeStep: 1e-5,
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  expect(await result).toMatchObject(stopped);
});

test("holds the outflows of a non-negative stock to what it has, in their order", async () => {
  const text = xmile(
    `<stock name="tank"><eqn>10</eqn><inflow>rain</inflow><outflow>first</outflow>
       <outflow>second</outflow><non_negative/></stock>
     <stock name="sink"><eqn>0</eqn><inflow>first</inflow><inflow>second</inflow></stock>
     <flow name="rain"><eqn>1</eqn></flow><flow name="first"><eqn>4</eqn></flow>
     <flow name="second"><eqn>3</eqn></flow>`,
    "<start>0</start><stop>4</stop>",
  );
  const table = await tableOf(text);
  expect(courseOf(table, "tank")).toEqual([10, 4, 0, 0, 0]);
  expect(courseOf(table, "first")).toEqual([4, 4, 1, 1, 1]);
  expect(courseOf(table, "second")).toEqual([3, 1, 0, 0, 0]);
  expect(courseOf(table, "sink")).toEqual([0, 7, 12, 13, 14]);
});

test("lets a flow that drains two stocks run on, and only stops the non-negative one", async () => {
  const text = xmile(
    `<stock name="held"><eqn>5</eqn><outflow>out</outflow><non_negative/></stock>
     <stock name="free"><eqn>5</eqn><outflow>out</outflow></stock>
     <flow name="out"><eqn>3</eqn></flow>`,
    "<start>0</start><stop>3</stop>",
  );
  const table = await tableOf(text);
  expect(courseOf(table, "out")).toEqual([3, 3, 3, 3]);
  expect(courseOf(table, "held")).toEqual([5, 2, 0, 0]);
  expect(courseOf(table, "free")).toEqual([5, 2, -1, -4]);
});

test("lets RK4 drain a non-negative stock exactly, and no further", async () => {
  const text = xmile(
    `<stock name="tank"><eqn>10</eqn><outflow>out</outflow><non_negative/></stock>
     <stock name="sink"><eqn>0</eqn><inflow>out</inflow></stock>
     <flow name="out"><eqn>8</eqn></flow>`,
    '<sim_specs method="RK4"><start>0</start><stop>3</stop></sim_specs>',
  );
  const table = await tableOf(text);
  expect(courseOf(table, "tank")).toEqual([10, 2, 0, 0]);
  expect(courseOf(table, "sink")).toEqual([0, 8, 10, 10]);
  expect(courseOf(table, "out")).toEqual([8, 2, 0, 0]);
});

test("keeps two non-negative stocks that feed each other from closing a loop", async () => {
  const text = xmile(
    `<stock name="a"><eqn>1</eqn><inflow>ba</inflow><outflow>ab</outflow><non_negative/></stock>
     <stock name="b"><eqn>0</eqn><inflow>ab</inflow><outflow>ba</outflow><non_negative/></stock>
     <flow name="ab"><eqn>2</eqn></flow><flow name="ba"><eqn>1</eqn></flow>`,
  );
  const table = await tableOf(text);
  const total = courseOf(table, "a").map((a, index) => a + (courseOf(table, "b")[index] ?? 0));
  expect(new Set(total)).toEqual(new Set([1]));
});

test("keeps non-negative flows from running backwards, also by the file's default", async () => {
  const flow = (inside: string): string => `<flow name="f"><eqn>-1</eqn>${inside}</flow>`;
  expect(courseOf(await tableOf(xmile(flow("<non_negative/>"))), "f")[0]).toBe(0);
  const behavior = "<behavior><flow><non_negative/></flow></behavior><model>";
  const byDefault = (inside: string): string => xmile(flow(inside)).replace("<model>", behavior);
  expect(courseOf(await tableOf(byDefault("")), "f")[0]).toBe(0);
  const exempt = byDefault("<non_negative>false</non_negative>");
  expect(courseOf(await tableOf(exempt), "f")[0]).toBe(-1);
});
