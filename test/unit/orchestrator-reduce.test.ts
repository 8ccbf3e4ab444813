import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fold } from "../../src/orchestrator/fold.ts";
import { readySteps } from "../../src/orchestrator/plan.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import { CANCEL_GRACE_MS, ignoreReason, reduce } from "../../src/orchestrator/reduce.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import { outputOf, runStateSchema } from "../../src/orchestrator/state.ts";
import { failureSchema } from "../../src/protocol/failure.ts";
import type { StepKey } from "../../src/protocol/ids.ts";
import { runIdSchema, taskIdOf, taskIdSchema } from "../../src/protocol/ids.ts";
import { dispatchedBy, driveRun, FORK_FLOW, key, runId, specOf } from "../support/runs.ts";

/** The plan of a rerun from a step on. */
const planFrom = (state: RunState, stepKey: StepKey) => planRerun(state, { kind: "from", stepKey });

const result = (step: string, attempt: number, taskId = taskIdOf(runId, key(step), attempt)) => ({
  stepKey: key(step),
  attempt,
  taskId,
});

describe("a run without mishap", () => {
  test("dispatches the first step with its resolved input, deadline and timer", () => {
    const run = driveRun();
    expect(run.effects).toEqual([
      {
        type: "dispatch-task",
        taskId: "R1.simulation.1",
        stepKey: "simulation",
        attempt: 1,
        agent: "simulation",
        input: { model: "sir" },
        deadlineAt: 301_000,
      },
      {
        type: "set-timer",
        timer: { kind: "timeout", stepKey: "simulation", attempt: 1 },
        dueAt: 301_000,
      },
    ]);
    expect(run.state.status).toBe("running");
  });

  test("dispatches qna and viz together on the simulation's result", () => {
    const run = driveRun();
    const effects = run.succeed("simulation", 1, { peak: 3 });
    expect(dispatchedBy(effects)).toEqual(["R1.qna.1", "R1.viz.1"]);
    expect(effects).toContainEqual({
      type: "clear-timer",
      timer: { kind: "timeout", stepKey: "simulation", attempt: 1 },
    });
    expect(effects).toContainEqual(
      expect.objectContaining({
        agent: "qna",
        input: { question: "What is the peak?", simulation: { peak: 3 } },
      }),
    );
  });

  test("succeeds when every step has, at the time of the last result", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.succeed("viz");
    expect(run.state).toMatchObject({ status: "running", finishedAt: null });
    run.succeed("qna");
    expect(run.state).toMatchObject({ status: "succeeded", finishedAt: 1003, failure: null });
    expect(fold(run.events)).toEqual(run.state);
  });

  test("gives a simulation the model's text as it was at the request", () => {
    const run = driveRun(FORK_FLOW, { models: { sir: "<xmile/>" } });
    expect(run.effects[0]).toMatchObject({ input: { model: "sir", modelText: "<xmile/>" } });
  });

  test("joins once, when the last of a step's needs succeeds", () => {
    const run = driveRun(`name: join
steps:
  a: { agent: simulation, input: { model: sir } }
  b: { agent: simulation, input: { model: sir } }
  c: { agent: viz, needs: [a, b, a], input: { simulation: "\${{ steps.a.output }}" } }
`);
    expect(dispatchedBy(run.effects)).toEqual(["R1.a.1", "R1.b.1"]);
    expect(dispatchedBy(run.succeed("a"))).toEqual([]);
    expect(dispatchedBy(run.succeed("b"))).toEqual(["R1.c.1"]);
    expect(dispatchedBy(run.succeed("b"))).toEqual([]);
  });

  test("answers a question from the outputs of the run it is based on", () => {
    const ask = readFileSync(join(import.meta.dirname, "../../flows/ask.yaml"), "utf8");
    const run = driveRun(ask, {
      parameters: { question: "Why?" },
      basedOnOutputs: { simulation: { peak: 3 } },
    });
    expect(run.effects[0]).toMatchObject({
      input: { question: "Why?", simulation: { peak: 3 } },
    });
  });
});

