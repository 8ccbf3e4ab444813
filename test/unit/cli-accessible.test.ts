import { describe, expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { replyTo } from "../../src/cli/accessible.ts";
import type { ConsoleState } from "../../src/console/console-state.ts";
import { stateOf, worker } from "../support/mount-screen.ts";
import { finished, runView } from "../support/run-history.ts";

function replyWith(line: string, state: Partial<ConsoleState> = { runs: [finished()] }) {
  const store = createStore<ConsoleState>(() => stateOf(state));
  return replyTo(line, { store, artifactPath: ({ name }) => `/artifacts/${name}` }, "offered");
}

describe("a conversation without a screen", () => {
  test("tells a fan-out as a whole, and its instances when they are asked for", () => {
    const run = runView({
      id: "run-1",
      flow: "many",
      text: `name: many
steps:
  look:
    agent: simulation
    foreach: [a, b]
    retry: { attempts: 1 }
    input: { model: sir }`,
      told: [{ step: "look[1]", at: 900, failed: "no" }],
    });

    expect(replyWith("steps", { runs: [run] })).toMatchObject({
      lines: [
        "Run run-1 of many is running.",
        "look: running, attempt 1, 2 instances: 1 dispatched, 1 failed.",
      ],
    });
    expect(replyWith("steps look", { runs: [run] })).toMatchObject({
      lines: [
        "look: 2 instances: 1 dispatched, 1 failed.",
        "look[0]: dispatched, attempt 1.",
        "look[1]: failed, attempt 1.",
      ],
    });
    expect(replyWith("steps what", { runs: [run] })).toMatchObject({
      lines: ["what is no step with instances."],
    });
  });

  test.each([
    ["start", { type: "start-run", flowName: "offered", parameters: {} }],
    ["start ask", { type: "start-run", flowName: "ask", parameters: {} }],
    [
      "ask  When is the  peak?",
      { type: "ask-question", runId: "run-1", question: "When is the peak?" },
    ],
    ["rerun viz", { type: "rerun-step", runId: "run-1", stepKey: "viz" }],
    ["cancel", { type: "cancel-run", runId: "run-1" }],
  ])("understands %j", (line, intent) => {
    expect(replyWith(line)).toMatchObject({ kind: "wish", intent });
  });

  test.each([
    ["help", /start \[FLOW\]: start a run/],
    ["steps", /simulation: succeeded, attempt 1\./],
    ["answer", /Infectious peaks at 6 021 people/],
    ["answer", /Chart: \/artifacts\/chart\.png/],
    ["runs", /run-1: simulation-qna-viz, succeeded\./],
    ["ask", /Ask what\?/],
    ["rerun lunch", /Rerun which step\? simulation, qna, viz\./],
    ["rerun __proto__", /Rerun which step\?/],
    ["dance", /"dance" is no word I know\. Type help\./],
  ])("answers %j", (line, text) => {
    const reply = replyWith(line);
    expect(reply.kind === "say" ? reply.lines.join("\n") : reply).toMatch(text);
  });

  test("tells of workers, and what to do before the first run", () => {
    const workers = replyWith("agents", { workers: [worker("qna:1")] });
    expect(workers).toMatchObject({ lines: ["box:qna:1: ready."] });
    expect(replyWith("steps", {})).toMatchObject({ lines: [expect.stringMatching(/no run yet/)] });
    expect(replyWith("quit")).toEqual({ kind: "quit" });
  });
});
