import { expect, test } from "vitest";
import { outstandingEffects } from "../../src/orchestrator/outstanding.ts";
import { driveRun } from "../support/runs.ts";

function outstandingOf(run: ReturnType<typeof driveRun>): readonly string[] {
  return outstandingEffects(run.events).map((one) =>
    one.type === "dispatch-task"
      ? `task ${one.taskId}`
      : `${one.timer.kind} ${one.timer.stepKey} ${one.timer.attempt}`,
  );
}

test("a run that has just begun awaits its first task, with its deadline", () => {
  expect(outstandingOf(driveRun())).toEqual(["task R1.simulation.1", "timeout simulation 1"]);
});

test("what was answered is no longer outstanding, and what follows from it is", () => {
  const run = driveRun();
  run.succeed("simulation");
  run.succeed("viz");
  expect(outstandingOf(run)).toEqual(["task R1.qna.1", "timeout qna 1"]);
});

test("a failed attempt leaves the timer of its retry", () => {
  const run = driveRun();
  run.fail("simulation");
  expect(outstandingOf(run)).toEqual(["retry simulation 1"]);
});

test("a task that is being cancelled is not sent again", () => {
  const run = driveRun();
  run.cancel();
  expect(outstandingOf(run).filter((one) => one.startsWith("task"))).toEqual([]);
});

test("a log without its beginning leaves nothing to do", () => {
  expect(outstandingEffects(driveRun().events.slice(1))).toEqual([]);
  const run = driveRun();
  run.cancel();
  expect(outstandingEffects(run.events.slice(1))).toEqual([]);
});
