import { expect, test } from "vitest";
import type { RunView } from "../../src/console/console-state.ts";
import { describeEvent, describeFailure } from "../../src/console/describe-event.ts";
import { withEvent } from "../../src/console/run-view.ts";
import type { RunEvent, RunEventData } from "../../src/protocol/run-events.ts";
import type { DrivenRun } from "../support/runs.ts";
import { driveRun, key, runId, specOf } from "../support/runs.ts";

/** The lines that the last event of a driven run gives. */
function lastLines(drive: (run: DrivenRun) => unknown): readonly string[] {
  const run = driveRun();
  drive(run);
  let before: RunView | undefined;
  let lines: readonly string[] = [];
  for (const [index, event] of run.events.entries()) {
    const data: RunEventData = { runId, seq: index + 1, event };
    const after = withEvent(before, data);
    if (after === undefined) throw new Error("a driven run begins with its request");
    const told = describeEvent(before, after, data);
    for (const line of told) {
      expect(line).toMatchObject({ at: event.at, source: "run", runId });
    }
    lines = told.map(({ level, text }) => `${level}: ${text}`);
    before = after;
  }
  return lines;
}

const refused: RunEvent = {
  type: "command-refused",
  at: 2000,
  commandId: "c",
  reason: { kind: "rejected", message: "still under way", nextStep: "wait" },
};

test.each<[what: string, drive: (run: DrivenRun) => unknown, lines: readonly string[]]>([
  [
    "a request",
    () => undefined,
    ["info: run of built-in requested", "info: simulation dispatched"],
  ],
  [
    "a success that others have waited for",
    (run) => run.succeed("simulation"),
    ["success: simulation succeeded in 1 ms", "info: qna dispatched", "info: viz dispatched"],
  ],
  [
    "the last success",
    (run) => [run.succeed("simulation"), run.succeed("qna"), run.succeed("viz")],
    ["success: viz succeeded in 1 ms", "success: run succeeded"],
  ],
  [
    "a failure that is tried again",
    (run) => run.fail("simulation"),
    [
      "error: simulation failed: no (tool)",
      expect.stringMatching(/^warning: simulation will be tried again in [\d.]+ s$/),
    ],
  ],
  [
    "the next try",
    (run) => [run.fail("simulation"), run.retryDue("simulation", 1)],
    ["info: simulation dispatched (attempt 2)"],
  ],
  [
    "the last failure",
    (run) => [run.fail("simulation"), run.retryDue("simulation", 1), run.fail("simulation", 2)],
    [
      "error: simulation failed: no (tool)",
      "warning: qna is blocked by simulation",
      "warning: viz is blocked by simulation",
      "error: run failed",
    ],
  ],
  [
    "an attempt that takes too long",
    (run) => run.timeOut("simulation", 1),
    [
      "warning: simulation took too long (attempt 1)",
      expect.stringContaining("simulation will be tried again"),
    ],
  ],
  [
    "a rerun",
    (run) => [run.succeed("simulation"), run.succeed("qna"), run.succeed("viz"), run.rerun("viz")],
    ["info: rerun from viz requested", "info: viz dispatched (attempt 2)"],
  ],
  ["a wish to cancel", (run) => run.cancel(), ["warning: cancel requested"]],
  [
    "a cancelled task that does not stop",
    (run) => [run.cancel(), run.timeOut("simulation", 1)],
    ["warning: simulation did not stop in time (attempt 1)", "error: run cancelled"],
  ],
  [
    "a result that came too late",
    (run) =>
      run.send({
        type: "result-ignored",
        at: 2000,
        taskId: run.state.steps[key("simulation")]?.attempts[0]?.taskId as never,
        reason: "late",
      }),
    ["warning: a late result of R1.simulation.1 was ignored"],
  ],
  [
    "a command that was refused",
    (run) => run.send(refused),
    ["error: refused: still under way (rejected) — wait"],
  ],
])("tells of %s", (_, drive, lines) => {
  expect(lastLines(drive)).toEqual(lines);
});

test("tells of a run that was lost, and what to do", () => {
  const { sessionId } = specOf("");
  const event: RunEvent = { type: "run-lost", at: 1, runId, sessionId, flowName: "ask" };
  const data: RunEventData = { runId, seq: 1, event };
  const after = withEvent(undefined, data);
  if (after === undefined) throw new Error("a lost run is a run");
  expect(describeEvent(undefined, after, data).map(({ text }) => text)).toEqual([
    expect.stringContaining("(bus-data-lost) — start the run again"),
    "run failed",
  ]);
});

test("a failure without advice is told without", () => {
  expect(describeFailure({ kind: "tool", message: "no" })).toBe("no (tool)");
});
