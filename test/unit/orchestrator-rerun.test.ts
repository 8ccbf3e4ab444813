import { describe, expect, test } from "vitest";
import { toJsonValue } from "../../src/base/json-value.ts";
import { refusalOf } from "../../src/orchestrator/orders.ts";
import { planFork } from "../../src/orchestrator/plan-fork.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import type { RunEvent, Verdict } from "../../src/protocol/run-events.ts";
import { QNA_OUTPUT, SIMULATION_OUTPUT } from "../support/run-history.ts";
import type { DrivenRun } from "../support/runs.ts";
import { dispatchedBy, driveRun, FORK_FLOW, key, runId } from "../support/runs.ts";

const from = (step: string): SameRunWish => ({ kind: "from", stepKey: key(step) });
const only = (step: string): SameRunWish => ({ kind: "only", stepKey: key(step) });

function orderOf(
  run: DrivenRun,
  wish: SameRunWish,
  interrupt = false,
): Extract<RunEvent, { type: "plan-applied" }> {
  const { planHash } = planRerun(run.state, wish, { interrupt });
  return { type: "plan-applied", at: 5000, commandId: "p", wish, planHash, interrupt };
}

function apply(run: DrivenRun, wish: SameRunWish, interrupt = false): readonly string[] {
  return dispatchedBy(run.send(orderOf(run, wish, interrupt)));
}

function say(run: DrivenRun, step: string, verdict: Verdict): readonly string[] {
  return dispatchedBy(
    run.send({ type: "verdict-given", at: 6000, commandId: "v", stepKey: key(step), verdict }),
  );
}

function finished(): DrivenRun {
  const run = driveRun();
  run.succeed("simulation", 1, toJsonValue(SIMULATION_OUTPUT));
  run.succeed("qna", 1, toJsonValue(QNA_OUTPUT));
  run.succeed("viz", 1);
  return run;
}

describe("a plan", () => {
  test("names what is reset, inherited and ineligible, and how long it took before", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.fail("qna", 1, "bug");
    run.succeed("viz");
    expect(planRerun(run.state, from("viz"))).toMatchObject({
      target: "same-run",
      reset: ["viz"],
      inherit: ["simulation"],
      ineligible: [{ stepKey: "qna", reason: "it is failed" }],
      blocked: [],
      estimateMs: 1,
      refusal: undefined,
    });
  });

  test("is carried out once: the second order of the same plan is a conflict", () => {
    const run = finished();
    const order = orderOf(run, from("viz"));
    expect(dispatchedBy(run.send(order))).toEqual(["R1.viz.2"]);
    expect(refusalOf(run.state, order)).toMatchObject({ conflict: true });
    expect(dispatchedBy(run.send(order))).toEqual([]);
  });

  test("is blocked where a file it needs is gone", () => {
    const plan = planRerun(finished().state, from("viz"), { unusable: { simulation: "gone" } });
    expect(plan.blocked).toEqual([{ stepKey: "viz", by: "simulation" }]);
    expect(plan.refusal?.nextStep).toBe("rerun simulation instead");
  });

  test("adds up steps after each other, and takes history for what this run never did", () => {
    const run = driveRun();
    const plan = planRerun(run.state, from("simulation"), {
      history: { simulation: [5, 10, 90], qna: [20], viz: [7] },
    });
    expect(plan.estimateMs).toBe(30);
    expect(planRerun(run.state, from("simulation")).estimateMs).toBeNull();
  });
});

describe("only this", () => {
  test("leaves what was built on it stale, until it is brought up to date", () => {
    const run = finished();
    expect(apply(run, only("simulation"))).toEqual(["R1.simulation.2"]);
    expect(run.statuses()).toMatchObject({ qna: "stale", viz: "stale" });
    run.succeed("simulation", 2);
    expect(run.state.status).toBe("succeeded");
    expect(planRerun(run.state, from("qna")).refusal).toBeUndefined();
    expect(apply(run, { kind: "stale" })).toEqual(["R1.qna.2", "R1.viz.2"]);
    run.succeed("qna", 2);
    run.succeed("viz", 2);
    expect(planRerun(run.state, { kind: "stale" }).refusal?.message).toContain("no step");
  });
});

describe("retry of what failed", () => {
  test("does all failed steps again and leaves the others", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.fail("qna", 1, "bug");
    run.succeed("viz");
    expect(apply(run, { kind: "failed" })).toEqual(["R1.qna.2"]);
    run.succeed("qna", 2);
    expect(run.state.status).toBe("succeeded");
    expect(planRerun(run.state, { kind: "failed" }).refusal?.kind).toBe("rejected");
  });
});

