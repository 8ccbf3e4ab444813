import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCommand, readResult, readTimer } from "../../src/agents/orchestrator/inbox.ts";
import { commitOf } from "../../src/agents/orchestrator/outbox.ts";
import { decodeRun, decodeTimer, encodeOrigin, encodeState } from "../../src/orchestrator/codec.ts";
import { parseMessage } from "../../src/protocol/parse-message.ts";
import { runEventDataSchema } from "../../src/protocol/run-events.ts";
import { taskDataSchema } from "../../src/protocol/tasks.ts";
import { controlDataSchema } from "../../src/protocol/telemetry.ts";
import { driveRun, FORK_FLOW, key, runId, specOf, succeededWith } from "../support/runs.ts";
import { slotOf } from "../support/worker-fixtures.ts";

const sender = { config: { slot: slotOf("orchestrator") } };
const source = { stream: "s", entryId: "1-0" };

const decided = (run: ReturnType<typeof driveRun>, version: number) => {
  const event = run.events.at(-1);
  if (event === undefined) throw new Error("a driven run has events");
  return { runId, version, event, state: run.state, effects: run.effects, source };
};

/** A message whose form and data are as its topic wants them. */
function read<Data>(text: string | undefined, schema: Parameters<typeof parseMessage<Data>>[1]) {
  const parsed = parseMessage(text ?? "", schema);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe("what comes in", () => {
  const result = {
    specversion: "1.0",
    id: "m1",
    source: "w1",
    type: "aimie.result.v1",
    time: "2026-11-22T09:30:00Z",
    runid: "R1",
    stepid: "qna",
    attempt: 2,
    subject: "R1.qna.2",
    data: succeededWith({ answer: 42 }),
  };

  test("a result is an event of its run", () => {
    expect(readResult(JSON.stringify(result), 5)).toEqual({
      ok: true,
      value: {
        runId: "R1",
        event: {
          type: "result-received",
          at: 5,
          stepKey: "qna",
          attempt: 2,
          taskId: "R1.qna.2",
          result: succeededWith({ answer: 42 }),
        },
      },
    });
  });

  test.each([
    ["no run", { runid: undefined }, "needs runid, stepid and attempt"],
    ["no step", { stepid: undefined }, "needs runid, stepid and attempt"],
    ["no attempt", { attempt: undefined }, "needs runid, stepid and attempt"],
    ["no subject", { subject: undefined }, "its subject is not its task's id, R1.qna.2"],
    ["another task's subject", { subject: "R1.qna.1" }, "its subject is not its task's id"],
    [
      "an id longer than ids may be",
      { runid: "r".repeat(128) },
      "its subject is not its task's id",
    ],
    ["no data", { data: {} }, "data does not fit its topic"],
  ])("a result with %s is refused with the reason", (_, change, reason) => {
    expect(readResult(JSON.stringify({ ...result, ...change }), 5)).toEqual({
      ok: false,
      error: expect.stringContaining(reason),
    });
  });

  test("commands are events of their runs", () => {
    const spec = specOf(FORK_FLOW);
    const commands = [
      { type: "start-run", commandId: "c", spec },
      { type: "rerun-step", commandId: "c", runId, stepKey: "qna" },
      { type: "cancel-run", commandId: "c", runId },
    ];

    expect(commands.map((command) => readCommand(JSON.stringify(command), 5))).toEqual(
      [
        { type: "run-requested", at: 5, spec },
        { type: "rerun-requested", at: 5, commandId: "c", stepKey: "qna" },
        { type: "cancel-requested", at: 5, commandId: "c" },
      ].map((event) => ({ ok: true, value: { runId, event } })),
    );
  });

  test.each(["", "{", "{}", '{"type":"stop-run"}', '{"type":"cancel-run","commandId":"c"}'])(
    "%j is no command",
    (text) => {
      expect(readCommand(text, 5).ok).toBe(false);
    },
  );

  test("a timer that has become due is an event of its run", () => {
    expect(readTimer("retry R1 qna[3] 2", 5)).toEqual({
      ok: true,
      value: { runId, event: { type: "retry-due", at: 5, stepKey: "qna[3]", attempt: 2 } },
    });
    expect(readTimer("timeout R1 qna 1", 5)).toMatchObject({
      value: { event: { type: "timeout-reached" } },
    });
    expect(readTimer("look-up R1 qna 1", 5)).toMatchObject({
      value: { event: { type: "look-up-due", stepKey: "qna", attempt: 1 } },
    });
  });

  test.each(
    ["", "retry", "retry R1 qna", "retry R1 qna 0", "retry R1 qna x", "wake R1 qna 1"].concat([
      "retry R1 QNA 1",
      "retry . qna 1",
      "retry R1 qna 1e3",
    ]),
  )("%j is no timer", (text) => {
    expect(readTimer(text, 5)).toEqual({ ok: false, error: "not a timer" });
  });

  test("no text whatever makes a reader throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const reader of [readResult, readCommand, readTimer]) reader(text, 5);
      }),
    );
  });
});

