import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/base/json-value.ts";
import { toJsonValue } from "../../src/base/json-value.ts";
import { planFork } from "../../src/orchestrator/plan-fork.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { ForkWish } from "../../src/protocol/rerun.ts";
import { QNA_OUTPUT, SIMULATION_OUTPUT } from "../support/run-history.ts";
import type { DrivenRun } from "../support/runs.ts";
import { dispatchedBy, driveRun, FORK_FLOW, key } from "../support/runs.ts";

const SIMULATED = toJsonValue(SIMULATION_OUTPUT);
const ANSWERED = toJsonValue(QNA_OUTPUT);

const FAN_OUT = `name: built-in
params:
  questions: { type: list, default: [one, two] }
  title: { type: string, default: Chart }
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: "\${{ params.questions }}"
    input: { question: "\${{ item }}", simulation: "\${{ steps.simulation.output }}" }
  viz:
    agent: viz
    needs: qna
    input: { simulation: "\${{ steps.simulation.output }}", title: "\${{ params.title }}" }
`;

/** The simulation and the answers are there; the chart is not. */
function answered(flow = FORK_FLOW): DrivenRun {
  const run = driveRun(flow);
  run.succeed("simulation", 1, SIMULATED);
  for (const step of flow === FAN_OUT ? ["qna[0]", "qna[1]"] : ["qna"]) {
    run.succeed(step, 1, ANSWERED);
  }
  run.fail("viz", 1, "bug");
  return run;
}

const input = (step: string, value: JsonValue): ForkWish => ({
  kind: "edit-input",
  stepKey: key(step),
  input: value,
});
const pin = (step: string, output: JsonValue): ForkWish => ({
  kind: "pin-output",
  stepKey: key(step),
  output,
});
const flow = (flowText: string): ForkWish => ({ kind: "flow", flowText });

describe("a fork is refused", () => {
  test.each<[what: string, run: () => DrivenRun, wish: ForkWish, message: string]>([
    ["an input of an unknown step", answered, input("nobody", {}), 'no step "nobody"'],
    [
      "an input of a fan-out",
      () => answered(FAN_OUT),
      input("qna", {}),
      "change its list by a parameter",
    ],
    ["an output of an unknown step", answered, pin("nobody", {}), 'no step "nobody"'],
    [
      "an output of one instance",
      () => answered(FAN_OUT),
      pin("qna[0]", ANSWERED),
      'pin the output of "qna" as a list',
    ],
    ["an output that is no map", answered, pin("qna", "42"), "does not fit agent qna: it: "],
    [
      "an output of a fan-out that is no list",
      () => answered(FAN_OUT),
      pin("qna", ANSWERED),
      "does not fit agent qna: it: ",
    ],
    [
      "a parameter of another type",
      answered,
      { kind: "parameters", parameters: { question: 3 } },
      'parameter "question" must be text',
    ],
    ["a flow that is not one", answered, flow("name: x\nsteps: {}\n"), "line 2: "],
    [
      "a flow that asks for what nobody gave",
      answered,
      flow(FORK_FLOW.replace("params:\n", "params:\n  more: { type: string }\n")),
      'parameter "more" has no default',
    ],
  ])("for %s", (_, run, wish, message) => {
    const plan = planFork(run().state, wish);
    expect(plan.refusal?.message).toContain(message);
    expect(plan.reset).toEqual([]);
  });

  test("when all it would do again needs a step whose output is gone", () => {
    const wish: ForkWish = { kind: "parameters", parameters: { question: "Else?" } };
    const plan = planFork(answered().state, wish, { unusable: { simulation: "its file is gone" } });
    expect(plan.blocked).toEqual([{ stepKey: "qna", by: "simulation" }]);
    expect(plan.refusal?.message).toBe('"qna" needs simulation, whose output cannot be used');
  });
});

