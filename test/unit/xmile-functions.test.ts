import { expect, test } from "vitest";
import { aux, courseOf, refusalOf, tableOf, xmile } from "../support/xmile-models.ts";

async function course(equation: string, specs?: string, others = ""): Promise<readonly number[]> {
  return courseOf(await tableOf(xmile(aux("result", equation) + others, specs)), "result");
}

const short = "<start>0</start><stop>4</stop>";
const fine = "<start>0</start><stop>1</stop><dt>0.25</dt>";

test("knows the clock", async () => {
  expect(
    await course(
      "TIME + 10 * DT + STARTTIME + STOPTIME",
      "<start>1</start><stop>3</stop><dt>0.5</dt>",
    ),
  ).toEqual([10, 10.5, 11, 11.5, 12]);
});

test("lets a variable take the name of a built-in number", async () => {
  expect(await course("dt + 1", short, aux("DT", "7"))).toEqual([8, 8, 8, 8, 8]);
});

test("steps, ramps and pulses", async () => {
  expect(await course("STEP(5, 2)", short)).toEqual([0, 0, 5, 5, 5]);
  expect(await course("RAMP(2, 1)", short)).toEqual([0, 0, 2, 4, 6]);
  expect(await course("RAMP(2, 1, 3)", short)).toEqual([0, 0, 2, 4, 4]);
  expect(await course("PULSE(3, 0.5)", fine)).toEqual([0, 0, 12, 0, 0]);
  expect(await course("PULSE(3, 0.25, 0.5)", fine)).toEqual([0, 12, 0, 12, 0]);
  expect(await course("PULSE(3)", fine)).toEqual([12, 0, 0, 0, 0]);
});

test("steps on time although tenths are not exact", async () => {
  const specs = "<start>0</start><stop>1</stop><dt>0.1</dt>";
  expect((await course("STEP(1, 0.3)", specs)).indexOf(1)).toBe(3);
  expect((await course("STEP(1, 0.7)", specs)).indexOf(1)).toBe(7);
  expect((await course("PULSE(0.1, 0.6)", specs)).indexOf(1)).toBe(6);
});

test.each(["euler", "rk4"])("adds exactly the volume of a pulse by %s", async (method) => {
  const text = xmile(
    '<stock name="s"><eqn>0</eqn><inflow>f</inflow></stock><flow name="f"><eqn>PULSE(7, 1)</eqn></flow>',
    `<sim_specs method="${method}"><start>0</start><stop>4</stop><dt>0.25</dt></sim_specs>`,
  );
  expect(courseOf(await tableOf(text), "s").at(-1)).toBeCloseTo(7, 12);
});

test("remembers starts and previous values", async () => {
  expect(await course("INIT(TIME + 3)", short)).toEqual([3, 3, 3, 3, 3]);
  expect(await course("PREVIOUS(TIME, -1)", short)).toEqual([-1, 0, 1, 2, 3]);
  expect(await course("PREVIOUS(TIME + 7)", short)).toEqual([7, 7, 8, 9, 10]);
  expect(await course("PREVIOUS(result, 1) * 2", short)).toEqual([2, 4, 8, 16, 32]);
});

test("delays by a fixed time, with the first or a given value before", async () => {
  expect(await course("DELAY(TIME + 5, 2)", short)).toEqual([5, 5, 5, 6, 7]);
  expect(await course("DELAY(TIME, 2, -1)", short)).toEqual([-1, -1, 0, 1, 2]);
  expect(await course("DELAY(TIME, 0)", short)).toEqual([0, 0, 1, 2, 3]);
});

const long = '<sim_specs method="RK4"><start>0</start><stop>6</stop><dt>0.0625</dt></sim_specs>';

/** The share of a step that an n-th order exponential delay of time T has let through: Erlang. */
function erlang(order: number, delay: number, time: number): number {
  const scaled = (order * time) / delay;
  let term = Math.exp(-scaled);
  let waiting = 0;
  for (let index = 0; index < order; index += 1) {
    waiting += term;
    term *= scaled / (index + 1);
  }
  return 1 - waiting;
}

test.each([
  ["SMTH1(STEP(1, 0), 2, 0)", 1],
  ["SMTH3(1, 2, 0)", 3],
  ["SMTHN(1, 2, 5, 0)", 5],
  ["SMTHN(1, 2, order, 0)", 2],
  ["DELAY1(1, 2, 0)", 1],
  ["DELAY3(1, 2, 0)", 3],
  ["DELAYN(1, 2, 4, 0)", 4],
])("answers a step as the closed form says: %s", async (equation, order) => {
  const values = await course(equation, long, aux("order", "2"));
  for (const [step, value] of values.entries()) {
    expect(value).toBeCloseTo(erlang(order, 2, step * 0.0625), 4);
  }
});