describe("results that do not count", () => {
  test("change nothing", () => {
    const run = driveRun();
    run.succeed("simulation");
    const before = run.state;
    expect(run.succeed("simulation", 1, { forged: true })).toEqual([]);
    expect(run.succeed("qna", 2)).toEqual([]);
    expect(run.succeed("nowhere")).toEqual([]);
    expect(run.succeed("constructor")).toEqual([]);
    expect(run.state).toEqual(before);
  });

  test("are told apart as late, duplicate and unknown", () => {
    const run = driveRun();
    expect(ignoreReason(run.state, result("simulation", 1))).toBeUndefined();
    expect(ignoreReason(run.state, result("simulation", 2))).toBe("unknown");
    expect(ignoreReason(run.state, result("qna", 1))).toBe("unknown");
    expect(ignoreReason(run.state, result("constructor", 1))).toBe("unknown");
    const wrong = result("simulation", 7, taskIdSchema.parse("R1.simulation.1"));
    expect(ignoreReason(run.state, wrong)).toBe("unknown");
    run.timeOut("simulation", 1);
    expect(ignoreReason(run.state, result("simulation", 1))).toBe("late");
    run.retryDue("simulation", 1);
    run.succeed("simulation", 2);
    expect(ignoreReason(run.state, result("simulation", 2))).toBe("duplicate");
  });

  test("are counted when the log says so", () => {
    const run = driveRun();
    const taskId = taskIdSchema.parse("R1.x.1");
    run.send({ type: "result-ignored", at: 5, taskId, reason: "unknown" });
    expect(run.state.ignoredResults).toBe(1);
  });

  test("do not reach an attempt that was made before a rerun", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.succeed("qna");
    run.succeed("viz");
    run.rerun("viz");
    expect(run.succeed("viz", 1, { forged: true })).toEqual([]);
    expect(run.statusOf("viz")).toBe("dispatched");
    run.succeed("viz", 2);
    expect(run.state.status).toBe("succeeded");
  });
});

describe("a failed attempt", () => {
  test("is repeated after a delay, and the run goes on", () => {
    const run = driveRun();
    const [, timer] = run.fail("simulation");
    expect(timer).toMatchObject({
      type: "set-timer",
      timer: { kind: "retry", stepKey: "simulation", attempt: 1 },
    });
    expect(run.statusOf("simulation")).toBe("retrying");
    expect(dispatchedBy(run.retryDue("simulation", 1))).toEqual(["R1.simulation.2"]);
    run.succeed("simulation", 2);
    expect(run.statusOf("qna")).toBe("dispatched");
  });

  test("fails the step when its attempts are used up, and blocks what is built on it", () => {
    const run = driveRun();
    run.fail("simulation");
    run.retryDue("simulation", 1);
    run.fail("simulation", 2);
    expect(run.statuses()).toEqual({ simulation: "failed", qna: "blocked", viz: "blocked" });
    expect(run.state.status).toBe("failed");
  });

  test("is not repeated when another try cannot mend it", () => {
    const run = driveRun();
    run.fail("simulation", 1, "invalid-input");
    expect(run.statusOf("simulation")).toBe("failed");
  });

  test("leaves its siblings to finish before the run fails", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.fail("qna", 1, "bug");
    expect(run.state.status).toBe("running");
    run.succeed("viz");
    expect(run.state.status).toBe("failed");
  });

  test("ignores a retry that is due twice or for another attempt", () => {
    const run = driveRun();
    run.fail("simulation");
    expect(run.retryDue("simulation", 2)).toEqual([]);
    run.retryDue("simulation", 1);
    expect(run.retryDue("simulation", 1)).toEqual([]);
    expect(run.retryDue("constructor", 1)).toEqual([]);
  });

  test("by timeout is taken from its worker and repeated", () => {
    const run = driveRun();
    const effects = run.timeOut("simulation", 1);
    expect(effects).toMatchObject([
      { type: "cancel-task", taskId: "R1.simulation.1", agent: "simulation", reason: "timeout" },
      { type: "set-timer", timer: { kind: "retry" } },
    ]);
    expect(run.state.steps[key("simulation")]?.attempts[0]?.result).toMatchObject({
      failure: { kind: "timeout", message: "no result within 300 s" },
    });
  });

  test("does not come of a timeout that belongs to another attempt or step", () => {
    const run = driveRun();
    expect(run.timeOut("simulation", 2)).toEqual([]);
    expect(run.timeOut("qna", 1)).toEqual([]);
    expect(run.timeOut("nowhere", 1)).toEqual([]);
    expect(run.statusOf("simulation")).toBe("dispatched");
  });
});

