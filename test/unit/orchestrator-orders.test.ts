import { describe, expect, test } from "vitest";
import type { Order } from "../../src/orchestrator/orders.ts";
import { refusalOf } from "../../src/orchestrator/orders.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import type { RunEvent, Verdict } from "../../src/protocol/run-events.ts";
import type { DrivenRun } from "../support/runs.ts";
import { dispatchedBy, driveRun, FORK_FLOW, key } from "../support/runs.ts";

const given = { at: 5000, commandId: "c" } as const;
const PAUSE: Order = { type: "pause-requested", ...given };
const RESUME: Order = { type: "resume-requested", ...given };
const CANCEL: Order = { type: "cancel-requested", ...given };
const RERUN: Order = { type: "rerun-requested", ...given, stepKey: key("simulation") };

function ended(): DrivenRun {
  const run = driveRun();
  run.succeed("simulation");
  run.succeed("qna");
  run.succeed("viz");
  return run;
}

function paused(): DrivenRun {
  const run = driveRun();
  run.send(PAUSE);
  return run;
}

/** Everything is done except a step that asks a person. */
function waiting(): DrivenRun {
  const run = driveRun(FORK_FLOW.replace("  qna:\n", "  qna:\n    approval: Ask it?\n"));
  run.succeed("simulation");
  run.succeed("viz");
  return run;
}

function rerunOf(run: DrivenRun, wish: SameRunWish, interrupt = false): RunEvent {
  const { planHash } = planRerun(run.state, wish, { interrupt });
  return { type: "plan-applied", ...given, wish, planHash, interrupt };
}

const verdict = (step: string, said: Verdict): Order => ({
  type: "verdict-given",
  ...given,
  stepKey: key(step),
  verdict: said,
});

describe("an order is taken or refused by where the run stands", () => {
  test.each<[what: string, run: () => DrivenRun, order: Order, refused: string | undefined]>([
    ["pause of a running run", driveRun, PAUSE, undefined],
    ["pause of a run that waits for a person", waiting, PAUSE, undefined],
    ["pause of a paused run", paused, PAUSE, "already paused"],
    ["pause of a run that has ended", ended, PAUSE, "already succeeded"],
    ["resume of a paused run", paused, RESUME, undefined],
    ["resume of a running run", driveRun, RESUME, "already running"],
    ["cancel of a paused run", paused, CANCEL, undefined],
    ["cancel of a run that has ended", ended, CANCEL, "already succeeded"],
    ["rerun of a run that has ended", ended, RERUN, undefined],
    ["rerun of a step at work", driveRun, RERUN, "still under way"],
  ])("%s", (_, start, order, refused) => {
    const run = start();
    const before = run.state;
    const refusal = refusalOf(before, order);
    if (refused === undefined) return expect(refusal).toBeUndefined();
    expect(refusal?.reason.message).toContain(refused);
    run.send(order);
    expect(run.state).toEqual(before);
  });
});

describe("a verdict", () => {
  test("of rejection without words says at least that it was a person", () => {
    const run = waiting();
    run.send(verdict("qna", { kind: "reject", reason: "" }));
    expect(run.state.steps[key("qna")]?.attempts[0]?.result).toMatchObject({
      failure: { kind: "rejected", message: "rejected by a person" },
    });
  });

  test("cannot push back from a step that comes first", () => {
    const run = driveRun(
      FORK_FLOW.replace("  simulation:\n", "  simulation:\n    approval: true\n"),
    );
    const back = { kind: "push-back", to: key("qna"), feedback: "x" } as const;
    const refusal = refusalOf(run.state, verdict("simulation", back));
    expect(refusal?.reason.nextStep).toBe("use one of (none)");
  });

  test("on a step that the run does not have is refused and changes nothing", () => {
    const run = waiting();
    const before = run.state;
    run.send(verdict("nobody", { kind: "approve" }));
    expect(run.state).toEqual(before);
  });
});

test("a verdict on a step that has been answered, or has not asked yet, is in conflict", () => {
  const run = waiting();
  run.send(verdict("qna", { kind: "approve" }));
  const late = verdict("qna", { kind: "reject", reason: "no" });
  expect(refusalOf(run.state, late)).toMatchObject({
    conflict: true,
    reason: { message: '"qna" does not wait for approval: it is dispatched' },
  });
  const never = verdict("simulation", { kind: "approve" });
  expect(refusalOf(run.state, never)).toMatchObject({ conflict: false });
});

describe("a rerun", () => {
  test("of a paused run is planned in, and begins when the run goes on", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.succeed("qna");
    run.send(PAUSE);
    expect(dispatchedBy(run.send(rerunOf(run, { kind: "from", stepKey: key("qna") })))).toEqual([]);
    expect(run.state.status).toBe("paused");
    expect(dispatchedBy(run.send(RESUME))).toEqual(["R1.qna.2"]);
  });

  test("has nothing against a step that a condition skipped", () => {
    const when = `when: { value: "\${{ params.question }}", equals: "no" }`;
    const run = driveRun(FORK_FLOW.replace("  viz:\n", `  viz:\n    ${when}\n`));
    run.succeed("simulation");
    run.succeed("qna");
    expect(run.statusOf("viz")).toBe("skipped");
    expect(planRerun(run.state, { kind: "from", stepKey: key("qna") }).ineligible).toEqual([]);
  });

  test("plans a flow of many diamonds as fast as a line", () => {
    const layers = Array.from({ length: 60 }, (_, index) => {
      const needs = index === 0 ? "" : `needs: [a${index - 1}, b${index - 1}], `;
      return ["a", "b"]
        .map((name) => `  ${name}${index}: { agent: simulation, ${needs}input: { model: sir } }`)
        .join("\n");
    });
    const run = driveRun(`name: diamonds\nsteps:\n${layers.join("\n")}\n`);
    run.fail("a0", 1, "bug");
    run.succeed("b0");
    const plan = planRerun(run.state, { kind: "from", stepKey: key("a0") });
    expect(plan.reset).toHaveLength(119);
    expect(plan.refusal).toBeUndefined();
  });
});
