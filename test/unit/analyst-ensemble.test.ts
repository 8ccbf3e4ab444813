import { expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { EnsembleSummary } from "../../src/engines/analyst/ensemble/answer.ts";
import {
  answerAboutEnsemble,
  suggestOfEnsemble,
} from "../../src/engines/analyst/ensemble/answer.ts";
import type { AnalystTable, Subject } from "../../src/engines/analyst/table.ts";

const variable = (name: string): Subject => ({
  ...{ name, label: name, kind: "stock", unit: "people", constant: null },
});
const table: AnalystTable = {
  timeUnit: "Days",
  startTime: 0,
  stopTime: 180,
  subjects: ["susceptible", "infectious"].map(variable),
  highlights: ["infectious"],
};
const spread = { mean: 2300, q05: 1100, q25: 1800, q50: 2400, q75: 2900, q95: 3400 };
const ensemble: EnsembleSummary = {
  runs: 500,
  runsDone: 500,
  seed: 1,
  sampling: "monte-carlo",
  parameters: ["contact_rate", "infectious_period"].map((name) => ({
    ...{ name, distribution: "uniform(1, 2)" },
  })),
  spreads: [
    { variable: "infectious", measure: "peak", ...spread },
    { variable: "infectious", measure: "final", ...spread, q50: 0.25 },
  ],
  correlations: [
    { parameter: "contact_rate", variable: "infectious", measure: "final", rho: -0.96 },
    { parameter: "contact_rate", variable: "infectious", measure: "peak", rho: 0.82 },
    { parameter: "infectious_period", variable: "infectious", measure: "peak", rho: 0.65 },
    { parameter: "infectious_period", variable: "infectious", measure: "final", rho: 0.05 },
  ],
};

/** The row of bands at day 20. */
const ROW = { at_time: 20, q05: 1, q25: 2, q50: 3, q75: 4, q95: 5, mean: 3.5 };

async function ask(question: string, of = ensemble) {
  const asked: string[] = [];
  const answer = await answerAboutEnsemble(question, { ensemble: of, table }, async (sql) => {
    asked.push(sql);
    return ok(ROW);
  });
  if (answer !== undefined && !answer.ok) throw new Error("The query failed.");
  return { answer: answer?.value, asked };
}

test.for<[string, number | null, string]>([
  ["Which parameter matters most for infectious at its peak?", 0.82, "“contact_rate” matters most"],
  ["What drives the final value of infectious most?", -0.96, "“infectious_period” 0.05"],
  ["Which parameter matters most?", 0.89, "for the main variables: “contact_rate” 0.89"],
  [
    "How strongly does infectious period affect the peak of infectious?",
    0.65,
    "correlation of 0.65",
  ],
  ["What is the 95th percentile of infectious at its peak?", 3400, "3,400 people"],
  ["the 0.25 quantile of infectious at the end", 1800, "The 25th percentile"],
  ["What is the median peak of infectious?", 2400, "The median of “infectious” at its peak"],
  ["median of infectious at the end", 0.25, "0.25 people"],
  ["mean of infectious at its peak over all runs", 2300, "The mean over the runs"],
  ["median of infectious at day 20", 3, "“infectious” at day 20 is 3 people"],
  ["What is the 90% range of infectious at its peak?", null, "between 1,100 and 3,400 people"],
  [
    "Between which values does infectious lie in 50% of the runs at t = 20?",
    null,
    "2 and 4 people",
  ],
  ["How many runs are there?", 500, "500 runs of 500"],
])("%s", async ([question, value, words]) => {
  const { answer } = await ask(question);
  expect(answer).toMatchObject({ status: "answered" });
  if (answer?.status !== "answered") return;
  if (value === null) expect(answer.value).toBeNull();
  else expect(answer.value).toBeCloseTo(value, 10);
  expect(answer.answer).toContain(words);
});

test.for<[string, string]>([
  ["What is the 99th percentile of infectious at the end?", "holds the percentiles 5, 25, 50, 75"],
  ["What is the 80% range of infectious at the end?", "90 % and of 50 %"],
  ["What is the median of infectious?", "Say when: “at its peak”, “at the end”, or “at day 90”."],
  ["What is the median at the end?", "Name a variable: “infectious”."],
  ["median of infectious at day 500", "go from 0 to 180 only"],
])("%s is not answered, and says why", async ([question, reason]) => {
  const { answer, asked } = await ask(question);
  expect(answer).toMatchObject({ status: "abstained" });
  expect(answer?.answer).toContain(reason);
  expect(asked).toEqual([]);
});

test.for([
  "What is the peak of infectious?",
  "What is the average of infectious?",
  "Why does contact rate matter most?",
  "Should contact rate be the most important?",
  "What is infectious at day 20?",
  "median of infectious at its peak and at the end",
  "Which parameter matters most for deaths?",
])("%s is no question about the ensemble", async (question) => {
  expect((await ask(question)).answer).toBeUndefined();
});

test("when chance alone could give the correlations, nothing is said to matter", async () => {
  const weak = ensemble.correlations.map((one) => ({ ...one, rho: one.rho / 100 }));
  const { answer } = await ask("Which parameter matters most?", {
    ...ensemble,
    correlations: weak,
  });
  expect(answer?.answer).toContain("No parameter clearly matters");
});

test("every suggestion is answered", async () => {
  const suggestions = suggestOfEnsemble(ensemble, table);
  expect(suggestions.length).toBe(3);
  for (const one of suggestions) expect((await ask(one)).answer?.status).toBe("answered");
});
