import { describe, expect, test } from "vitest";
import { diffLines } from "../../src/cli/diff-text.ts";
import {
  compareAttempts,
  compareRuns,
  placeIn,
  regressionsIn,
} from "../../src/console/run-differences.ts";
import { differencesBetween, numberPathsIn } from "../../src/console/value-differences.ts";
import { stepKeySchema } from "../../src/protocol/ids.ts";
import { finished, QNA_OUTPUT, runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

const simulation = stepKeySchema.parse("simulation");

function withPeak(id: string, maximum: number) {
  const variables = SIMULATION_OUTPUT.variables.map((one) =>
    one.name === "infectious" ? { ...one, maximum } : one,
  );
  return runView({
    id,
    spec: { parameters: { parameters: { contact_rate: maximum / 1000 } } },
    told: [
      { step: "simulation", at: 2600, output: { ...SIMULATION_OUTPUT, variables } },
      { step: "qna", at: 4000, output: { ...QNA_OUTPUT, value: maximum } },
    ],
  }).state;
}

describe("differences of values", () => {
  test("name the place, both sides and the relative change", () => {
    expect(differencesBetween({ a: { b: 8, c: "x" } }, { a: { b: 10, c: "x" } })).toEqual([
      { path: "a.b", kind: "value", left: 8, right: 10, change: 0.25 },
    ]);
  });

  test("compare members with names by name, others by place", () => {
    const left = {
      of: [
        { name: "s", v: 1 },
        { name: "i", v: -4 },
      ],
      at: [1, 2],
    };
    const right = {
      of: [
        { name: "i", v: -2 },
        { name: "s", v: 1 },
      ],
      at: [1, 3],
    };
    expect(differencesBetween(left, right).map(({ path, change }) => [path, change])).toEqual([
      ["of[i].v", 0.5],
      ["at[1]", 0.5],
    ]);
  });

  test("have no relative change from nothing, and say where there is nothing", () => {
    expect(differencesBetween({ a: 0, b: 1 }, { a: 5 })).toEqual([
      { path: "a", kind: "value", left: 0, right: 5, change: null },
      { path: "b", kind: "value", left: 1, right: undefined, change: null },
    ]);
  });

  test("take files by their content and long lists as a whole", () => {
    const file = { sha256: "a".repeat(64), mediaType: "text/csv", bytes: 1, name: "a.csv" };
    expect(differencesBetween(file, { ...file, name: "b.csv" })).toEqual([]);
    expect(differencesBetween(file, { ...file, sha256: "b".repeat(64) })).toMatchObject([
      { path: "", kind: "file" },
    ]);
    const long = Array.from({ length: 30 }, (_, index) => index);
    expect(differencesBetween(long, [...long.slice(0, 29), -1, -2])).toEqual([
      { path: "", kind: "list", left: 30, right: 31, change: null, differing: 2 },
    ]);
    expect(numberPathsIn({ long, n: 1, file })).toEqual(["n"]);
  });

  test("are not fooled by names that every object has", () => {
    const left: object = JSON.parse('{"__proto__": 1, "toString": 2}');
    expect(differencesBetween(JSON.parse(JSON.stringify(left)), {})).toHaveLength(2);
  });
});

describe("two runs", () => {
  const [left, right] = [withPeak("run-1", 6000), withPeak("run-2", 6600)];

  test("are compared by parameters and by the last attempts of their steps", () => {
    const compared = compareRuns(left, right);
    expect(compared.sameFlow).toBe(true);
    expect(compared.parameters).toMatchObject([{ path: "parameters.contact_rate", left: 6 }]);
    const [first, qna, viz] = compared.steps;
    expect(first).toMatchObject({ step: "simulation", same: false, durationChange: 0 });
    expect(first?.output.map(({ path }) => path)).toEqual(["variables[infectious].maximum"]);
    expect(qna?.output).toMatchObject([{ path: "value", left: 6000, right: 6600 }]);
    expect(viz).toMatchObject({ left: { status: "under-way", durationMs: null } });
    expect(compareRuns(left, right, simulation).steps).toHaveLength(1);
    expect(compareRuns(left, left).steps.every(({ same }) => same)).toBe(true);
  });

  test("are told side by side; what an input only passes on is told once", () => {
    const lines = diffLines(compareRuns(left, right));
    expect(lines).toContain("    simulation.variables[infectious].maximum  6,000 → 6,600  +10%");
    expect(lines).toContain("    simulation  as the output of simulation");
    expect(lines.filter((line) => line.includes("maximum"))).toHaveLength(1);
  });

  test("regress where a number has moved too far, whichever way", () => {
    const { steps } = compareRuns(left, right);
    const places = (over: number, counts?: (path: string) => boolean): readonly string[] =>
      regressionsIn(steps, over, counts).map(({ path }) => path);
    const peak = "simulation.variables[infectious].maximum";
    expect(places(0.05)).toEqual([peak, "qna.value"]);
    expect(places(0.1)).toEqual([]);
    expect(places(0.05, (path) => path === peak)).toEqual([peak]);
    expect(regressionsIn(compareRuns(right, left).steps, 0.05)).toHaveLength(2);
  });

  test("regress where a step no longer succeeds, also when it is gone", () => {
    const failing = runView({
      id: "run-3",
      told: [{ step: "simulation", at: 1300, failed: "no such model" }],
    }).state;
    const { steps } = compareRuns(finished().state, failing);
    expect(regressionsIn(steps, 1)).toMatchObject([
      { path: "simulation", left: "succeeded", right: "failed" },
      { path: "qna", right: "waiting" },
      { path: "viz", right: "waiting" },
    ]);
    expect(regressionsIn(compareRuns(failing, finished().state).steps, 0)).toEqual([]);
    const lines = diffLines({ sameFlow: false, parameters: [], steps });
    expect(lines[0]).toBe("the flows differ");
    expect(lines).toContain("  no such model");
  });
});

test("two attempts of a step are compared; one that was never made is nothing", () => {
  const { state } = runView({
    id: "run-1",
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      { step: "qna", at: 2600, output: { peak: 5 } },
      { step: "viz", at: 3100, output: {} },
      { rerun: "qna", at: 4000 },
      { step: "qna", attempt: 2, at: 6000, output: { peak: 6 } },
    ],
  });
  const qna = stepKeySchema.parse("qna");
  const step = state.steps[qna];
  if (step === undefined) throw new Error("the run has no qna");
  expect(compareAttempts(qna, step, [1, 2])).toMatchObject({
    left: { attempt: 1 },
    right: { attempt: 2 },
    output: [{ path: "peak", left: 5, right: 6, change: 0.2 }],
  });
  expect(compareAttempts(qna, step, [2, 3])).toMatchObject({ right: null, same: false });
});

test("a place is written after its step", () => {
  expect(["value", "[0].value", ""].map((path) => placeIn(simulation, path))).toEqual([
    "simulation.value",
    "simulation[0].value",
    "simulation",
  ]);
});
