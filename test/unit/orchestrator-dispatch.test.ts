/** What is handed out, exactly, and what is not. */
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/base/json-value.ts";
import type { Effect } from "../../src/orchestrator/effects.ts";
import { MAXIMUM_INSTANCES } from "../../src/orchestrator/flow.ts";
import { MAXIMUM_MESSAGE_BYTES } from "../../src/protocol/envelope.ts";
import { driveRun, FORK_FLOW, key } from "../support/runs.ts";

/** `simulation → qna for each of its output's items`. */
const FAN_OUT = `name: built-in
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: "\${{ steps.simulation.output.items }}"
    input: { question: "\${{ item }}", simulation: "\${{ steps.simulation.output }}" }
`;

/** The effects, each by its kind and step. */
function told(effects: readonly Effect[]): readonly string[] {
  return effects.map((effect) => {
    if ("stepKey" in effect) return `${effect.type} ${effect.stepKey}`;
    return "timer" in effect ? `${effect.type} ${effect.timer.stepKey}` : effect.type;
  });
}

describe("nothing is asked of a worker", () => {
  test("for a step that a condition skips", () => {
    const never = `  simulation:\n    when: { value: "no", equals: "yes" }\n`;
    expect(driveRun(FORK_FLOW.replace("  simulation:\n", never)).effects).toEqual([]);
  });

  test("for a step that waits for a person", () => {
    const asked = "  simulation:\n    approval: Simulate?\n";
    expect(driveRun(FORK_FLOW.replace("  simulation:\n", asked)).effects).toEqual([]);
  });

  test("for a fan-out whose list is none, or empty", () => {
    for (const items of ["one", []]) {
      const run = driveRun(FAN_OUT);
      expect(told(run.succeed("simulation", 1, { items }))).toEqual(["clear-timer simulation"]);
    }
  });
});

describe("a fan-out", () => {
  test("hands out its instances and nothing else", () => {
    const run = driveRun(FAN_OUT);
    expect(told(run.effects)).toEqual(["dispatch-task simulation", "set-timer simulation"]);
    const effects = run.succeed("simulation", 1, { items: ["a", "b"] });
    expect(told(effects)).toEqual([
      "clear-timer simulation",
      ...["dispatch-task qna[0]", "set-timer qna[0]", "dispatch-task qna[1]", "set-timer qna[1]"],
    ]);
    expect(effects).toContainEqual(
      expect.objectContaining({
        stepKey: "qna[1]",
        input: expect.objectContaining({ question: "b" }),
      }),
    );
  });

  test("may be as long as is allowed", () => {
    const run = driveRun(FAN_OUT);
    run.succeed("simulation", 1, { items: new Array<JsonValue>(MAXIMUM_INSTANCES).fill(0) });
    expect(run.statusOf("qna")).toBe("running");
  });

  test("begins when a person agrees, though everything else waits", () => {
    const run = driveRun(FAN_OUT.replace("  qna:\n", "  qna:\n    approval: Ask?\n"));
    run.succeed("simulation", 1, { items: ["a"] });
    expect(run.state.status).toBe("waiting");
    const verdict = { kind: "approve" } as const;
    const stepKey = key("qna");
    const agreed = run.send({ type: "verdict-given", at: 6, commandId: "v", stepKey, verdict });
    expect(told(agreed)).toEqual(["dispatch-task qna[0]", "set-timer qna[0]"]);
  });
});

describe("an input", () => {
  /** What a message has room for besides its input, bytes. */
  const room = MAXIMUM_MESSAGE_BYTES - 8192;
  const used = JSON.stringify({ question: "What is the peak?", simulation: { text: "" } }).length;

  test("may fill the room that a message has for it", () => {
    const run = driveRun();
    run.succeed("simulation", 1, { text: "x".repeat(room - used) });
    expect(run.statusOf("qna")).toBe("dispatched");
  });

  test("that is a byte longer fails the step, as an attempt that no worker made", () => {
    const run = driveRun();
    run.succeed("simulation", 1, { text: "x".repeat(room - used + 1) });
    const at = run.events.at(-1)?.at;
    expect(run.state.steps[key("qna")]).toMatchObject({
      progress: { status: "failed", attempt: 1 },
      attempts: [
        {
          attempt: 1,
          taskId: "R1.qna.1",
          input: null,
          result: {
            status: "failed",
            failure: {
              kind: "invalid-input",
              message: `the step's input has ${room + 1} bytes; a message carries at most ${room}`,
              nextStep: "correct the step's input in the flow file",
            },
            worker: "",
            startedAt: at,
            finishedAt: at,
          },
        },
      ],
    });
  });

  test("has the text of a model for a simulation alone", () => {
    const run = driveRun(FORK_FLOW, {
      models: { sir: "<old/>" },
      fork: {
        inherited: {},
        inputs: { qna: { question: "Why?", simulation: {}, model: "sir" } },
        leftOut: {},
      },
    });
    const [, , dispatched] = run.succeed("simulation");
    expect([run.effects[1], dispatched]).toContainEqual(
      expect.objectContaining({ input: { question: "Why?", simulation: {}, model: "sir" } }),
    );
  });

  test("is as it stands when the model is not one of the run's", () => {
    const run = driveRun(FORK_FLOW, { models: { other: "<other/>" } });
    expect(run.effects[0]).toMatchObject({ input: { model: "sir" } });
    expect(run.effects[0]).not.toHaveProperty("input.modelText");
  });

  test("has the text that the run was requested with, whatever the flow's file says", () => {
    const own = FORK_FLOW.replace("input: { model:", 'input: { modelText: "<mine/>", model:');
    const run = driveRun(own, { models: { sir: "<old/>" } });
    expect(run.effects[0]).toMatchObject({ input: { model: "sir", modelText: "<old/>" } });
  });
});
