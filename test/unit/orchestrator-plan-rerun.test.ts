/** What a plan of a rerun says, word by word: a person decides by it. */
import { describe, expect, test } from "vitest";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import type { DrivenRun } from "../support/runs.ts";
import { driveRun, FORK_FLOW, key } from "../support/runs.ts";

const from = (step: string): SameRunWish => ({ kind: "from", stepKey: key(step) });
const only = (step: string): SameRunWish => ({ kind: "only", stepKey: key(step) });

/** `simulation → (qna ∥ viz) → after`; told of before what it needs. */
const JOINED = FORK_FLOW.replace(
  "steps:\n",
  `steps:
  after:
    agent: viz
    needs: [simulation, qna, viz]
    input: { simulation: "\${{ steps.simulation.output }}" }
`,
);

/** `simulation → qna for each of three questions → viz`. */
const FAN_OUT = `name: built-in
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: "\${{ steps.simulation.output.items }}"
    input: { question: "\${{ item }}", simulation: "\${{ steps.simulation.output }}" }
  viz: { agent: viz, needs: qna, input: { simulation: "\${{ steps.qna.output }}" } }
`;

function driven(flow: string, ...succeeded: readonly string[]): DrivenRun {
  const run = driveRun(flow);
  for (const step of succeeded) run.succeed(step);
  return run;
}

describe("what a plan resets", () => {
  test("is in the order of the flow, instances after their step", () => {
    const run = driveRun(FAN_OUT);
    run.succeed("simulation", 1, { items: ["a", "b", "c"] });
    for (const step of ["qna[0]", "qna[1]", "qna[2]", "viz"]) run.succeed(step);
    const plan = planRerun(run.state, from("simulation"));
    expect(plan.reset).toEqual(["simulation", "qna", "qna[0]", "qna[1]", "qna[2]", "viz"]);
    expect(planRerun(run.state, from("qna[1]")).reset).toEqual(["qna", "qna[1]", "viz"]);
  });

  test("leaves stale what has an output, not what failed", () => {
    const run = driven(FORK_FLOW, "simulation", "viz");
    run.fail("qna", 1, "bug");
    expect(planRerun(run.state, only("simulation"))).toMatchObject({
      reset: ["simulation"],
      inherit: [],
      stale: ["viz"],
      ineligible: [{ stepKey: "qna", reason: "it is failed" }],
    });
  });
});

describe("what a plan takes over", () => {
  test("is not what has lost its file", () => {
    const run = driven(FORK_FLOW, "simulation", "qna", "viz");
    const plan = planRerun(run.state, from("viz"), {
      unusable: { simulation: "its file is gone" },
    });
    expect(plan.inherit).toEqual(["qna"]);
    expect(plan.ineligible).toEqual([{ stepKey: "simulation", reason: "its file is gone" }]);
    expect(plan.refusal).toEqual({
      kind: "rejected",
      message: '"viz" needs simulation, which has not succeeded',
      nextStep: "rerun simulation instead",
    });
  });

  test("is neither stale nor blocked, and the plan tells since when", () => {
    const run = driven(FORK_FLOW, "simulation", "qna", "viz");
    const wish = only("simulation");
    const { planHash } = planRerun(run.state, wish);
    run.send({ type: "plan-applied", at: 9, commandId: "p", wish, planHash, interrupt: false });
    run.succeed("simulation", 2);
    expect(planRerun(run.state, from("viz")).ineligible).toEqual([
      { stepKey: "qna", reason: "it is stale since simulation was done again" },
    ]);
    const failed = driveRun();
    failed.fail("simulation", 1, "bug");
    expect(planRerun(failed.state, from("viz")).ineligible).toEqual([
      { stepKey: "simulation", reason: "it is failed" },
      { stepKey: "qna", reason: "it is blocked by simulation" },
    ]);
  });
});

describe("a plan is refused", () => {
  test("while the run is being cancelled", () => {
    const run = driven(FORK_FLOW, "simulation");
    run.cancel();
    expect(planRerun(run.state, from("simulation")).refusal).toEqual({
      kind: "rejected",
      message: "the run is being cancelled",
      nextStep: "wait until it has ended",
    });
  });

  test("while what it resets is at work", () => {
    const run = driven(FORK_FLOW, "simulation");
    expect(planRerun(run.state, from("simulation")).refusal).toEqual({
      kind: "rejected",
      message: "qna, viz would be done again, but is still under way",
      nextStep: "wait for it, or cancel the run first",
    });
  });

  test("where needs have not succeeded; it names these, and which to do first", () => {
    const run = driven(JOINED, "simulation");
    run.fail("qna", 1, "bug");
    run.fail("viz", 1, "bug");
    expect(planRerun(run.state, from("after")).refusal).toEqual({
      kind: "rejected",
      message: '"after" needs qna, viz, which has not succeeded',
      nextStep: "rerun qna instead",
    });
  });

  test.each<[wish: SameRunWish, message: string, nextStep: string]>([
    [{ kind: "failed" }, "no step of this run is failed", "rerun a step instead"],
    [{ kind: "stale" }, "no step of this run is stale", "nothing is out of date"],
    [from("nobody"), 'this run has no step "nobody"', "use one of simulation, qna, viz"],
  ])("when there is nothing to do: %j", (wish, message, nextStep) => {
    const run = driven(FORK_FLOW, "simulation", "qna", "viz");
    expect(planRerun(run.state, wish).refusal).toEqual({ kind: "rejected", message, nextStep });
  });
});

describe("a run whose flow tells of steps before what they need", () => {
  test("blocks all that cannot be reached", () => {
    const run = driveRun(JOINED);
    run.fail("simulation", 1, "bug");
    expect(run.statuses()).toEqual({
      ...{ simulation: "failed", qna: "blocked", viz: "blocked", after: "blocked" },
    });
    expect(run.state.status).toBe("failed");
  });

  test("blocks also what hangs on nothing but a blocked step", () => {
    const chain = FORK_FLOW.replace(
      "steps:\n",
      `steps:
  last: { agent: viz, needs: [middle], input: { simulation: {} } }
  middle: { agent: viz, needs: [qna], input: { simulation: {} } }
`,
    );
    const run = driven(chain, "simulation", "viz");
    run.fail("qna", 1, "bug");
    expect(run.state.steps[key("last")]?.progress).toEqual({ status: "blocked", by: "middle" });
    expect(run.state.steps[key("middle")]?.progress).toEqual({ status: "blocked", by: "qna" });
  });
});

test("a run whose one step was cancelled ends by what became of the others", () => {
  const run = driven(FORK_FLOW, "simulation");
  run.cancel();
  run.fail("qna", 1, "cancelled");
  run.fail("viz", 1, "cancelled");
  expect(run.state.status).toBe("cancelled");
  run.rerun("viz");
  run.fail("viz", 2, "bug");
  expect(run.statuses()).toMatchObject({ qna: "cancelled", viz: "failed" });
  expect(run.state.status).toBe("failed");
  run.rerun("viz");
  run.succeed("viz", 3);
  expect(run.state.status).toBe("cancelled");
});

test("a step that needs one which a fork leaves out is blocked", () => {
  const run = driveRun(
    `${FORK_FLOW}  after: { agent: viz, needs: [qna], input: { simulation: {} } }\n`,
    { fork: { inherited: {}, inputs: {}, leftOut: { qna: "its file is gone" } } },
  );
  expect(run.state.steps[key("after")]?.progress).toEqual({ status: "blocked", by: "qna" });
});
