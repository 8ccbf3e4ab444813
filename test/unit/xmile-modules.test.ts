import { describe, expect, test } from "vitest";
import { aux, courseOf, modelOf, refusalOf, tableOf, xmile } from "../support/xmile-models.ts";

function withModule(main: string, inside: string, more = ""): string {
  return xmile(main, "<start>0</start><stop>3</stop>").replace(
    "</model></xmile>",
    `</model><model name="Herd"><variables>${inside}</variables></model>${more}</xmile>`,
  );
}

const HERD = `<stock name="size"><eqn>100</eqn><inflow>births</inflow></stock>
  <flow name="births"><eqn>size * rate</eqn></flow><aux name="rate" access="input"><eqn>{connected}</eqn></aux>`;

describe("modules", () => {
  test("take their inputs from where they are connected, and show what they hold", async () => {
    const connect = '<module name="Herd"><connect to="Herd.rate" from="growth rate"/></module>';
    const text = withModule(
      `${connect}${aux("growth rate", "0.1")}${aux("seen", "Herd.size / 2")}`,
      HERD,
    );
    const table = await tableOf(text);
    expect(courseOf(table, "herd.size")[1]).toBeCloseTo(110, 12);
    expect(courseOf(table, "seen")[1]).toBeCloseTo(55, 12);
    expect(modelOf(text).variables.map(({ label }) => label)).toContain("Herd.size");
  });

  test("may be connected where they give, also to a variable outside", async () => {
    const text = withModule(
      `<module name="Herd"><connect to="Herd.rate" from=".growth rate"/><connect to=".seen" from="Herd.size"/>
       <connect to="Twin.level" from="Herd.size"/></module><module name="Twin"/>
       ${aux("growth rate", "0.5")}${aux("seen", "0")}`,
      HERD,
      `<model name="Twin"><variables>${aux("level", "0")}</variables></model>`,
    );
    const table = await tableOf(text);
    expect(courseOf(table, "seen").slice(0, 2)).toEqual([100, 150]);
    expect(courseOf(table, "twin.level").slice(0, 2)).toEqual([100, 150]);
  });

  test.each([
    ["a module without a model", '<module name="Flock"/>', "no <model> named `Flock`"],
    [
      "a connection from nowhere",
      '<module name="Herd"><connect to="rate" from="x"/></module>',
      "connected to `x`",
    ],
    [
      "a connection to nowhere",
      '<module name="Herd"><connect to="y" from="a"/></module>',
      "`herd.y`, which is not defined",
    ],
    ["a file of its own", '<module name="Herd" resource="r.xmile"/>', "in files of their own"],
    ["an input nobody connects", '<module name="Herd"/>', "no equation (variable Herd.rate"],
    [
      "a name of another model",
      `<module name="Herd"><connect to="rate" from="size"/></module>${aux("size", "rate")}`,
      "`rate` is not defined",
    ],
  ])("refuses %s", (_, module, reason) => {
    expect(refusalOf(withModule(module + aux("a", "1"), HERD)).message).toContain(reason);
  });

  test("refuses a module that holds itself", () => {
    const text = withModule('<module name="Herd"/>', `<module name="Herd"/>${aux("a", "1")}`);
    expect(refusalOf(text).message).toContain("a module holds itself");
  });
});

function withMacros(variables: string, macros: string): string {
  const text = xmile(variables, "<start>0</start><stop>2</stop>");
  return text.replace("<model>", `${macros}<model>`);
}

const GROWTH = `<macro name="Compound growth" namespace="own"><parm>rate</parm><parm default="100">start</parm>
  <eqn>level</eqn><variables><stock name="level"><eqn>start</eqn><inflow>in</inflow></stock>
  <flow name="in"><eqn>level * rate</eqn></flow></variables></macro>`;

describe("macros", () => {
  test("with stocks have new ones for every call", async () => {
    const text = withMacros(
      aux("a", "Compound_Growth(0.1)") + aux("b", "own.compound_growth(a * 0, 5) + a"),
      GROWTH,
    );
    const table = await tableOf(text);
    expect(courseOf(table, "a").map(Math.round)).toEqual([100, 110, 121]);
    expect(courseOf(table, "b").map(Math.round)).toEqual([105, 115, 126]);
    expect(table.columns.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("may call other macros, and functions with memory", async () => {
    const macros = `<macro name="twice"><parm>x</parm><eqn>2 * x</eqn></macro>
      <macro name="late twice"><parm>x</parm><eqn>twice(DELAY(x, 1))</eqn></macro>`;
    const table = await tableOf(withMacros(aux("a", "late_twice(TIME + 1)"), macros));
    expect(courseOf(table, "a")).toEqual([2, 2, 4]);
  });

  test.each([
    ["too many arguments", GROWTH, "Compound_growth(1, 2, 3)", "takes 2 arguments, not 3"],
    [
      "a macro that calls itself",
      "<macro name='r'><parm>x</parm><eqn>r(x)</eqn></macro>",
      "r(1)",
      "calls itself",
    ],
    ["a macro without equation", "<macro name='r'><parm>x</parm></macro>", "1", "has no <eqn>"],
    [
      "an unknown name inside",
      "<macro name='r'><parm>x</parm><eqn>y</eqn></macro>",
      "r(1)",
      "is not defined",
    ],
  ])("refuses %s", (_, macros, equation, reason) => {
    expect(refusalOf(withMacros(aux("a", equation), macros)).message).toContain(reason);
  });
});

test("SELF is the variable's own value, one step ago", async () => {
  const table = await tableOf(
    xmile(aux("count", "PREVIOUS(SELF, 0) + 1"), "<start>0</start><stop>2</stop>"),
  );
  expect(courseOf(table, "count")).toEqual([1, 2, 3]);
});
