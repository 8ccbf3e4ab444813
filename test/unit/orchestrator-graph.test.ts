import { expect, test } from "vitest";
import { ancestorsOf, descendantsOf, findCycle, stagesOf } from "../../src/orchestrator/graph.ts";
import { stepIdSchema } from "../../src/protocol/ids.ts";

const id = (text: string) => stepIdSchema.parse(text);
const graph = (needs: Record<string, readonly string[]>) =>
  Object.entries(needs).map(([name, of]) => ({ id: id(name), needs: of.map(id) }));

const diamond = graph({ d: ["b", "c"], a: [], b: ["a"], c: ["a"], alone: [] });

test("knows what comes before and after a step, near and far", () => {
  expect([...ancestorsOf(diamond, id("d"))].sort()).toEqual(["a", "b", "c"]);
  expect([...descendantsOf(diamond, id("a"))].sort()).toEqual(["b", "c", "d"]);
  expect([...descendantsOf(diamond, id("alone"))]).toEqual([]);
  expect([...ancestorsOf(diamond, id("nowhere"))]).toEqual([]);
});

test("lays steps out in stages by their longest way from the start", () => {
  const names = stagesOf(diamond).map((stage) => stage.map((step) => step.id));
  expect(names).toEqual([["a", "alone"], ["b", "c"], ["d"]]);
  expect(stagesOf([])).toEqual([]);
});

test.each<[needs: Record<string, readonly string[]>, cycle: readonly string[] | undefined]>([
  [{ a: [], b: ["a"] }, undefined],
  [{ a: ["gone"], b: ["a"], c: ["a", "b"] }, undefined],
  [{ a: ["a"] }, ["a", "a"]],
  [{ a: ["b"], b: ["a"] }, ["a", "b", "a"]],
  [{ s: ["a"], a: ["b", "s"], b: ["a"] }, ["s", "a", "s"]],
  [{ x: ["s"], s: ["a", "c"], a: ["b"], b: ["a", "c"], c: ["gone", "s"] }, ["s", "c", "s"]],
])("finds in %j the circle %j", (needs, cycle) => {
  expect(findCycle(graph(needs))).toEqual(cycle);
});