describe("what goes out", () => {
  test("a timer comes back as it was", () => {
    const timer = fc.record({
      kind: fc.constantFrom("retry" as const, "timeout" as const, "look-up" as const),
      stepKey: fc.constantFrom(key("qna"), key("a-b"), key("qna[12345]")),
      attempt: fc.integer({ min: 1, max: 999_999_999 }),
    });
    fc.assert(
      fc.property(timer, (one) => {
        const effects = [{ type: "set-timer", timer: one, dueAt: 5 } as const];
        const [stored] = commitOf(sender, { ...decided(driveRun(), 0), effects }).timersToSet;
        expect(stored?.dueAt).toBe(5);
        expect(decodeTimer(stored?.member ?? "")).toEqual({ runId, timer: one });
      }),
    );
  });

  test("the first commit stores what was asked, with the task and its timer", () => {
    const run = driveRun();
    const commit = commitOf(sender, decided(run, 0));

    expect(commit).toMatchObject({
      runId,
      expectedVersion: 0,
      ended: false,
      origin: encodeOrigin(run.state),
      state: encodeState(run.state),
      timersToClear: [],
      notes: [],
      source,
    });
    expect(commit.timersToSet.map(({ member }) => member)).toEqual(["timeout R1 simulation 1"]);
    expect(commit.tasks.map(({ agent }) => agent)).toEqual(["simulation"]);
    expect(read(commit.tasks[0]?.message, taskDataSchema)).toMatchObject({
      id: "R1.simulation.1",
      subject: "R1.simulation.1",
      runid: "R1",
      stepid: "simulation",
      attempt: 1,
      sessionid: "S1",
      causationid: "R1.1",
      via: "stream",
      data: { agent: "simulation", input: { model: "sir" } },
    });
    expect(read(commit.event, runEventDataSchema)).toMatchObject({
      id: "R1.1",
      via: "stream",
      data: { runId, seq: 1, event: run.events[0] },
    });
  });

  test("later commits store the state only, and call off the timer of what has come", () => {
    const run = driveRun();
    run.succeed("simulation");
    const commit = commitOf(sender, decided(run, 1));

    expect(commit).toMatchObject({ expectedVersion: 1, origin: null });
    expect(commit.timersToClear).toEqual(["timeout R1 simulation 1"]);
    expect(commit.tasks.map(({ agent }) => agent)).toEqual(["qna", "viz"]);
    expect(read(commit.event, runEventDataSchema).data.seq).toBe(2);
  });

  test("a wish to cancel is a note to the agent, not a task", () => {
    const run = driveRun();
    run.cancel();
    const commit = commitOf(sender, decided(run, 1));

    expect(commit.tasks).toEqual([]);
    expect(commit.notes.map(({ topic }) => topic)).toEqual(["control.simulation"]);
    expect(read(commit.notes[0]?.message, controlDataSchema)).toMatchObject({
      subject: "R1.simulation.1",
      data: { command: "cancel", taskId: "R1.simulation.1" },
    });
  });

  test("the commit that ends a run says so", () => {
    const run = driveRun();
    for (const step of ["simulation", "qna", "viz"]) run.succeed(step);

    expect(commitOf(sender, decided(run, 3))).toMatchObject({ ended: true, tasks: [] });
  });
});

describe("a stored run", () => {
  test("comes back as it was", () => {
    const run = driveRun();
    run.fail("simulation");
    run.retryDue("simulation", 1);
    run.succeed("simulation", 2);

    const stored = { origin: encodeOrigin(run.state), state: encodeState(run.state) };

    expect(decodeRun(stored)).toEqual(run.state);
    expect(stored.state).not.toContain("flowText");
  });

  test("is refused when somebody else wrote it", () => {
    const origin = encodeOrigin(driveRun().state);

    expect(() => decodeRun({ origin, state: "{}" })).toThrow();
    expect(() => decodeRun({ origin: "[]", state: "{}" })).toThrow();
    expect(() => decodeRun({ origin, state: "{" })).toThrow();
  });
});
