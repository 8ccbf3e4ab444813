import { expect, test } from "vitest";
import { isPlayed, unplayedAgents } from "../../src/console/unplayed-agents.ts";
import { worker } from "../support/mount-screen.ts";
import { driveRun } from "../support/runs.ts";

const crew = (...names: readonly string[]) => names.map((name) => worker(`${name}:0`));

/** The run's simulation is dispatched at 1000. */
const run = () => driveRun().state;

test.each([
  ["nobody at all", [], ["orchestrator", "simulation"]],
  ["an orchestrator alone", crew("orchestrator"), ["simulation"]],
  ["agents that nothing waits for", crew("orchestrator", "viz"), ["simulation"]],
  ["those that are needed", crew("orchestrator", "simulation"), []],
])("misses who a run waits for: %s", (_, workers, missed) => {
  expect(unplayedAgents({ since: 1000, state: run() }, { workers, now: 4000 })).toEqual(missed);
});

test("misses nobody before a worker could have been heard of", () => {
  expect(unplayedAgents({ since: 1000, state: run() }, { workers: [], now: 3999 })).toEqual([]);
});

test("misses the orchestrator of a run of which nothing was heard", () => {
  const awaited = { since: 1000, state: undefined };
  expect(unplayedAgents(awaited, { workers: [], now: 4000 })).toEqual(["orchestrator"]);
});

test("misses nobody once the run has ended", () => {
  const driven = driveRun();
  for (const step of ["simulation", "qna", "viz"]) driven.succeed(step);
  const awaited = { since: 1000, state: driven.state };
  expect(unplayedAgents(awaited, { workers: [], now: 9000 })).toEqual([]);
});

test.each([
  ["starting", true],
  ["restarting", true],
  ["busy", true],
  ["lost", false],
  ["stopped", false],
  ["given-up", false],
] as const)("a worker that is %s plays its agent: %s", (status, played) => {
  expect(isPlayed("qna", [worker("qna:0", { status })])).toBe(played);
});
