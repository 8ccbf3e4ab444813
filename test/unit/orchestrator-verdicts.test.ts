/** How attempts without an answer are closed, and what a late answer then counts for. */
import { describe, expect, test } from "vitest";
import { ignoreReason } from "../../src/orchestrator/reduce.ts";
import { taskIdOf } from "../../src/protocol/ids.ts";
import type { DrivenRun } from "../support/runs.ts";
import { driveRun, FORK_FLOW, key, runId, specOf } from "../support/runs.ts";

function simulated(flow = FORK_FLOW): DrivenRun {
  const run = driveRun(flow);
  run.succeed("simulation");
  return run;
}

function reasonAgainst(run: DrivenRun, step: string, attempt = 1): string | undefined {
  const stepKey = key(step);
  return ignoreReason(run.state, { stepKey, attempt, taskId: taskIdOf(runId, stepKey, attempt) });
}

const lastFailure = (run: DrivenRun, step: string): unknown => {
  const result = run.state.steps[key(step)]?.attempts.at(-1)?.result;
  return result?.status === "failed" ? result.failure : undefined;
};

describe("an answer to a closed attempt", () => {
  test("is a duplicate when the worker had answered, also that it failed", () => {
    const run = simulated();
    run.fail("qna");
    run.succeed("viz");
    expect(reasonAgainst(run, "qna")).toBe("duplicate");
    expect(reasonAgainst(run, "viz")).toBe("duplicate");
  });

  test("is late when time was up", () => {
    const run = simulated();
    run.timeOut("qna", 1);
    expect(reasonAgainst(run, "qna")).toBe("late");
  });

  test("is a duplicate for a fan-out that was joined", () => {
    const foreach = `    foreach: [one]\n`;
    const run = simulated(FORK_FLOW.replace("    agent: qna\n", `    agent: qna\n${foreach}`));
    run.succeed("qna[0]");
    expect(run.statusOf("qna")).toBe("succeeded");
    expect(reasonAgainst(run, "qna")).toBe("duplicate");
  });
});

describe("time that is up", () => {
  test("fails the attempt, and says where to look", () => {
    const run = driveRun();
    run.timeOut("simulation", 1);
    expect(lastFailure(run, "simulation")).toEqual({
      kind: "timeout",
      message: "no result within 300 s",
      nextStep: "look at the simulation worker, or give the step a longer timeout",
    });
  });

  test("cancels an attempt whose worker did not say that it stopped", () => {
    const run = driveRun();
    run.cancel();
    expect(run.timeOut("simulation", 1)).toEqual([]);
    expect(lastFailure(run, "simulation")).toEqual({
      kind: "cancelled",
      message: "the worker did not say that it stopped",
      nextStep: "rerun the step",
    });
    expect(run.state.status).toBe("cancelled");
  });
});

describe("a failed attempt", () => {
  test("is tried again later, not at once", () => {
    const run = driveRun();
    const effects = run.fail("simulation");
    const at = run.events.at(-1)?.at ?? 0;
    expect(effects.map(({ type }) => type)).toEqual(["clear-timer", "set-timer"]);
    const dueAt = effects.flatMap((effect) => (effect.type === "set-timer" ? [effect.dueAt] : []));
    expect(dueAt[0]).toBeGreaterThan(at);
    expect(run.state.steps[key("simulation")]?.progress).toMatchObject({ dueAt: dueAt[0] });
  });

  test("that was the last asks for nothing more", () => {
    expect(
      driveRun()
        .fail("simulation", 1, "bug")
        .map(({ type }) => type),
    ).toEqual(["clear-timer"]);
  });
});

describe("a cancelled run", () => {
  test("needs no timer for what has stopped", () => {
    const run = driveRun();
    run.cancel();
    expect(run.fail("simulation", 1, "cancelled")).toEqual([
      { type: "clear-timer", timer: { kind: "timeout", stepKey: "simulation", attempt: 1 } },
    ]);
  });

  test("asks nobody any more", () => {
    const run = simulated(FORK_FLOW.replace("  qna:\n", "  qna:\n    approval: Ask it?\n"));
    run.succeed("viz");
    run.cancel();
    expect(run.statusOf("qna")).toBe("cancelled");
    expect(run.state.status).toBe("cancelled");
  });
});

test("what changes nothing asks for nothing", () => {
  const run = simulated();
  const taskId = taskIdOf(runId, key("qna"), 9);
  expect(run.send({ type: "run-requested", at: 5, spec: specOf(FORK_FLOW) })).toEqual([]);
  expect(run.send({ type: "result-ignored", at: 5, taskId, reason: "unknown" })).toEqual([]);
  const reason = { kind: "rejected", message: "no" } as const;
  expect(run.send({ type: "command-refused", at: 5, commandId: "c", reason })).toEqual([]);
  expect(run.statuses()).toMatchObject({ qna: "dispatched", viz: "dispatched" });
});
