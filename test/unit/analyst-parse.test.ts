import { describe, expect, test } from "vitest";
import { parseQuestion } from "../../src/engines/analyst/parse-question.ts";
import type { AnalystTable, Subject } from "../../src/engines/analyst/table.ts";
import { tableOf } from "../../src/engines/analyst/table.ts";
import { tokenize } from "../../src/engines/analyst/tokenize.ts";
import { epidemicOutput, epidemicParquet, stepEpidemic } from "../qna-bank/epidemic.ts";

const stock = (name: string, unit: string | null = null): Subject => ({
  name,
  label: name.replaceAll("_", " "),
  kind: "stock",
  unit,
  constant: null,
});
const tableWith = (subjects: readonly Subject[], timeUnit = "day"): AnalystTable => ({
  timeUnit,
  startTime: 0,
  stopTime: 100,
  subjects,
  highlights: [],
});
const parse = (question: string, table: AnalystTable) => parseQuestion(question, table);
const reasonOf = (question: string, table: AnalystTable) => {
  const parsed = parse(question, table);
  return parsed.status === "abstained" ? parsed.reason : "understood";
};

describe("names", () => {
  test("prefers the longest name, and the exact one to a plural", () => {
    const table = tableWith([stock("infected"), stock("infected_cattle"), stock("infecteds")]);
    expect(parse("peak of infected cattle", table)).toMatchObject({
      intent: { variable: { name: "infected_cattle" } },
    });
    expect(parse("peak of infecteds", table)).toMatchObject({
      intent: { variable: { name: "infecteds" } },
    });
  });

  test("does not choose between names that fit equally well", () => {
    const table = tableWith([stock("total_wolves"), stock("current_wolves")]);
    expect(reasonOf("What is the peak of wolves?", table)).toBe(
      "“wolves” could mean “total wolves” or “current wolves”.",
    );
  });

  test("takes infected for infectious only where nothing else could be meant", () => {
    const sir = tableWith([stock("susceptible"), stock("infectious")]);
    const seir = tableWith([...sir.subjects, stock("exposed")]);
    expect(parse("peak of infected", sir).status).toBe("understood");
    expect(reasonOf("peak of infected", seir)).toContain("infected");
  });

  test.each(["infectous", "infectuous", "infetcious", "infectiouss"])("forgives %s", (typed) => {
    expect(parse(`peak of ${typed}`, tableWith([stock("infectious")])).status).toBe("understood");
  });

  test.each([
    ["infections", "infectious"],
    ["infection", "infectious"],
    ["recovering", "recovered"],
    ["recover", "recovered"],
    ["recoveries", "recovered"],
    ["births", "berths"],
    ["cat", "cats_eyes"],
    ["rain", "train"],
  ])("does not take %s for %s", (typed, name) => {
    expect(parse(`peak of ${typed}`, tableWith([stock(name)])).status).toBe("abstained");
  });

  test("takes one-letter names in their own case only", () => {
    const table = tableWith([stock("S"), stock("I"), stock("A")]);
    expect(parse("What is the peak of I?", table)).toMatchObject({
      intent: { variable: { name: "I" } },
    });
    expect(parse("What is a peak of S?", table)).toMatchObject({
      intent: { variable: { name: "S" } },
    });
    expect(parse("What is the peak of s?", table).status).toBe("abstained");
  });

  test("lets a name win over a word it is spelled like", () => {
    const table = tableWith([stock("peak_demand"), stock("average_wage")]);
    expect(parse("What is the average of peak demand?", table)).toMatchObject({
      intent: { type: "aggregate", kind: "mean", variable: { name: "peak_demand" } },
    });
  });

  test("reads camel case and underscores alike", () => {
    const table = tableWith([stock("waterLevel")]);
    expect(parse("peak of water level", table).status).toBe("understood");
    expect(parse("peak of water_level", table).status).toBe("understood");
  });

  test("accepts people only beside what counts people", () => {
    const table = tableWith([stock("wolves", "wolves"), stock("hunters", "people")]);
    expect(parse("How many people are hunters at day 3?", table).status).toBe("understood");
    expect(reasonOf("How many people are wolves at day 3?", table)).toContain("not a number");
  });
});