test("starts smooths and delays in equilibrium", async () => {
  for (const call of ["SMTH1(7, 2)", "SMTH3(7, 2)", "DELAY1(7, 2)", "DELAY3(7, 2)"]) {
    for (const value of await course(call, long)) expect(value).toBeCloseTo(7, 12);
  }
});

test("finds the trend of exponential growth and forecasts with it", async () => {
  const specs = '<sim_specs method="RK4"><start>0</start><stop>60</stop><dt>0.125</dt></sim_specs>';
  // The lagged average of growth g has the same growth: (x − A)/(A · T) tends to g.
  expect((await course("TREND(EXP(0.05 * TIME), 4)", specs)).at(-1)).toBeCloseTo(0.05, 4);
  const forecast = (await course("FORCST(EXP(0.05 * TIME), 4, 10) / EXP(0.05 * TIME)", specs)).at(
    -1,
  );
  expect(forecast).toBeCloseTo(1.5, 3);
  expect((await course("TREND(10, 4, 0.02)", specs))[0]).toBeCloseTo(0.02, 12);
});

const graph = (attributes: string): string =>
  `<gf name="curve" ${attributes}><xpts>0,1,3</xpts><ypts>0,10,30</ypts></gf>`;

test.each([
  ["", [0, 0, 5, 20, 30, 30]],
  ['type="continuous"', [0, 0, 5, 20, 30, 30]],
  ['type="extrapolate"', [-10, 0, 5, 20, 30, 40]],
  ['type="discrete"', [0, 0, 0, 10, 30, 30]],
  ['discrete="true"', [0, 0, 0, 10, 30, 30]],
])("interpolates a graphical function with %s", async (attributes, expected) => {
  const inputs = [-1, 0, 0.5, 2, 3, 4];
  const calls = inputs.map((x, index) =>
    aux(`y${index}`, `${index % 2 ? "Curve(" : "LOOKUP(curve, "}${x})`),
  );
  const table = await tableOf(xmile(graph(attributes) + calls.join("")));
  expect(inputs.map((_, index) => courseOf(table, `y${index}`)[0])).toEqual(expected);
});

test("spreads points over a scale, reads other separators and graphs inside variables", async () => {
  const text = xmile(
    `<aux name="eased"><eqn>TIME</eqn><gf><xscale min="0" max="10"/><ypts sep=";">0;100;</ypts></gf></aux>
     ${aux("again", "LOOKUP(eased, 5)")}`,
  );
  const table = await tableOf(text);
  expect(courseOf(table, "eased").slice(0, 3)).toEqual([0, 10, 20]);
  expect(courseOf(table, "again")[0]).toBe(50);
});

test("takes a vertical piece of a graph as a jump", async () => {
  const jump = '<gf name="jump"><xpts>0,1,1,2</xpts><ypts>0,0,5,5</ypts></gf>';
  expect(await course("jump(TIME / 2)", short, jump)).toEqual([0, 0, 5, 5, 5]);
});

test.each([
  "UNIFORM(2, 4)",
  "RANDOM(2, 4, 7)",
  "NORMAL(3, 1)",
  "LOGNORMAL(3, 1)",
  "EXPRND(3)",
  "POISSON(3)",
])("draws %s reproducibly, with the right mean", async (equation) => {
  const specs = "<start>0</start><stop>20000</stop>";
  const values = await course(equation, specs);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean).toBeGreaterThan(2.9);
  expect(mean).toBeLessThan(3.1);
  expect(new Set(values).size).toBeGreaterThan(5);
  expect(await course(equation, specs)).toEqual(values);
});

test("draws once in a time step, whatever the method", async () => {
  const text = (method: string): string =>
    xmile(
      `${aux("r", "NORMAL(0, 1)")}<stock name="s"><eqn>0</eqn><inflow>r</inflow></stock>`,
      `<sim_specs method="${method}"><start>0</start><stop>5</stop></sim_specs>`,
    );
  const euler = await tableOf(text("euler"));
  const rk4 = await tableOf(text("rk4"));
  expect(courseOf(rk4, "r")).toEqual(courseOf(euler, "r"));
  expect(courseOf(rk4, "s").at(-1)).toBeCloseTo(courseOf(euler, "s").at(-1) ?? 0, 12);
});

test("gives two calls of a random function two streams, unless they share a seed", async () => {
  const table = await tableOf(
    xmile(
      aux("a", "UNIFORM(0,1)") +
        aux("b", "UNIFORM(0,1)") +
        aux("c", "UNIFORM(0,1,5)") +
        aux("d", "UNIFORM(0,1,5)"),
    ),
  );
  expect(courseOf(table, "a")).not.toEqual(courseOf(table, "b"));
  expect(courseOf(table, "c")).toEqual(courseOf(table, "d"));
});

test("finds a loop through a function with memory in its starting values", () => {
  expect(refusalOf(xmile(aux("a", "SMTH1(a, 2)"))).message).toContain("a → a");
});
