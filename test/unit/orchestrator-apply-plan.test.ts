/** What carrying out a plan does to each step, and how an order that cannot be is answered. */
import { describe, expect, test } from "vitest";
import { refusalOf } from "../../src/orchestrator/orders.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import type { RunEvent } from "../../src/protocol/run-events.ts";
import type { DrivenRun } from "../support/runs.ts";
import { dispatchedBy, driveRun, FORK_FLOW, key } from "../support/runs.ts";

const from = (step: string): SameRunWish => ({ kind: "from", stepKey: key(step) });
const only = (step: string): SameRunWish => ({ kind: "only", stepKey: key(step) });
const LOOK_AGAIN = "look at the run again";

/** `simulation → qna for each of three questions → viz`. */
const FAN_OUT = `name: built-in
params:
  questions: { type: list, default: [one, two, three] }
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: { items: "\${{ params.questions }}", max-parallel: 2 }
    input: { question: "\${{ item }}", simulation: "\${{ steps.simulation.output }}" }
    retry: { attempts: 1 }
  viz: { agent: viz, needs: qna, input: { simulation: "\${{ steps.simulation.output }}" } }
`;

function orderOf(
  run: DrivenRun,
  wish: SameRunWish,
  interrupt = false,
): Extract<RunEvent, { type: "plan-applied" }> {
  const { planHash } = planRerun(run.state, wish, { interrupt });
  return { type: "plan-applied", at: 5000, commandId: "p", wish, planHash, interrupt };
}

function simulated(flow = FORK_FLOW): DrivenRun {
  const run = driveRun(flow);
  run.succeed("simulation");
  return run;
}

function finished(): DrivenRun {
  const run = simulated();
  run.succeed("qna");
  run.succeed("viz");
  return run;
}

function progressOf(run: DrivenRun, step: string): unknown {
  return run.state.steps[key(step)]?.progress;
}

describe("an order that cannot be carried out", () => {
  test("is a conflict when the run has moved on since the plan", () => {
    const run = finished();
    const order = orderOf(run, from("viz"));
    run.send(order);
    expect(refusalOf(run.state, order)).toEqual({
      reason: {
        kind: "rejected",
        message: "the run has moved on since this plan was made",
        nextStep: "look at the new plan",
      },
      conflict: true,
    });
  });

  test("is none when the plan itself is refused", () => {
    const run = simulated();
    expect(refusalOf(run.state, orderOf(run, from("qna")))).toMatchObject({ conflict: false });
  });
});

describe("a step that is left stale", () => {
  test("remembers the attempt it has its output from, and what was done again", () => {
    const run = finished();
    run.send(orderOf(run, only("simulation")));
    expect(progressOf(run, "qna")).toEqual({ status: "stale", attempt: 1, by: "simulation" });
  });

  test("has no attempt when it was skipped or was still at work", () => {
    const run = simulated(
      FORK_FLOW.replace("  qna:\n", `  qna:\n    when: { value: "no", equals: "yes" }\n`),
    );
    const plan = planRerun(run.state, only("simulation"), { interrupt: true });
    expect(plan.stale).toEqual(["qna", "viz"]);
    run.send(orderOf(run, only("simulation"), true));
    expect(progressOf(run, "qna")).toEqual({ status: "stale", attempt: 0, by: "simulation" });
    expect(progressOf(run, "viz")).toEqual({ status: "stale", attempt: 0, by: "simulation" });
  });

  test("blocks what waits for it", () => {
    const run = simulated(`${FORK_FLOW}  after:
    agent: viz
    needs: qna
    input: { simulation: "\${{ steps.simulation.output }}" }
`);
    run.send(orderOf(run, only("simulation"), true));
    expect(progressOf(run, "after")).toEqual({ status: "blocked", by: "qna" });
  });
});

describe("an attempt that is given up", () => {
  test("is closed, its task cancelled and its timer cleared", () => {
    const run = simulated();
    const effects = run.send(orderOf(run, from("qna"), true));
    expect(effects.slice(0, 2)).toEqual([
      { type: "cancel-task", taskId: "R1.qna.1", agent: "qna", reason: "rerun" },
      { type: "clear-timer", timer: { kind: "timeout", stepKey: "qna", attempt: 1 } },
    ]);
    expect(run.state.steps[key("qna")]?.attempts[0]?.result).toMatchObject({
      status: "failed",
      failure: {
        kind: "cancelled",
        message: "given up for a rerun",
        nextStep: "see the next attempt",
      },
    });
  });

  test("of a fan-out has no task of its own to cancel", () => {
    const run = simulated(FAN_OUT);
    const stopped = run.send(orderOf(run, from("qna"), true)).slice(0, 4);
    expect(stopped.map((effect) => ("taskId" in effect ? effect.taskId : effect.type))).toEqual([
      ...["R1.qna[0].1", "clear-timer", "R1.qna[1].1", "clear-timer"],
    ]);
  });
});