describe("cancelling", () => {
  test("asks the workers to stop and ends with their answers", () => {
    const run = driveRun();
    run.succeed("simulation");
    const effects = run.cancel();
    expect(effects).toMatchObject([
      { type: "cancel-task", taskId: "R1.qna.1", reason: "cancelled" },
      { type: "set-timer", timer: { kind: "timeout", stepKey: "qna" } },
      { type: "cancel-task", taskId: "R1.viz.1" },
      { type: "set-timer", timer: { stepKey: "viz" }, dueAt: 1002 + CANCEL_GRACE_MS },
    ]);
    expect(run.state.status).toBe("cancelling");
    run.fail("qna", 1, "cancelled");
    run.succeed("viz");
    expect(run.statuses()).toEqual({
      simulation: "succeeded",
      qna: "cancelled",
      viz: "cancelled",
    });
    expect(run.state).toMatchObject({ status: "cancelled", finishedAt: 1004 });
  });

  test("ends without an answer after the grace, with every attempt closed", () => {
    const run = driveRun();
    run.cancel();
    run.timeOut("simulation", 1);
    expect(run.state.status).toBe("cancelled");
    expect(run.statuses()).toEqual({
      simulation: "cancelled",
      qna: "cancelled",
      viz: "cancelled",
    });
    expect(run.state.steps[key("simulation")]?.attempts[0]?.result).toMatchObject({
      failure: { kind: "cancelled" },
    });
    expect(ignoreReason(run.state, result("simulation", 1))).toBe("late");
  });

  test("ends at once when no step is being carried out", () => {
    const run = driveRun();
    run.fail("simulation");
    expect(run.cancel()).toEqual([
      { type: "clear-timer", timer: { kind: "retry", stepKey: "simulation", attempt: 1 } },
    ]);
    expect(run.state.status).toBe("cancelled");
    expect(run.retryDue("simulation", 1)).toEqual([]);
  });

  test("does nothing to a run that has ended or is being cancelled", () => {
    const run = driveRun();
    run.cancel();
    expect(run.cancel()).toEqual([]);
    run.timeOut("simulation", 1);
    const before = run.state;
    expect(run.cancel()).toEqual([]);
    expect(run.state).toEqual(before);
  });

  test("keeps what had failed or was blocked", () => {
    const run = driveRun(`name: two
steps:
  a: { agent: simulation, input: { model: sir }, retry: { attempts: 1 } }
  b: { agent: simulation, needs: a, input: { model: sir } }
  c: { agent: simulation, input: { model: sir } }
`);
    run.fail("a");
    run.cancel();
    run.timeOut("c", 1);
    expect(run.statuses()).toEqual({ a: "failed", b: "blocked", c: "cancelled" });
    expect(run.state.status).toBe("cancelled");
  });
});

