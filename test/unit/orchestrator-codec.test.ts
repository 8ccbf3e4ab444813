import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  decodeRun,
  decodeTimer,
  encodeOrigin,
  encodeState,
  encodeTimer,
} from "../../src/orchestrator/codec.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import { reduce } from "../../src/orchestrator/reduce.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import type { RunId } from "../../src/protocol/ids.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import { dispatchedBy, driveRun, key } from "../support/runs.ts";

describe("a run that was stored before there were plans, approvals and fan-outs", () => {
  const stored: { origin: string; state: string } = JSON.parse(
    readFileSync(new URL("../fixtures/run-state-v1.json", import.meta.url), "utf8"),
  );

  function apply(state: RunState, wish: SameRunWish): readonly string[] {
    const { planHash } = planRerun(state, wish);
    const order = { at: 9, commandId: "p", wish, planHash, interrupt: false };
    const decision = reduce(state, { type: "plan-applied", ...order });
    return dispatchedBy(decision?.[1] ?? []);
  }

  test("has none of the newer fields, or the test would show nothing", () => {
    expect(stored.state).not.toMatch(/approved|feedback|inheritedFrom/);
  });

  test("is read, with nobody's approval and nobody's feedback", () => {
    const state = decodeRun(stored);
    expect(state.status).toBe("failed");
    expect(state.steps[key("viz")]).toMatchObject({
      progress: { status: "succeeded", attempt: 2 },
      approved: false,
      feedback: "",
    });
  });

  test.each<[wish: SameRunWish, dispatched: readonly string[]]>([
    [{ kind: "from", stepKey: key("simulation") }, ["R1.simulation.2"]],
    [{ kind: "only", stepKey: key("viz") }, ["R1.viz.3"]],
    [{ kind: "failed" }, ["R1.qna.3"]],
  ])("can be done again: %j", (wish, dispatched) => {
    expect(apply(decodeRun(stored), wish)).toEqual(dispatched);
  });

  test("is stored again in today's form, which reads the same", () => {
    const state = decodeRun(stored);
    const again = decodeRun({ origin: encodeOrigin(state), state: encodeState(state) });
    expect(again).toEqual(state);
  });
});

test("a run of today is read as it was stored", () => {
  const { state } = driveRun();
  expect(decodeRun({ origin: encodeOrigin(state), state: encodeState(state) })).toEqual(state);
});

test("a stored run that is not one is not guessed at", () => {
  expect(() => decodeRun({ origin: "{}", state: "{}" })).toThrow();
});

describe("a timer", () => {
  test.each(["retry", "timeout", "look-up"] as const)("of kind %s is read back", (kind) => {
    const timer = { kind, stepKey: key("qna[3]"), attempt: 2 };
    expect(encodeTimer("R1" as RunId, timer)).toBe(`${kind} R1 qna[3] 2`);
    expect(decodeTimer(`${kind} R1 qna[3] 2`)).toEqual({ runId: "R1", timer });
  });

  test.each([
    ...["", "retry", "alarm R1 qna 1", "retry R1 qna", "retry R1 Q!A 1", "timeout R1 qna 0"],
    ...["retry R1 qna x1", "retry R1 qna 1x", "retry R1 qna -1", "retry R1 qna 1234567890"],
  ])("is not read from %j", (text) => {
    expect(decodeTimer(text)).toBeUndefined();
  });

  test("of a late attempt is read back", () => {
    expect(decodeTimer("retry R1 qna 123")?.timer.attempt).toBe(123);
  });
});
