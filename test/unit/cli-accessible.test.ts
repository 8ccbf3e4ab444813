import { describe, expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { replyTo } from "../../src/cli/accessible.ts";
import type { ConsoleState } from "../../src/console/console-state.ts";
import { stateOf, worker } from "../support/mount-screen.ts";
import { finished } from "../support/run-history.ts";

function replyWith(line: string, state: Partial<ConsoleState> = { runs: [finished()] }) {
  const store = createStore<ConsoleState>(() => stateOf(state));
  return replyTo(line, { store, artifactPath: ({ name }) => `/artifacts/${name}` }, "offered");
}

describe("a conversation without a screen", () => {
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