describe("rerun", () => {
  const finished = (): ReturnType<typeof driveRun> => {
    const run = driveRun();
    for (const step of ["simulation", "qna", "viz"]) run.succeed(step);
    return run;
  };

  test("of the simulation does all three again", () => {
    const run = finished();
    expect(dispatchedBy(run.rerun("simulation"))).toEqual(["R1.simulation.2"]);
    expect(run.statuses()).toEqual({ simulation: "dispatched", qna: "waiting", viz: "waiting" });
    expect(run.state).toMatchObject({ status: "running", finishedAt: null });
    expect(dispatchedBy(run.succeed("simulation", 2))).toEqual(["R1.qna.2", "R1.viz.2"]);
  });

  test.each([
    ["qna", "viz"],
    ["viz", "qna"],
  ])("of %s leaves %s as it is", (step, sibling) => {
    const run = finished();
    const before = run.state.steps[key(sibling)];
    expect(dispatchedBy(run.rerun(step))).toEqual([`R1.${step}.2`]);
    expect(run.state.steps[key(sibling)]).toBe(before);
  });

  test("adds attempts and overwrites none", () => {
    const run = finished();
    const before = run.state.steps[key("viz")]?.attempts ?? [];
    run.rerun("viz");
    run.succeed("viz", 2, { new: true });
    const step = run.state.steps[key("viz")];
    expect(step?.attempts.slice(0, 1)).toEqual(before);
    expect(step && outputOf(step)).toEqual({ new: true });
  });

  test("has a fresh retry budget", () => {
    const run = driveRun();
    run.fail("simulation");
    run.retryDue("simulation", 1);
    run.fail("simulation", 2);
    run.rerun("simulation");
    run.fail("simulation", 3);
    expect(run.statusOf("simulation")).toBe("retrying");
    run.retryDue("simulation", 3);
    run.fail("simulation", 4);
    expect(run.statusOf("simulation")).toBe("failed");
  });

  test("is refused while a step of the set is under way", () => {
    const run = driveRun();
    run.succeed("simulation");
    expect(planFrom(run.state, key("simulation")).refusal?.message).toContain("qna, viz");
    const before = run.state;
    expect(run.rerun("simulation")).toEqual([]);
    expect(run.state).toEqual(before);
  });

  test("is refused when a step it needs has not succeeded", () => {
    const run = driveRun();
    run.fail("simulation", 1, "bug");
    expect(planFrom(run.state, key("viz")).refusal).toEqual({
      kind: "rejected",
      message: '"viz" needs simulation, which has not succeeded',
      nextStep: "rerun simulation instead",
    });
  });

  test("is refused for a step the run does not have", () => {
    const run = finished();
    for (const name of ["nowhere", "constructor", "qna[3]"]) {
      expect(planFrom(run.state, key(name)).refusal?.nextStep).toBe(
        "use one of simulation, qna, viz",
      );
      expect(run.rerun(name)).toEqual([]);
    }
    expect(run.state.status).toBe("succeeded");
  });

  test("is refused while the run is being cancelled", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.cancel();
    run.succeed("qna");
    expect(planFrom(run.state, key("qna")).refusal?.message).toBe("the run is being cancelled");
    run.timeOut("viz", 1);
    expect(planFrom(run.state, key("qna")).refusal).toBeUndefined();
  });

  test("of one cancelled step leaves the run cancelled, not failed", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.cancel();
    run.timeOut("qna", 1);
    run.timeOut("viz", 1);
    run.rerun("qna");
    run.succeed("qna", 2);
    expect(run.state.status).toBe("cancelled");
    run.rerun("viz");
    run.succeed("viz", 2);
    expect(run.state.status).toBe("succeeded");
  });

  test("blocks a join whose other branch is a dead end", () => {
    const run = driveRun(`name: join
steps:
  a: { agent: simulation, input: { model: sir } }
  b: { agent: simulation, input: { model: sir } }
  c: { agent: simulation, needs: [a, b], input: { model: sir } }
`);
    run.cancel();
    run.timeOut("a", 1);
    run.timeOut("b", 1);
    run.rerun("a");
    expect(run.statuses()).toEqual({ a: "dispatched", b: "cancelled", c: "blocked" });
    run.rerun("b");
    run.succeed("a", 2);
    expect(dispatchedBy(run.succeed("b", 2))).toEqual(["R1.c.1"]);
  });

  test("keeps a refusal short enough to be stored", () => {
    const ids = Array.from({ length: 200 }, (_, n) => `step-with-a-very-long-name-indeed-${n}`);
    const steps = ids.map((id) => `  ${id}: { agent: simulation, input: { model: sir } }\n`);
    const run = driveRun(`name: wide\nsteps:\n${steps.join("")}`);
    expect(() => failureSchema.parse(planFrom(run.state, key("x")).refusal)).not.toThrow();
  });
});

describe("a run that cannot start", () => {
  const failing = (flowText: string, more = {}): RunState => {
    const run = driveRun(flowText, more);
    expect(run.effects).toEqual([]);
    expect(run.state).toMatchObject({ status: "failed", finishedAt: 1000, steps: {} });
    expect(runStateSchema.parse(run.state)).toEqual(run.state);
    return run.state;
  };

  test("fails visibly when its flow does not parse", () => {
    expect(failing("steps: [").failure).toMatchObject({
      kind: "invalid-input",
      message: expect.stringContaining("line 1: not valid YAML"),
    });
  });

  test("fails visibly when its parameters do not fit", () => {
    const state = failing(FORK_FLOW, { parameters: { model: "", nonsense: 1 } });
    expect(state.failure?.message).toContain('unknown parameter "nonsense"');
    expect(state.failure?.message).toContain('parameter "model" must not be empty');
  });

  test("fails visibly when its id leaves no room for its tasks' ids", () => {
    const state = failing(FORK_FLOW, { runId: runIdSchema.parse("R".repeat(128)) });
    expect(state.failure?.message).toContain("id is longer than");
  });

  test("fails with a message that can be stored, however long its problems are", () => {
    const state = failing(FORK_FLOW.replace("params.model", "a".repeat(9000)));
    expect(state.failure?.message).toHaveLength(4000);
    expect(planFrom(state, key("x")).refusal?.nextStep).toBe("start a new run");
  });

  test("fails the step whose look-up leads nowhere, and the run with it", () => {
    const run = driveRun(
      FORK_FLOW.replace("steps.simulation.output }}", "steps.simulation.output.gone }}"),
    );
    run.succeed("simulation", 1, { peak: 3 });
    expect(run.statuses()).toMatchObject({ qna: "failed", viz: "dispatched" });
    run.succeed("viz");
    expect(run.state.status).toBe("failed");
    expect(run.state.steps[key("qna")]?.attempts[0]?.result).toMatchObject({
      failure: { kind: "invalid-input", message: expect.stringContaining('no "gone"') },
    });
  });

  test("ends at once when no step can be dispatched", () => {
    const ask = readFileSync(join(import.meta.dirname, "../../flows/ask.yaml"), "utf8");
    const run = driveRun(ask, { parameters: { question: "Why?" } });
    expect(run.state).toMatchObject({ status: "failed", finishedAt: 1000 });
  });
});

