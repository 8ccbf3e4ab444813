import { describe, expect, test } from "vitest";
import { listParameters } from "../../src/engines/xmile/parameters.ts";
import type { SimulationTable } from "../../src/engines/xmile/simulate.ts";
import { courseOf, modelOf, refusalOf, tableOf, xmile } from "../support/xmile-models.ts";

const DIMENSIONS = `<dimensions>
  <dim name="Region"><elem name="North"/><elem name="South Coast"/></dim>
  <dim name="Step" size="3"/>
  <dim name="Coast"><elem name="South Coast"/></dim>
</dimensions>`;

const MATRIX = array("m", "Region, Step", "Region*10 + Step");
const VECTOR = array("v", "Step", "1, 2, 4");

function array(name: string, dimensions: string, equation: string, kind = "aux"): string {
  const dims = dimensions.split(", ").map((dimension) => `<dim name="${dimension}"/>`);
  return `<${kind} name="${name}"><dimensions>${dims.join("")}</dimensions><eqn>${equation}</eqn></${kind}>`;
}

function withDimensions(variables: string): string {
  return xmile(variables, "<start>0</start><stop>2</stop>").replace(
    "<model>",
    `${DIMENSIONS}<model>`,
  );
}

function firstOf(table: SimulationTable, name: string): number {
  return courseOf(table, name)[0] ?? Number.NaN;
}

async function arrayValue(equation: string): Promise<number> {
  const result = `<aux name="result"><eqn>${equation}</eqn></aux>`;
  return firstOf(await tableOf(withDimensions(MATRIX + VECTOR + result)), "result");
}

test.each([
  ["SUM(m)", 102],
  ["SUM(m[North, *])", 36],
  ["SUM(m[*, 2])", 34],
  ["SUM(m[Region, Step])", 102],
  ["SUM(v[1:2])", 3],
  ["SUM(v*v)", 21],
  ["SUM(m*v)", 11 + 24 + 52 + 21 + 44 + 92],
  ["SUM(m[Coast, 1])", 21],
  ["MEAN(v)", 7 / 3],
  ["PROD(v)", 8],
  ["MAX(v)", 4],
  ["MIN(m)", 11],
  ["MAX(v[1], 3)", 3],
  ["SIZE(m)", 6],
  ["SIZE(Step)", 3],
  ["STDDEV(v)", Math.sqrt(14 / 9)],
  ["RANK(m[South_Coast, *], 2)", 2],
  ["RANK(v, 9)", 0],
  ["m[South_Coast, 3]", 23],
  ["m[Region.North, 1 + 1]", 12],
  ["v[9 * v[1]]", 0],
  ["SUM(m[*, 1] * SUM(v))", 32 * 7],
])("computes %s", async (equation, expected) => {
  expect(await arrayValue(equation)).toBeCloseTo(expected, 12);
});

describe("equations for all elements", () => {
  test("take the element in hand of every array they name", async () => {
    const table = await tableOf(
      withDimensions(
        MATRIX +
          VECTOR +
          array("doubled", "Region, Step", "m * 2") +
          array("totals", "Region", "SUM(m[Region, *])") +
          array("turned", "Step, Region", "m'") +
          array("placed", "Step, Region", "m[@2, @1]"),
      ),
    );
    expect(firstOf(table, "doubled[south_coast,2]")).toBe(44);
    expect(firstOf(table, "totals[south_coast]")).toBe(66);
    expect(firstOf(table, "turned[3,north]")).toBe(13);
    expect(firstOf(table, "placed[3,north]")).toBe(13);
    expect(table.columns[1]).toMatchObject({ name: "m[north,2]", label: "m[North,2]" });
  });

  test("give every element of a stock its own flows and memory", async () => {
    const stock = array("s", "Step", "0", "stock").replace(
      "</stock>",
      "<inflow>f</inflow></stock>",
    );
    const table = await tableOf(
      withDimensions(
        VECTOR + stock + array("f", "Step", "v", "flow") + array("d", "Step", "DELAY(s, 1)"),
      ),
    );
    expect(courseOf(table, "s[3]")).toEqual([0, 4, 8]);
    expect(courseOf(table, "d[3]")).toEqual([0, 0, 4]);
  });
});

test("elements have equations and graphical functions of their own", async () => {
  const own = `<aux name="a"><dimensions><dim name="Region"/></dimensions>
    <element subscript="North"><eqn>1</eqn></element>
    <element subscript="south coast"><eqn>a[North] + 1</eqn></element></aux>
    <aux name="g"><dimensions><dim name="Region"/></dimensions>
    <element subscript="North"><gf><xpts>0,1</xpts><ypts>0,10</ypts></gf></element>
    <element subscript="South Coast"><gf><xpts>0,1</xpts><ypts>5,5</ypts></gf></element></aux>
    <aux name="r"><eqn>g[North](0.5) + LOOKUP(g[South_Coast], 0.5) + a[South_Coast]</eqn></aux>`;
  expect(firstOf(await tableOf(withDimensions(own)), "r")).toBe(12);
});

test("parameters of arrays are set one element at a time, or all at once", async () => {
  const text = withDimensions(array("p", "Region", "1") + VECTOR);
  expect(listParameters(modelOf(text)).map(({ name }) => name)).toContain("p[south_coast]");
  const all = await tableOf(text, { parameters: { p: 7 } });
  const one = await tableOf(text, { parameters: { "P[South Coast]": 7 } });
  expect([firstOf(all, "p[north]"), firstOf(all, "p[south_coast]")]).toEqual([7, 7]);
  expect([firstOf(one, "p[north]"), firstOf(one, "p[south_coast]")]).toEqual([1, 7]);
});

test.each([
  ["an unknown dimension", array("a", "Regoin", "1"), "Did you mean region?"],
  ["a missing subscript", `${VECTOR}<aux name="a"><eqn>v</eqn></aux>`, "a single value is needed"],
  ["too many subscripts", `${VECTOR}<aux name="a"><eqn>v[1,2]</eqn></aux>`, "has 1 dimensions"],
  ["a place outside", `${VECTOR}<aux name="a"><eqn>v[4]</eqn></aux>`, "has 3 elements; 4 is none"],
  [
    "a subscript of a scalar",
    '<aux name="a"><eqn>b[1]</eqn></aux><aux name="b"><eqn>1</eqn></aux>',
    "is no array",
  ],
  ["a list too short", array("a", "Step", "1, 2"), "2 equations for the 3 elements"],
  [
    "an element without equation",
    '<aux name="a"><dimensions><dim name="Region"/></dimensions><element subscript="North"><eqn>1</eqn></element></aux>',
    "no equation (variable a[South Coast]",
  ],
  [
    "an unknown element",
    '<aux name="a"><dimensions><dim name="Region"/></dimensions><element subscript="Nort"><eqn>1</eqn></element></aux>',
    "`Nort` is no element of the dimension `Region`. Did you mean north?",
  ],
])("refuses %s", (_, variables, reason) => {
  expect(refusalOf(withDimensions(variables)).message).toContain(reason);
});

test("shows a loop of elements as the cycle it is", () => {
  const loop = `<aux name="a"><dimensions><dim name="Step"/></dimensions>
    <element subscript="1"><eqn>a[2]</eqn></element><element subscript="2"><eqn>a[3]</eqn></element>
    <element subscript="3"><eqn>a[1]</eqn></element></aux>`;
  expect(refusalOf(withDimensions(loop)).message).toContain("a[1] → a[2] → a[3] → a[1]");
});
