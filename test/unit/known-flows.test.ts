import { expect, test } from "vitest";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";
import { parseKnownFlow } from "../../src/orchestrator/known-flows.ts";

const flowText = (name: string): string =>
  `name: ${name}\nsteps:\n  simulation: { agent: simulation, input: { model: sir } }\n`;

test("answers the same as parsing, for good and for bad flows", () => {
  for (const text of [flowText("good"), "name: 7", flowText("good"), "name: 7"]) {
    expect(parseKnownFlow(text)).toEqual(parseFlow(text));
  }
});

test("parses a text once", () => {
  expect(parseKnownFlow(flowText("once"))).toBe(parseKnownFlow(flowText("once")));
});

test("remembers a few flows and not all there ever were", () => {
  const first = parseKnownFlow(flowText("first"));
  for (let number = 0; number < 20; number += 1) parseKnownFlow(flowText(`flow-${number}`));
  expect(parseKnownFlow(flowText("first"))).not.toBe(first);
  expect(parseKnownFlow(flowText("first"))).toEqual(first);
});
