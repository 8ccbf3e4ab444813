import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/base/json-value.ts";
import { MAXIMUM_INSTANCES } from "../../src/orchestrator/flow.ts";
import { itemsOf } from "../../src/orchestrator/instances.ts";
import { lookUpsOf } from "../../src/orchestrator/plan.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import type { DrivenRun } from "../support/runs.ts";
import { dispatchedBy, driveRun, FORK_FLOW, key, runId } from "../support/runs.ts";

/** `simulation → qna for each of its output's items → viz`. */
const FAN_OUT = `name: built-in
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: "\${{ steps.simulation.output.items }}"
    input: { question: "\${{ item }}" , simulation: "\${{ steps.simulation.output }}" }
    retry: { attempts: 1 }
  viz:
    agent: viz
    needs: qna
    input: { simulation: "\${{ steps.qna.output }}" }
`;

function fannedOut(items: JsonValue): DrivenRun {
  const run = driveRun(FAN_OUT);
  run.succeed("simulation", 1, { items });
  return run;
}

function apply(run: DrivenRun, wish: SameRunWish, interrupt = false): readonly string[] {
  const { planHash } = planRerun(run.state, wish, { interrupt });
  const order = { type: "plan-applied", at: 5000, commandId: "p", wish, planHash, interrupt };
  return dispatchedBy(run.send({ ...order, type: "plan-applied" }));
}

const failureOfStep = (run: DrivenRun, step: string): unknown =>
  run.state.steps[key(step)]?.attempts.at(-1)?.result;

describe("the list of a fan-out", () => {
  test.each<[what: string, output: JsonValue, message: string]>([
    ["is not a list", { items: "one" }, "foreach needs a list"],
    ["is not there", {}, "items"],
    ["is too long", { items: Array(MAXIMUM_INSTANCES + 1).fill(0) }, "at most"],
  ])("fails the step when it %s", (_, output, message) => {
    const run = driveRun(FAN_OUT);
    run.succeed("simulation", 1, output);
    expect(run.statuses()).toMatchObject({ qna: "failed", viz: "blocked" });
    expect(failureOfStep(run, "qna")).toMatchObject({
      failure: { kind: "invalid-input", message: expect.stringContaining(message) },
    });
  });

  test("may hold null, and an instance may answer null", () => {
    const run = fannedOut([null, "b"]);
    expect(run.effects).toContainEqual(
      expect.objectContaining({
        stepKey: "qna[0]",
        input: expect.objectContaining({ question: null }),
      }),
    );
    run.succeed("qna[0]", 1, null);
    run.succeed("qna[1]", 1, "b");
    expect(failureOfStep(run, "qna")).toMatchObject({ output: [null, "b"] });
  });

  test("may be shorter when it is made again: what is over is skipped", () => {
    const run = fannedOut(["a", "b", "c"]);
    for (const step of ["qna[0]", "qna[1]", "qna[2]", "viz"]) run.succeed(step);
    apply(run, { kind: "from", stepKey: key("simulation") });
    expect(dispatchedBy(run.succeed("simulation", 2, { items: ["a"] }))).toEqual(["R1.qna[0].2"]);
    expect(run.state.steps[key("qna[2]")]?.progress).toEqual({
      status: "skipped",
      reason: "the list of qna has only 1 items now",
      deadEnd: false,
    });
    run.succeed("qna[0]", 2);
    run.succeed("viz", 2);
    expect(run.state.status).toBe("succeeded");
  });

  test("is not wanted of a step that was skipped", () => {
    const when = "agent: simulation, when: { value: 1, equals: 2 },";
    const run = driveRun(FAN_OUT.replace("agent: simulation,", when));
    expect(run.statuses()).toMatchObject({ simulation: "skipped", qna: "skipped" });
  });

  test("is empty for a step that the run does not have", () => {
    expect(itemsOf(fannedOut([]).state, key("nobody"))).toEqual([]);
  });
});

describe("a fan-out at work", () => {
  test("hands out nothing while the run is paused", () => {
    const run = fannedOut(["a", "b", "c", "d", "e"]);
    run.send({ type: "pause-requested", at: 2, commandId: "p" });
    expect(dispatchedBy(run.succeed("qna[0]"))).toEqual([]);
    const resumed = run.send({ type: "resume-requested", at: 3, commandId: "r" });
    expect(dispatchedBy(resumed)).toEqual(["R1.qna[4].1"]);
  });

  test("is given up as a whole by a rerun that interrupts it", () => {
    const run = fannedOut(["a", "b"]);
    expect(apply(run, { kind: "from", stepKey: key("qna") })).toEqual([]);
    const dispatched = apply(run, { kind: "from", stepKey: key("qna") }, true);
    expect(dispatched).toEqual(["R1.qna[0].2", "R1.qna[1].2"]);
    expect(run.state.steps[key("qna")]?.attempts[0]?.result).toMatchObject({
      failure: { message: "given up for a rerun" },
    });
  });
});

describe("a step that is dispatched", () => {
  test("is skipped when what it looks up was skipped", () => {
    const flow = FORK_FLOW.replace(
      "  simulation:\n",
      `  simulation:\n    when: { value: "\${{ params.question }}", equals: "no" }\n`,
    );
    const run = driveRun(flow);
    expect(run.state.steps[key("viz")]?.progress).toMatchObject({
      status: "skipped",
      reason: "simulation was skipped",
    });
    expect(run.state.status).toBe("succeeded");
  });

  test.each([
    ["fits, once its bytes are counted", 90_000, "dispatched"],
    ["is larger than a message", 300_000, "failed"],
  ])("with an input that %s", (_, length, status) => {
    const run = driveRun();
    run.succeed("simulation", 1, { text: "x".repeat(length) });
    expect(run.statusOf("qna")).toBe(status);
  });

  test.each([
    ["as it was when the run was requested", {}, "<old/>"],
    ["as the operator wrote it", { modelText: "<mine/>" }, "<mine/>"],
  ])("gets the text of its model %s", (_, edit, modelText) => {
    const inputs = { simulation: { model: "sir", ...edit } };
    const run = driveRun(FORK_FLOW, {
      models: { sir: "<old/>" },
      forkedFrom: runId,
      fork: { inherited: {}, inputs, leftOut: {} },
    });
    expect(run.effects[0]).toMatchObject({ input: { model: "sir", modelText } });
  });
});

test("look-ups leave out what is not one", () => {
  const input = { a: `\${{ params.x }}`, b: `\${{ 1 + 1 }}` };
  expect(lookUpsOf({ input })).toEqual([["params", "x"]]);
  const when = { value: `\${{ params.y }}`, equals: 1 };
  expect(lookUpsOf({ input, when, foreach: { items: [], maximumParallel: 1 } })).toEqual([
    ["params", "x"],
    ["params", "y"],
  ]);
});