describe("one instance of a fan-out", () => {
  test("is done again while others are at work, and the whole is not", () => {
    const run = simulated(FAN_OUT);
    run.fail("qna[0]", 1, "bug");
    expect(planRerun(run.state, from("qna")).refusal?.kind).toBe("rejected");
    expect(planRerun(run.state, from("qna[0]"))).toMatchObject({
      reset: ["qna", "qna[0]", "viz"],
      active: [],
      refusal: undefined,
    });
    run.send(orderOf(run, from("qna[0]")));
    expect(run.statuses()).toMatchObject({ qna: "running", "qna[1]": "dispatched" });
    run.succeed("qna[1]");
    run.succeed("qna[2]");
    expect(dispatchedBy(run.succeed("qna[0]", 2))).toEqual(["R1.viz.1"]);
  });

  test("is put back into its list also while the run is paused", () => {
    const run = simulated(FAN_OUT);
    run.fail("qna[0]", 1, "bug");
    run.send({ type: "pause-requested", at: 2, commandId: "p" });
    run.send(orderOf(run, { kind: "failed" }));
    expect(run.statuses()).toMatchObject({ qna: "running", "qna[0]": "waiting" });
  });
});

describe("an order that holds a run", () => {
  const pause: RunEvent = { type: "pause-requested", at: 2, commandId: "p" };
  const resume: RunEvent = { type: "resume-requested", at: 3, commandId: "q" };

  test("is refused once the run has ended, and changes nothing", () => {
    const run = finished();
    expect(refusalOf(run.state, { type: "pause-requested", at: 2, commandId: "p" })).toEqual({
      reason: {
        kind: "rejected",
        message: "the run is already succeeded",
        nextStep: LOOK_AGAIN,
      },
      conflict: false,
    });
    expect(run.send(pause)).toEqual([]);
    expect(run.send(resume)).toEqual([]);
    expect(run.state.status).toBe("succeeded");
  });

  test("asks nothing of the workers", () => {
    expect(driveRun().send(pause)).toEqual([]);
  });

  test("does not let a run go on that is being cancelled", () => {
    const run = simulated();
    run.cancel();
    run.fail("qna", 1, "cancelled");
    expect(run.send(resume)).toEqual([]);
    expect(run.state.status).toBe("cancelling");
  });
});

describe("a step that asks a person", () => {
  const approval = FORK_FLOW.replace("  qna:\n", "  qna:\n    approval: Ask it?\n");
  const order = { type: "verdict-given", at: 6000, commandId: "v", stepKey: key("qna") } as const;

  function asking(flow = approval): DrivenRun {
    const run = simulated(flow);
    run.succeed("viz");
    expect(run.state.status).toBe("waiting");
    return run;
  }

  test("can be held while it waits", () => {
    const run = asking();
    run.send({ type: "pause-requested", at: 2, commandId: "p" });
    expect(run.state.status).toBe("paused");
  });

  test("has the run at work again when it is approved", () => {
    const run = asking();
    run.send({ ...order, verdict: { kind: "approve" } });
    expect(run.state.status).toBe("running");
  });

  test("tells why it failed when it is rejected, and what to do", () => {
    const run = asking();
    expect(run.send({ ...order, verdict: { kind: "reject", reason: "no" } })).toEqual([]);
    expect(run.state.steps[key("qna")]?.attempts).toMatchObject([
      { attempt: 1, result: { failure: { message: "no", nextStep: "rerun a step" } } },
    ]);
  });

  test("has a word for the step it is pushed back to alone", () => {
    const run = asking();
    const to = key("simulation");
    run.send({ ...order, verdict: { kind: "push-back", to, feedback: "finer" } });
    const words = Object.values(run.state.steps).map(({ feedback }) => feedback);
    expect(words).toEqual(["finer", "", ""]);
  });

  test("names the steps it can be pushed back to", () => {
    const run = asking(
      `${FORK_FLOW}  after:
    agent: viz
    needs: [qna]
    approval: Draw it?
    input: { simulation: "\${{ steps.simulation.output }}" }
`.replace("  qna:\n", `  qna:\n    when: { value: "no", equals: "yes" }\n`),
    );
    const verdict = { kind: "push-back", to: key("viz"), feedback: "" } as const;
    const refused = { ...order, stepKey: key("after"), verdict };
    expect(refusalOf(run.state, refused)?.reason).toEqual({
      kind: "rejected",
      message: '"viz" is not a step before "after"',
      nextStep: expect.stringMatching(/^use one of (qna, simulation|simulation, qna)$/),
    });
  });

  test("is not taken for one that the run does not have", () => {
    const nobody = { ...order, stepKey: key("nobody"), verdict: { kind: "approve" } } as const;
    const run = asking();
    expect(refusalOf(run.state, nobody)?.reason.message).toBe(
      '"nobody" does not wait for approval',
    );
    expect(run.send(nobody)).toEqual([]);
  });

  test("is not answered twice", () => {
    const run = asking();
    run.send({ ...order, verdict: { kind: "approve" } });
    const again = { ...order, verdict: { kind: "approve" } } as const;
    expect(refusalOf(run.state, again)).toEqual({
      reason: {
        kind: "rejected",
        message: '"qna" does not wait for approval: it is dispatched',
        nextStep: LOOK_AGAIN,
      },
      conflict: true,
    });
    expect(run.send(again)).toEqual([]);
  });
});