describe("a rerun of what is at work", () => {
  test("is refused, or gives exactly that up first", () => {
    const run = driveRun();
    run.succeed("simulation");
    expect(planRerun(run.state, from("qna")).refusal?.message).toContain("still under way");
    const effects = run.send(orderOf(run, from("qna"), true));
    expect(effects.map(({ type }) => type)).toEqual([
      "cancel-task",
      "clear-timer",
      "dispatch-task",
      "set-timer",
    ]);
    expect(run.statuses()).toMatchObject({ qna: "dispatched", viz: "dispatched" });
    run.succeed("qna", 1); // The answer of the attempt that was given up.
    expect(run.statusOf("qna")).toBe("dispatched");
  });

  test("gives up a retry that was due as well", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.fail("qna");
    const effects = run.send(orderOf(run, from("qna"), true));
    expect(effects[0]).toMatchObject({ type: "clear-timer", timer: { kind: "retry" } });
  });
});

describe("a paused run", () => {
  const pause: RunEvent = { type: "pause-requested", at: 2, commandId: "p" };
  const resume: RunEvent = { type: "resume-requested", at: 3, commandId: "q" };

  test("lets what is at work finish and dispatches nothing until it goes on", () => {
    const run = driveRun();
    run.send(pause);
    run.succeed("simulation");
    expect(run.state.status).toBe("paused");
    expect(run.effects.filter(({ type }) => type === "dispatch-task")).toEqual([]);
    expect(dispatchedBy(run.send(resume))).toEqual(["R1.qna.1", "R1.viz.1"]);
    expect(run.state.status).toBe("running");
    expect(
      refusalOf(run.state, { type: "resume-requested", at: 4, commandId: "q" })?.conflict,
    ).toBe(false);
  });

  test("can be cancelled", () => {
    const run = driveRun();
    run.send(pause);
    run.cancel();
    expect(run.state.status).toBe("cancelling");
  });
});

const APPROVAL = FORK_FLOW.replace("  qna:\n", "  qna:\n    approval: Ask it?\n");

describe("a step that needs approval", () => {
  function waiting(): DrivenRun {
    const run = driveRun(APPROVAL);
    run.succeed("simulation");
    run.succeed("viz");
    expect(run.state.status).toBe("waiting");
    expect(run.statusOf("qna")).toBe("awaiting-approval");
    return run;
  }

  test("is dispatched when it is approved, also for its retries", () => {
    const run = waiting();
    expect(say(run, "qna", { kind: "approve" })).toEqual(["R1.qna.1"]);
    run.fail("qna");
    expect(dispatchedBy(run.retryDue("qna", 1))).toEqual(["R1.qna.2"]);
    run.succeed("qna", 2);
    expect(run.state.status).toBe("succeeded");
  });

  test("fails when it is rejected", () => {
    const run = waiting();
    say(run, "qna", { kind: "reject", reason: "no" });
    expect(run.state.status).toBe("failed");
  });

  test("pushes work back to an earlier step with a word, and asks again", () => {
    const run = waiting();
    const back = { kind: "push-back", to: key("simulation"), feedback: "finer" } as const;
    expect(say(run, "qna", back)).toEqual(["R1.simulation.2"]);
    expect(run.state.steps[key("simulation")]?.feedback).toBe("finer");
    run.succeed("simulation", 2);
    expect(run.statusOf("qna")).toBe("awaiting-approval");
  });

  test("is not pushed back to a step that is not before it", () => {
    const run = waiting();
    const back = { kind: "push-back", to: key("viz"), feedback: "" } as const;
    expect(say(run, "qna", back)).toEqual([]);
    const order = { type: "verdict-given", at: 1, commandId: "v" } as const;
    const refused = refusalOf(run.state, { ...order, stepKey: key("qna"), verdict: back });
    expect(refused?.reason.message).toContain("not a step before");
    const none = refusalOf(run.state, {
      ...order,
      stepKey: key("viz"),
      verdict: { kind: "approve" },
    });
    expect(none?.reason.message).toContain("does not wait");
  });
});

describe("a condition", () => {
  const flow = (when: string): string =>
    `${FORK_FLOW}  after:\n    agent: viz\n    needs: qna\n    input: { simulation: "\${{ steps.simulation.output }}" }\n`.replace(
      "  qna:\n",
      `  qna:\n    when: ${when}\n`,
    );

  test("that does not hold skips its step, not those that only come after it", () => {
    const run = driveRun(flow(`{ value: "\${{ steps.simulation.output.peak }}", above: 10 }`));
    run.succeed("simulation", 1, { peak: 3 });
    expect(run.statuses()).toMatchObject({ qna: "skipped", after: "dispatched" });
    run.succeed("viz");
    run.succeed("after");
    expect(run.state.status).toBe("succeeded");
  });

  test("that holds changes nothing", () => {
    const run = driveRun(flow(`{ value: "\${{ steps.simulation.output.peak }}", above: 10 }`));
    run.succeed("simulation", 1, { peak: 30 });
    expect(run.statusOf("qna")).toBe("dispatched");
  });
});

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
  viz:
    agent: viz
    needs: qna
    input: { simulation: "\${{ steps.simulation.output }}", title: "\${{ steps.qna.output[0] }}" }
