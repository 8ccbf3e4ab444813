import { expect, test } from "vitest";
import { listParameters } from "../../src/engines/xmile/parameters.ts";
import { aux, courseOf, modelOf, refusalOf, tableOf, xmile } from "../support/xmile-models.ts";

test("reads title, times, method, units and documentation", () => {
  const model = modelOf(
    `<?xml version="1.0"?><xmile><header><name>Trial</name></header>
     <sim_specs method="rk45, RK4" time_units="Years"><start>1</start><stop>9</stop>
     <dt reciprocal="true">4</dt></sim_specs><model><variables>
     <aux name="Some rate"><eqn>2</eqn><units>1/year</units><doc>How\n  fast.</doc></aux>
     </variables></model></xmile>`,
  );
  expect(model.title).toBe("Trial");
  expect(model.timeUnit).toBe("Years");
  expect(model.specs).toEqual({ startTime: 1, stopTime: 9, timeStep: 0.25, method: "rk4" });
  expect(listParameters(model)).toEqual([
    { name: "some_rate", label: "Some rate", value: 2, unit: "1/year", doc: "How fast." },
  ]);
});

test("steps by one with Euler's method unless the file says otherwise", () => {
  expect(modelOf(xmile(aux("a", "1"))).specs).toMatchObject({ timeStep: 1, method: "euler" });
});

test("lists what depends on nothing as parameters", () => {
  const model = modelOf(
    xmile(
      aux("a", "1") +
        aux("b", "-2*PI") +
        aux("c", "a + 1") +
        aux("d", "TIME") +
        aux("e", "SQRT(9)"),
    ),
  );
  expect(listParameters(model).map(({ name }) => name)).toEqual(["a", "b", "e"]);
});

test("shows first what the file plots, else its stocks", () => {
  const stocks = '<stock name="s"><eqn>1</eqn></stock><stock name="t"><eqn>1</eqn></stock>';
  const text = xmile(stocks + aux("a", "1"));
  const plotted = text.replace(
    "</model>",
    '<views><view><graph><plot><entity name="A"/></plot><plot><entity name="gone"/></plot></graph></view></views></model>',
  );
  expect(modelOf(text).highlights).toEqual(["s", "t"]);
  expect(modelOf(plotted).highlights).toEqual(["a"]);
  expect(modelOf(xmile(aux("a", "1"))).highlights).toEqual(["a"]);
});

test.each([
  [
    "a loop of equations",
    aux("A a", "b") + aux("b", "c + 1") + aux("c", "A_a"),
    "A a → b → c → A a",
  ],
  ["an equation that uses itself", aux("a", "a + 1"), "a → a"],
  ["a loop of initial values", `<stock name="s"><eqn>a</eqn></stock>${aux("a", "s")}`, "s → a → s"],
  [
    "a variable defined twice",
    `${aux("Some name", "1")}\n${aux("some_NAME", "2")}`,
    "defined twice, first on line 2",
  ],
  ["a variable without a name", "<aux><eqn>1</eqn></aux>", "no name"],
  ["a variable without an equation", '<aux name="a"/>', "no equation"],
  ["two equations", '<aux name="a"><eqn>1</eqn><eqn>2</eqn></aux>', "second equation"],
  ["a variable named time", aux("Time", "1"), "taken"],
  [
    "a flow that is not defined",
    '<stock name="s"><eqn>1</eqn><inflow>births</inflow></stock>',
    "births",
  ],
  ["a stock used as a flow", '<stock name="s"><eqn>1</eqn><inflow>s</inflow></stock>', "as a flow"],
  ["no variables", "", "no variables"],
  ["points in disorder", '<gf name="g"><xpts>0,2,1</xpts><ypts>0,1,2</ypts></gf>', "ascending"],
  [
    "points that do not match",
    '<gf name="g"><xpts>0,2</xpts><ypts>0,1,2</ypts></gf>',
    "2 x points and 3 y points",
  ],
  ["points that are no numbers", '<gf name="g"><xpts>0,x</xpts><ypts>0,1</ypts></gf>', "`x`"],
  ["a graph without a scale", '<gf name="g"><ypts>0,1</ypts></gf>', "neither"],
  ["a graph without points", '<gf name="g"><xpts>0,1</xpts></gf>', "no <ypts>"],
  [
    "an unknown kind of graph",
    '<gf name="g" type="spline"><xpts>0</xpts><ypts>0</ypts></gf>',
    "spline",
  ],
  [
    "a graph used as a value",
    `<gf name="g"><xpts>0</xpts><ypts>0</ypts></gf>${aux("a", "g")}`,
    "needs an argument",
  ],
  ["a variable called", aux("a", "b(1)") + aux("b", "1"), "cannot be called"],
])("refuses %s", (_, variables, reason) => {
  const problem = refusalOf(xmile(variables));
  expect(problem.code).toBe("invalid-model");
  expect(problem.message).toContain(reason);
});