describe("the log", () => {
  test("gives nothing before the request", () => {
    const [, ...later] = (() => {
      const run = driveRun();
      run.cancel();
      return run.events;
    })();
    expect(fold(later)).toBeUndefined();
    expect(fold([])).toBeUndefined();
  });

  test("counts a repeated request once", () => {
    const run = driveRun();
    const before = run.state;
    run.send({ type: "run-requested", at: 9999, spec: specOf(FORK_FLOW) });
    expect(run.state).toBe(before);
  });

  test("has failed from the beginning when its request is lost", () => {
    const about = { runId, sessionId: specOf(FORK_FLOW).sessionId, flowName: "built-in" };
    const [state, effects] = reduce(undefined, { type: "run-lost", at: 7, ...about }) ?? [];
    expect(runStateSchema.parse(state)).toMatchObject({
      origin: { spec: about, flow: { name: "built-in", steps: [] } },
      status: "failed",
      failure: { kind: "bus-data-lost", nextStep: "start the run again" },
      finishedAt: 7,
    });
    expect(effects).toEqual([]);
  });

  test("is not lost when it is known", () => {
    const run = driveRun();
    const before = run.state;
    const { sessionId } = specOf(FORK_FLOW);
    run.send({ type: "run-lost", at: 9999, runId, sessionId, flowName: "built-in" });
    expect(run.state).toBe(before);
  });

  test("keeps a refused command without effect", () => {
    const run = driveRun();
    const before = run.state;
    const reason = { kind: "rejected" as const, message: "no" };
    run.send({ type: "command-refused", at: 5, commandId: "c", reason });
    expect(run.state).toBe(before);
  });
});

describe("a state from elsewhere", () => {
  /** As a later version may write it: an instance of a fan-out, and a step without its state. */
  const strange = (): RunState => {
    const { state } = driveRun();
    const { simulation, viz } = state.steps as Record<string, RunState["steps"][never]>;
    return {
      ...state,
      steps: { simulation, viz, "qna[3]": viz, gone: simulation } as RunState["steps"],
    };
  };

  const driveToEnd = (): RunState["steps"][never] => {
    const run = driveRun();
    run.succeed("simulation");
    const step = run.state.steps[key("simulation")];
    if (step === undefined) throw new Error("the run has the step");
    return step;
  };

  test("offers no output where a step's last attempt does not have one", () => {
    const progress = { status: "succeeded" as const, attempt: 1 };
    expect(
      outputOf({ progress, attempts: [], attemptsForgiven: 0, approved: false, feedback: "" }),
    ).toBeUndefined();
  });

  test("does not break any decision", () => {
    const state = strange();
    expect(readySteps(state)).toEqual([]);
    expect(planFrom(state, key("qna[3]")).reset).toEqual(["qna[3]"]);
    expect(planFrom(state, key("qna[3]")).refusal?.message).toContain("needs simulation");
    expect(reduce(state, { type: "cancel-requested", at: 1, commandId: "c" })).toBeDefined();
    expect(planFrom(state, key("gone")).refusal?.message).toContain("still under way");
    const ended = { ...state, steps: { gone: driveToEnd() } };
    expect(planFrom(ended, key("gone")).refusal).toBeUndefined();
    const unknown = result("gone", 1, taskIdSchema.parse("R1.simulation.1"));
    for (const event of [
      {
        type: "result-received" as const,
        at: 1,
        ...unknown,
        result: {
          status: "succeeded" as const,
          output: 1,
          worker: "w",
          startedAt: 1,
          finishedAt: 1,
        },
      },
      { type: "timeout-reached" as const, at: 1, stepKey: key("gone"), attempt: 1 },
    ]) {
      expect(reduce(state, event)?.[0]).toEqual(state);
    }
  });
});
