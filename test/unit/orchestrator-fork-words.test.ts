/** What a plan of a fork says of steps it cannot take over, and of edits that do not fit. */
import { describe, expect, test } from "vitest";
import { toJsonValue } from "../../src/base/json-value.ts";
import { inputProblem, outputProblem, schemaOf } from "../../src/orchestrator/agent-schemas.ts";
import { planFork } from "../../src/orchestrator/plan-fork.ts";
import type { ForkWish } from "../../src/protocol/rerun.ts";
import { QNA_OUTPUT, SIMULATION_OUTPUT } from "../support/run-history.ts";
import type { DrivenRun } from "../support/runs.ts";
import { driveRun, FORK_FLOW, key } from "../support/runs.ts";

const SIMULATED = toJsonValue(SIMULATION_OUTPUT);
const ANSWERED = toJsonValue(QNA_OUTPUT);
const VIZ = `agent: viz\n    needs: simulation`;

/** The simulation is there, the answer and the chart are not. */
function simulated(flow = FORK_FLOW): DrivenRun {
  const run = driveRun(flow);
  run.succeed("simulation", 1, SIMULATED);
  run.fail("qna", 1, "bug");
  run.fail("viz", 1, "bug");
  return run;
}

const asking = (question: string): ForkWish => ({ kind: "parameters", parameters: { question } });
const flow = (flowText: string): ForkWish => ({ kind: "flow", flowText });

describe("an edit that does not fit", () => {
  test("is refused with what to do", () => {
    const wish: ForkWish = { kind: "edit-input", stepKey: key("nobody"), input: {} };
    expect(planFork(simulated().state, wish)).toMatchObject({
      refusal: {
        kind: "rejected",
        message: 'this run has no step "nobody"',
        nextStep: "correct the edit, or choose another step",
      },
      stale: [],
      active: [],
      reset: [],
    });
  });

  test("tells of every parameter, and of the first problem of a flow", () => {
    const wish: ForkWish = { kind: "parameters", parameters: { question: 3, model: 4 } };
    const message = planFork(simulated().state, wish).refusal?.message ?? "";
    expect(message.split("; ")).toHaveLength(2);
    const more = "params:\n  one: { type: string }\n  two: { type: string }\n";
    const unasked = planFork(simulated().state, flow(FORK_FLOW.replace("params:\n", more)));
    expect(unasked.refusal?.message.split("; ")).toHaveLength(2);
    const wrong = FORK_FLOW.replaceAll("needs: simulation", "needs: nobody");
    expect(planFork(simulated().state, flow(wrong)).refusal?.message).toMatch(
      /^line \d+: step "qna" needs "nobody", which is not a step of this flow$/,
    );
  });

  test("is told of by the first place of it that is wrong", () => {
    const output = toJsonValue({ ...SIMULATION_OUTPUT, model: { name: 3 } });
    const problem = outputProblem("simulation", output, false);
    expect(problem).toMatch(/^model\.name: /);
    expect(problem).not.toContain("model.title");
    expect(inputProblem("qna", {})).not.toContain("simulation: ");
  });

  test("is judged by what the agent takes in, not by what it gives back", () => {
    expect(schemaOf("qna", "input").safeParse(ANSWERED).success).toBe(false);
    expect(schemaOf("qna", "output").safeParse(ANSWERED).success).toBe(true);
  });
});

describe("a fork takes over", () => {
  test("no output that does not fit its agent, and says why", () => {
    const run = driveRun();
    run.succeed("simulation", 1, { of: "nothing" });
    run.fail("qna", 1, "bug");
    run.fail("viz", 1, "bug");
    const plan = planFork(run.state, asking("Else?"));
    expect(plan.inherit).toEqual([]);
    expect(plan.ineligible).toEqual([
      { stepKey: "simulation", reason: expect.stringMatching(/^its output is not valid: \w+/) },
      { stepKey: "viz", reason: "it is failed" },
    ]);
  });

  test("nothing of a step that its flow no longer has", () => {
    const short = FORK_FLOW.slice(0, FORK_FLOW.indexOf("  viz:"));
    const changed = short.replace(`"\${{ params.question }}"`, '"Why?"');
    expect(planFork(simulated().state, flow(changed))).toMatchObject({
      reset: ["qna"],
      inherit: ["simulation"],
      ineligible: [],
    });
  });

  test("no parameter that its flow no longer has", () => {
    const changed = FORK_FLOW.replace(/ {2}question: .*\n/, "").replace(
      `"\${{ params.question }}"`,
      '"Why?"',
    );
    const plan = planFork(simulated().state, flow(changed));
    expect(plan.refusal).toBeUndefined();
    expect(Object.keys(plan.request.parameters)).toEqual(["model"]);
  });

  test("an output that was pinned, with the input it stands for", () => {
    const wish: ForkWish = { kind: "pin-output", stepKey: key("qna"), output: ANSWERED };
    const plan = planFork(
      simulated(`${FORK_FLOW}  after:\n    ${VIZ.replace("simulation", "qna")}
    input: { simulation: "\${{ steps.qna.output }}" }\n`).state,
      wish,
    );
    expect(plan.ineligible).toEqual([{ stepKey: "viz", reason: "it is failed" }]);
    expect(plan.request.fork.inherited["qna"]).toMatchObject({
      taskId: "R1.qna.1",
      input: { question: "What is the peak?" },
    });
  });
});

describe("a fork does again", () => {
  test("what looks up the parameter, not what looks up a step of the same name", () => {
    const named = FORK_FLOW.replace("question: {", "simulation: {").replace(
      "params.question",
      "params.simulation",
    );
    const wish: ForkWish = { kind: "parameters", parameters: { simulation: "Else?" } };
    expect(planFork(simulated(named).state, wish).reset).toEqual(["qna"]);
  });

  test("nothing behind a step whose output is gone, however the flow is ordered", () => {
    const last = `  last: { agent: viz, needs: [middle], input: { simulation: {} } }\n`;
    const middle = `  middle: { agent: viz, needs: [qna], input: { simulation: {} } }\n`;
    const ordered = FORK_FLOW.replace("steps:\n", `steps:\n${last}${middle}`);
    const unusable = { simulation: "its file is gone" };
    expect(planFork(simulated(ordered).state, asking("Else?"), { unusable }).blocked).toEqual([
      { stepKey: "qna", by: "simulation" },
      { stepKey: "middle", by: "qna" },
      { stepKey: "last", by: "middle" },
    ]);
  });
});