test.each([
  ["conveyors", '<stock name="a"><eqn>1</eqn><conveyor/></stock>', "Conveyors"],
  ["queues", '<stock name="a"><eqn>1</eqn><queue/></stock>', "Queues"],
])("says that %s are not supported, and where", (_, variables, reason) => {
  const problem = refusalOf(xmile(variables));
  expect(problem.code).toBe("not-supported");
  expect(problem.message).toMatch(
    new RegExp(`${reason} are not supported.*\\(variable [am], line 2\\)`),
  );
});

test.each([
  ["what is not XML", "not a model", 1],
  ["an unclosed element", "<xmile>\n<model>\n</xmile>", 3],
  ["another language", "<html/>", 1],
  ["an undefined entity", "<xmile>&bomb;</xmile>", 1],
])("refuses %s with the line", (_, text, line) => {
  expect(refusalOf(text)).toMatchObject({ code: "malformed", line });
});

test.each([
  ["no sim_specs", "<sim_specs/>", "<start>"],
  ["a stop before the start", "<start>1</start><stop>0</stop>", "before it starts"],
  ["a time step of zero", "<start>0</start><stop>1</stop><dt>0</dt>", "not positive"],
  ["a time step that is no number", "<start>0</start><stop>1</stop><dt>fast</dt>", "`fast`"],
  [
    "an unknown method",
    '<sim_specs method="guess"><start>0</start><stop>1</stop></sim_specs>',
    "guess",
  ],
])("refuses settings with %s", (_, specs, reason) => {
  expect(refusalOf(xmile(aux("a", "1"), specs)).message).toContain(reason);
});

test("refuses text that is too large or nested too deeply without running out of stack", () => {
  expect(refusalOf(`<xmile>${" ".repeat(2_000_001)}`).code).toBe("too-large");
  const deep = 20_000;
  expect(refusalOf(`${"<a>".repeat(deep)}${"</a>".repeat(deep)}`).message).toContain("too deeply");
  const levels = 100;
  const nested = `${"<a>".repeat(levels)}${"</a>".repeat(levels)}`;
  expect(refusalOf(`<xmile>${nested}</xmile>`).message).toContain("too deeply");
  const many = Array.from({ length: 20_001 }, (_, index) => aux(`a${index}`, "1")).join("");
  expect(refusalOf(xmile(many)).code).toBe("too-large");
});

test("orders a long chain of equations", async () => {
  const links = Array.from({ length: 3000 }, (_, index) => aux(`a${index}`, `a${index + 1} + 1`));
  const table = await tableOf(xmile(links.join("") + aux("a3000", "0")));
  expect(courseOf(table, "a0").at(-1)).toBe(3000);
});

test("keeps line numbers right after characters outside the basic plane and CR line ends", () => {
  const text = xmile(`<!-- 🦠🦠 ü -->\r${aux("ä 🦠", "1")}\r\n${aux("b", "1 +")}`);
  expect(refusalOf(text).line).toBe(4);
});
