import { expect, test } from "vitest";
import { constantsOf } from "../../src/orchestrator/constants-of.ts";
import { flowOf, flowText } from "../support/run-history.ts";

const lookUp = (path: string): string => `$\{{ ${path} }}`;

test("the numbers of a simulation belong to the model it names", () => {
  const flow = flowOf(flowText("simulation-qna-viz"));

  expect([...constantsOf(flow)]).toEqual([["parameters", "model"]]);
});

test("two simulations of one model have their numbers each", () => {
  const flow = flowOf(flowText("compare"));

  expect([...constantsOf(flow)]).toEqual([
    ["parameters", "model"],
    ["other", "model"],
  ]);
});

test.each([
  ["the model is written out", "sir", lookUp("params.numbers")],
  [
    "the numbers are made of several",
    lookUp("params.model"),
    { contact_rate: lookUp("params.rate") },
  ],
  ["the numbers are part of a text", lookUp("params.model"), `with ${lookUp("params.numbers")}`],
  ["they come from a step", lookUp("params.model"), lookUp("steps.before.output")],
])("nothing is said where %s", (_, model, parameters) => {
  const [step] = flowOf(flowText("simulation-qna-viz")).steps;
  if (step === undefined) throw new Error("the flow has no steps");

  expect([...constantsOf({ steps: [{ ...step, input: { model, parameters } }] })]).toEqual([]);
});

test("the numbers of another agent are nobody's constants", () => {
  const { steps } = flowOf(flowText("simulation-qna-viz"));
  const others = steps.map((step) => ({ ...step, agent: "viz" as const }));

  expect([...constantsOf({ steps: others })]).toEqual([]);
});