`;

describe("a fan-out", () => {
  test("does at most max-parallel at a time and joins in the order of the list", () => {
    const run = driveRun(FAN_OUT);
    expect(dispatchedBy(run.succeed("simulation"))).toEqual(["R1.qna[0].1", "R1.qna[1].1"]);
    expect(dispatchedBy(run.succeed("qna[1]", 1, "b"))).toEqual(["R1.qna[2].1"]);
    run.succeed("qna[2]", 1, "c");
    expect(run.statusOf("qna")).toBe("running");
    expect(dispatchedBy(run.succeed("qna[0]", 1, "a"))).toEqual(["R1.viz.1"]);
    expect(run.state.steps[key("qna")]?.attempts[0]?.result).toMatchObject({
      output: ["a", "b", "c"],
    });
  });

  test("does again only the instances that failed, and joins anew", () => {
    const run = driveRun(FAN_OUT);
    run.succeed("simulation");
    run.succeed("qna[0]", 1, "a");
    run.fail("qna[1]", 1, "bug");
    run.succeed("qna[2]", 1, "c");
    expect(run.statuses()).toMatchObject({ qna: "failed", viz: "blocked" });
    expect(apply(run, { kind: "failed" })).toEqual(["R1.qna[1].2"]);
    expect(dispatchedBy(run.succeed("qna[1]", 2, "b"))).toEqual(["R1.viz.1"]);
    expect(run.state.steps[key("qna")]?.attempts[1]?.result).toMatchObject({
      output: ["a", "b", "c"],
    });
  });

  test("of nothing is an empty list at once", () => {
    const run = driveRun(FAN_OUT, { parameters: { questions: [] } });
    run.succeed("simulation");
    expect(run.statusOf("qna")).toBe("succeeded");
  });

  test("is cancelled as a whole", () => {
    const run = driveRun(FAN_OUT);
    run.succeed("simulation");
    run.cancel();
    run.fail("qna[0]", 1, "cancelled");
    run.fail("qna[1]", 1, "cancelled");
    expect(run.state.status).toBe("cancelled");
    expect(run.statuses()).toMatchObject({ qna: "cancelled", "qna[2]": "cancelled" });
  });
});

describe("a fork", () => {
  test("by a parameter does again exactly what consumes it, and inherits the rest", () => {
    const run = finished();
    const plan = planFork(run.state, { kind: "parameters", parameters: { question: "Else?" } });
    expect(plan).toMatchObject({
      target: "fork",
      reset: ["qna"],
      inherit: ["simulation"],
      ineligible: [{ stepKey: "viz" }],
      refusal: undefined,
    });
    const forked = driveRun(plan.request.flowText, {
      parameters: plan.request.parameters,
      forkedFrom: runId,
      fork: plan.request.fork,
    });
    expect(dispatchedBy(forked.effects)).toEqual(["R1.qna.1"]);
    expect(forked.statuses()).toMatchObject({ simulation: "succeeded", viz: "skipped" });
    forked.succeed("qna");
    expect(forked.state.status).toBe("succeeded");
  });

  test("changes nothing when no step uses what was edited", () => {
    const wish = { kind: "parameters", parameters: { question: "What is the peak?" } } as const;
    expect(planFork(finished().state, wish).refusal?.message).toContain("changes nothing");
  });

  test("by an input sends that input", () => {
    const run = finished();
    const input = toJsonValue({ question: "Mine?", simulation: SIMULATION_OUTPUT });
    const plan = planFork(run.state, { kind: "edit-input", stepKey: key("qna"), input });
    const forked = driveRun(plan.request.flowText, { fork: plan.request.fork });
    expect(forked.effects[0]).toMatchObject({
      type: "dispatch-task",
      input: { question: "Mine?" },
    });
    const bad = planFork(run.state, { kind: "edit-input", stepKey: key("qna"), input: {} });
    expect(bad.refusal?.message).toContain("does not fit agent qna");
  });

  test("by a pinned output does again what is built on it", () => {
    const output = toJsonValue({ ...SIMULATION_OUTPUT, stopTime: 5 });
    const wish = { kind: "pin-output", stepKey: key("simulation"), output } as const;
    const plan = planFork(finished().state, wish);
    expect(plan).toMatchObject({ reset: ["qna", "viz"], inherit: ["simulation"] });
    const forked = driveRun(plan.request.flowText, { fork: plan.request.fork });
    expect(dispatchedBy(forked.effects)).toEqual(["R1.qna.1", "R1.viz.1"]);
  });

  test("by another flow does again what is new or different", () => {
    const flowText = FORK_FLOW.replace("agent: viz\n", "agent: viz\n    timeout: 9m\n").replace(
      "input: { question:",
      'input: { question: "Why?" } # {',
    );
    const wrong = planFork(finished().state, { kind: "flow", flowText });
    expect(wrong.refusal?.message).toContain("lacks the input");
    const good = FORK_FLOW.replace(`"\${{ params.question }}"`, '"Why?"');
    expect(planFork(finished().state, { kind: "flow", flowText: good }).reset).toEqual(["qna"]);
  });
});