describe("times", () => {
  const table = tableWith([stock("wolves")], "Months");
  test.each([
    ["wolves at month 12", 12],
    ["wolves at time 12", 12],
    ["wolves at t=12", 12],
    ["wolves after 12 months", 12],
    ["wolves at 12 months", 12],
    ["wolves at the end of the run", 100],
    ["wolves at the very beginning", 0],
  ])("%s", (question, at) => {
    expect(parse(question, table)).toMatchObject({ intent: { type: "value-at", point: { at } } });
  });

  test.each([
    ["mean of wolves between month 10 and 20", 10, 20],
    ["mean of wolves from 10 to 20 months", 10, 20],
    ["mean of wolves months 10-20", 10, 20],
    ["mean of wolves from the start to month 20", 0, 20],
    ["mean of wolves between month 20 and the end", 20, 100],
    ["mean of wolves in the first 5 months", 0, 5],
    ["mean of wolves over the last 5 months", 95, 100],
    ["mean of wolves until month 5", 0, 5],
    ["mean of wolves since month 5", 5, 100],
    ["mean of wolves over time", 0, 100],
  ])("%s", (question, from, to) => {
    expect(parse(question, table)).toMatchObject({ intent: { window: { from, to } } });
  });

  test("counts what has passed from the start of the run", () => {
    const late = { ...table, startTime: 50 };
    expect(parse("wolves after 12 months", late)).toMatchObject({ intent: { point: { at: 62 } } });
    expect(parse("wolves at month 62", late)).toMatchObject({ intent: { point: { at: 62 } } });
  });

  test("does not take two bare numbers for times", () => {
    expect(parse("mean of wolves between 10 and 20", table).status).toBe("abstained");
    expect(reasonOf("wolves 10 months before the end", table)).toContain("which time");
  });

  test("does not convert a unit the run does not count in", () => {
    expect(reasonOf("wolves at day 12", table)).toBe(
      "This run counts time in “Months”; say “at month 10”, for instance.",
    );
    expect(reasonOf("wolves at day 12", tableWith([stock("wolves")], "Time"))).toContain(
      "“at time 10”",
    );
  });

  test("refuses times the run does not cover and periods that run backwards", () => {
    expect(reasonOf("wolves at month 101", table)).toBe("The run covers time 0 to 100.");
    expect(reasonOf("mean of wolves since month -1", table)).toBe("The run covers time 0 to 100.");
    expect(reasonOf("mean of wolves between month 9 and month 8", table)).toContain("before");
  });
});

describe("tokens", () => {
  const numbers = (text: string) =>
    tokenize(text).flatMap((token) => (token.type === "number" ? [token] : []));
  test.each([
    ["1,000", 1000, false],
    ["-2.5", -2.5, false],
    ["1e3", 1000, false],
    ["5 thousand", 5000, false],
    ["2.5 million", 2_500_000, false],
    ["10%", 10, true],
    ["10 percent", 10, true],
    ["half", 50, true],
    ["ten", 10, false],
  ])("%s", (text, value, percent) => {
    expect(numbers(text)).toEqual([{ type: "number", value, percent }]);
  });

  test("leaves what is glued to letters alone", () => {
    expect(numbers("10k")).toEqual([]);
    expect(numbers("0x10")).toEqual([]);
  });
});

test("describes a simulation's variables and parameters once each", () => {
  const epidemic = stepEpidemic();
  const output = epidemicOutput(epidemic, epidemicParquet(epidemic));
  const table = tableOf({ ...output, parameters: { ...output.parameters, infectious: 1 } });
  const names = table.subjects.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(table.subjects.find(({ name }) => name === "total_population")?.constant).toBe(1000);
  expect(table.subjects.find(({ name }) => name === "duration")?.kind).toBe("parameter");
});
