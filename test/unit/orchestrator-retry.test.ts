import { expect, test } from "vitest";
import { DEFAULT_RETRY, retryDelayMs } from "../../src/orchestrator/retry.ts";
import { FAILURE_KINDS } from "../../src/protocol/failure.ts";
import { taskIdSchema } from "../../src/protocol/ids.ts";

const task = taskIdSchema.parse("R1.qna.1");
const failure = { kind: "tool" as const, message: "no" };

test("waits longer from attempt to attempt, within the jitter", () => {
  const policy = { attempts: 9, initialDelayMs: 1000, factor: 2, maximumDelayMs: 3000 };
  for (const [made, exact] of [
    [1, 1000],
    [2, 2000],
    [3, 3000],
    [4, 3000],
  ] as const) {
    const delay = retryDelayMs(policy, made, failure, task);
    expect(delay).toBeGreaterThanOrEqual(exact * 0.8);
    expect(delay).toBeLessThanOrEqual(exact * 1.2);
  }
});

test("gives every reader the same delay for a task, and different tasks different ones", () => {
  const delayOf = (name: string) =>
    retryDelayMs(DEFAULT_RETRY, 1, failure, taskIdSchema.parse(name));
  expect(delayOf("R1.qna.1")).toBe(delayOf("R1.qna.1"));
  const delays = new Set(Array.from({ length: 50 }, (_, n) => delayOf(`R${n}.qna.1`)));
  expect(delays.size).toBeGreaterThan(30);
});

test("gives up when the attempts are used up", () => {
  expect(retryDelayMs(DEFAULT_RETRY, DEFAULT_RETRY.attempts, failure, task)).toBeUndefined();
});

test("repeats only what another try can mend", () => {
  const repeated = FAILURE_KINDS.filter(
    (kind) => retryDelayMs(DEFAULT_RETRY, 1, { kind, message: "" }, task) !== undefined,
  );
  expect(repeated).toEqual(["tool", "invalid-result", "timeout", "worker-lost"]);
});