describe("a fork goes on", () => {
  test("where only some of its steps are blocked, and tells which", () => {
    const more = `${FORK_FLOW}  other: { agent: simulation, input: { model: sir } }\n  last: { agent: viz, needs: qna, input: { simulation: "\${{ steps.simulation.output }}" } }\n`;
    const text = more.replace(`needs: qna, input`, "needs: [qna, simulation], input");
    const question = text.replace(`"\${{ params.question }}"`, '"Why?"');
    const plan = planFork(answered().state, flow(question), {
      unusable: { simulation: "its file is gone" },
    });
    expect(plan.reset).toEqual(["qna", "other", "last"]);
    expect(plan.blocked.map(({ stepKey }) => stepKey)).toEqual(["qna", "last"]);
    expect(plan.refusal).toBeUndefined();
    expect(plan.estimateMs).toBeNull();
  });

  test("from an output that was never made, on what was not yet done", () => {
    const run = driveRun();
    run.fail("simulation", 1, "bug");
    const plan = planFork(run.state, pin("qna", ANSWERED));
    expect(plan.request.fork.inherited["qna"]).toMatchObject({
      taskId: "R1.qna.1",
      input: null,
      result: { worker: "operator", startedAt: run.state.startedAt },
    });
  });

  test("from a list that stands for a fan-out", () => {
    const plan = planFork(answered(FAN_OUT).state, pin("qna", [ANSWERED]));
    expect(plan).toMatchObject({ refusal: undefined, reset: ["viz"] });
    const forked = driveRun(plan.request.flowText, { fork: plan.request.fork });
    expect(dispatchedBy(forked.effects)).toEqual(["R1.viz.1"]);
  });

  test("with the answers of a fan-out, when what follows it changes", () => {
    const wish: ForkWish = { kind: "parameters", parameters: { title: "Peaks" } };
    const plan = planFork(answered(FAN_OUT).state, wish);
    expect(plan.inherit).toEqual(["simulation", "qna", "qna[0]", "qna[1]"]);
    const forked = driveRun(plan.request.flowText, plan.request);
    expect(dispatchedBy(forked.effects)).toEqual(["R1.viz.1"]);
    forked.succeed("viz");
    expect(forked.state.status).toBe("succeeded");
  });

  test("where a condition that uses the parameter decides anew", () => {
    const when = `when: { value: "\${{ params.question }}", equals: "no" }`;
    const run = driveRun(FORK_FLOW.replace("  viz:\n", `  viz:\n    ${when}\n`));
    run.succeed("simulation", 1, SIMULATED);
    run.succeed("qna", 1, ANSWERED);
    const plan = planFork(run.state, { kind: "parameters", parameters: { question: "no" } });
    expect(plan.reset).toEqual(["qna", "viz"]);
    const forked = driveRun(plan.request.flowText, plan.request);
    expect(dispatchedBy(forked.effects)).toEqual(["R1.qna.1", "R1.viz.1"]);
  });

  test("and leaves the question whether to skip to the new run", () => {
    const when = `when: { value: "\${{ params.model }}", equals: "no" }`;
    const run = driveRun(FORK_FLOW.replace("  viz:\n", `  viz:\n    ${when}\n`));
    run.succeed("simulation", 1, SIMULATED);
    run.succeed("qna", 1, ANSWERED);
    const plan = planFork(run.state, { kind: "parameters", parameters: { question: "no" } });
    expect(plan.inherit).toEqual(["simulation"]);
    expect(plan.ineligible).toEqual([]);
    const forked = driveRun(plan.request.flowText, plan.request);
    expect(forked.statusOf("viz")).toBe("skipped");
  });

  test("with the reason at hand why a step was left out of it", () => {
    const plan = planFork(answered().state, {
      kind: "parameters",
      parameters: { question: "Else?" },
    });
    const forked = driveRun(plan.request.flowText, plan.request);
    forked.succeed("qna");
    expect(planRerun(forked.state, { kind: "from", stepKey: key("qna") }).ineligible).toEqual([
      { stepKey: "viz", reason: "it is failed" },
    ]);
  });
});
