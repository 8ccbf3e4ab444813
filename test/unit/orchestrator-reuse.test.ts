import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/base/json-value.ts";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";
import { historyOf } from "../../src/orchestrator/history.ts";
import { outstandingEffects } from "../../src/orchestrator/outstanding.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import {
  attemptText,
  isSameWork,
  taskIdOfAttempt,
  workDigest,
  workOf,
} from "../../src/orchestrator/reuse.ts";
import { whyOf } from "../../src/orchestrator/why-of.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import type { RunEvent } from "../../src/protocol/run-events.ts";
import type { ResultData } from "../../src/protocol/tasks.ts";
import type { DrivenRun } from "../support/runs.ts";
import { dispatchedBy, driveRun, FORK_FLOW, key, succeededWith } from "../support/runs.ts";

const CACHED_FLOW = FORK_FLOW.replace(
  "agent: simulation\n",
  "agent: simulation\n    cache: true\n",
);
const FANNED = `name: fanned
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: { items: [a, b, c], max-parallel: 2 }
    input: { question: "\${{ item }}", simulation: "\${{ steps.simulation.output }}" }
    cache: true
`;

const FROM = { runId: runIdSchema.parse("R0"), stepKey: key("simulation"), attempt: 2 };
const EARLIER = {
  status: "succeeded",
  ...{ output: { earlier: true }, worker: "w0" },
  ...{ startedAt: 1, finishedAt: 2, definition: "v1" },
} as const;

function reused(step: string, attempt = 1): RunEvent {
  const event = { stepKey: key(step), attempt, from: FROM, result: EARLIER };
  return { type: "result-reused", at: 3000, ...event };
}

function declined(step: string, attempt = 1): RunEvent {
  return { type: "reuse-declined", at: 3000, stepKey: key(step), attempt, reason: "there is none" };
}

const LOOK = { kind: "look-up", stepKey: key("simulation"), attempt: 1 } as const;

describe("a step that may take an earlier result", () => {
  test("is looked up when it is ready, and not dispatched", () => {
    const run = driveRun(CACHED_FLOW);
    expect(run.statusOf("simulation")).toBe("ready");
    expect(run.state.status).toBe("running");
    expect(run.effects).toEqual([{ type: "set-timer", timer: LOOK, dueAt: 1000 }]);
  });

  test("has it as its own attempt, with where it comes from, and the run goes on", () => {
    const run = driveRun(CACHED_FLOW);
    const effects = run.send(reused("simulation"));
    expect(effects[0]).toEqual({ type: "clear-timer", timer: LOOK });
    expect(dispatchedBy(effects)).toEqual(["R1.qna.1", "R1.viz.1"]);
    expect(run.state.steps[key("simulation")]).toMatchObject({
      progress: { status: "succeeded", attempt: 1 },
      attempts: [
        {
          attempt: 1,
          taskId: "R1.simulation.1",
          input: { model: "sir" },
          cachedFrom: FROM,
          result: { output: { earlier: true }, startedAt: 3000, finishedAt: 3000 },
        },
      ],
    });
  });

  test("is dispatched when there is none, and asked to say with what it is done", () => {
    const run = driveRun(CACHED_FLOW);
    const effects = run.send(declined("simulation"));
    expect(effects.find(({ type }) => type === "dispatch-task")).toMatchObject({ cache: true });
    expect(run.statusOf("simulation")).toBe("dispatched");
  });

  test("is remembered when it was really done, and others are not", () => {
    const run = driveRun(CACHED_FLOW);
    run.send(declined("simulation"));
    const remember = { type: "remember-result", stepKey: key("simulation"), attempt: 1 };
    expect(run.succeed("simulation")).toContainEqual(remember);
    expect(run.succeed("qna").map(({ type }) => type)).not.toContain("remember-result");
  });

  test("is not remembered when its result was taken", () => {
    const run = driveRun(CACHED_FLOW);
    const types = run.send(reused("simulation")).map(({ type }) => type);
    expect(types).not.toContain("remember-result");
  });

  test("fails at once when its input cannot be resolved", () => {
    const flow = CACHED_FLOW.replace("params.model }}", "params.model.no }}");
    expect(driveRun(flow).statusOf("simulation")).toBe("failed");
  });

  test("is not looked up where the run says so, nor is any other by default", () => {
    expect(dispatchedBy(driveRun(CACHED_FLOW, { noCache: true }).effects)).toHaveLength(1);
    expect(driveRun().effects.map(({ type }) => type)).toEqual(["dispatch-task", "set-timer"]);
    expect(driveRun().effects[0]).not.toHaveProperty("cache");
  });

  test("is not looked up in a fork", () => {
    const fork = { inherited: {}, leftOut: {}, inputs: {} };
    expect(dispatchedBy(driveRun(CACHED_FLOW, { fork }).effects)).toEqual(["R1.simulation.1"]);
  });

  test("is not looked up again for a retry", () => {
    const run = driveRun(CACHED_FLOW);
    run.send(declined("simulation"));
    run.fail("simulation");
    expect(dispatchedBy(run.retryDue("simulation", 1))).toEqual(["R1.simulation.2"]);
  });

  test("is looked up per instance of a fan-out, and counts as at work", () => {
    const run = driveRun(FANNED);
    run.succeed("simulation");
    expect(["qna[0]", "qna[1]", "qna[2]"].map((step) => run.statusOf(step))).toEqual([
      "ready",
      "ready",
      "waiting",
    ]);
    run.send(reused("qna[1]"));
    expect(run.statusOf("qna[2]")).toBe("ready");
    expect(dispatchedBy(run.send(declined("qna[2]")))).toEqual(["R1.qna[2].1"]);
    run.send(reused("qna[0]"));
    run.succeed("qna[2]");
    expect(run.state.status).toBe("succeeded");
  });
});

describe("a rerun", () => {
  test("does all work really from then on", () => {
    const run = driveRun(CACHED_FLOW.replace("agent: viz\n", "agent: viz\n    cache: true\n"));
    run.send(reused("simulation"));
    run.fail("qna", 1, "bug");
    run.send(reused("viz"));
    expect(dispatchedBy(run.rerun("simulation"))).toEqual(["R1.simulation.2"]);
    expect(dispatchedBy(run.succeed("simulation", 2))).toEqual(["R1.qna.2", "R1.viz.2"]);
  });

  test("that interrupts a look ends it", () => {
    const run = driveRun(CACHED_FLOW);
    const wish = { kind: "from", stepKey: key("simulation") } as const;
    expect(planRerun(run.state, wish).refusal?.message).toContain("still under way");
    const { planHash } = planRerun(run.state, wish, { interrupt: true });
    const order = { at: 4000, commandId: "c", wish, planHash, interrupt: true };
    const effects = run.send({ type: "plan-applied", ...order });
    expect(effects).toContainEqual({ type: "clear-timer", timer: LOOK });
    expect(dispatchedBy(effects)).toEqual(["R1.simulation.1"]);
  });
});

describe("the end of a look that nobody waits for", () => {
  const looks: readonly (readonly [string, RunEvent])[] = [
    ["taken", reused("simulation")],
    ["declined", declined("simulation")],
    ["of another attempt", declined("simulation", 2)],
    ["of a step that the run does not have", reused("nobody")],
  ];
  test.each(looks)("%s changes nothing", (_, event) => {
    const run = driveRun();
    const before = run.state;
    expect(run.send(event)).toEqual([]);
    expect(run.state).toBe(before);
  });

  test("nor does one of another attempt", () => {
    const run = driveRun(CACHED_FLOW);
    const before = run.state;
    run.send(reused("simulation", 2));
    expect(run.state).toBe(before);
  });

  test("nor one of a step whose input cannot be known any more", () => {
    const run = driveRun(CACHED_FLOW);
    const before = run.state;
    expect(run.send(reused("viz"))).toEqual([]);
    expect(run.state).toBe(before);
  });
});

test("a look ends with the run when it is cancelled", () => {
  const run = driveRun(CACHED_FLOW);
  expect(run.cancel()).toContainEqual({ type: "clear-timer", timer: LOOK });
  expect(run.statuses()).toMatchObject({ simulation: "cancelled" });
  expect(run.state.status).toBe("cancelled");
});

test("a look that was lost with the bus is wanted again", () => {
  const run = driveRun(CACHED_FLOW);
  expect(outstandingEffects(run.events)).toEqual(run.effects);
  run.send(reused("simulation"));
  run.succeed("qna");
  run.succeed("viz");
  expect(outstandingEffects(run.events)).toEqual([]);
});

test("a paused run takes a result and dispatches nothing", () => {
  const run = driveRun(CACHED_FLOW);
  run.send({ type: "pause-requested", at: 2000, commandId: "c" });
  expect(dispatchedBy(run.send(declined("simulation")))).toEqual([]);
  const effects = run.send({ type: "resume-requested", at: 4000, commandId: "c" });
  expect(dispatchedBy(effects)).toEqual(["R1.simulation.1"]);
});

describe("why", () => {
  const says = (run: DrivenRun, step: string): readonly string[] =>
    whyOf(
      {
        state: run.state,
        history: historyOf(run.events.map((event, index) => ({ seq: index + 1, event }))),
      },
      key(step),
    ).map((link) => link.says);

  test("tells that a result was taken, and from where", () => {
    const run = driveRun(CACHED_FLOW);
    run.send(reused("simulation"));
    expect(says(run, "qna")).toEqual([
      "qna was dispatched as attempt 1",
      "simulation took its result from R0/simulation#2",
      "simulation was ready, and an earlier result was looked for",
      "the run was asked for",
    ]);
  });

  test("tells why none was", () => {
    const run = driveRun(CACHED_FLOW);
    run.send(declined("simulation"));
    expect(says(run, "simulation")[0]).toBe(
      "simulation was dispatched as attempt 1; nothing was cached: there is none",
    );
  });
});

describe("work", () => {
  const work = { agent: "qna", definition: "v1", input: { question: "x", n: [1] } } as const;
  const model = (modelText: JsonValue): string | undefined =>
    workDigest({ agent: "simulation", definition: "v1", input: { model: "m", modelText } });

  test("is the same only if agent, definition and input are", () => {
    const same = { ...work, input: { n: [1], question: "x" } };
    expect(isSameWork(work, same)).toBe(true);
    expect(workDigest(same)).toBe(workDigest(work));
    for (const other of [
      { ...work, agent: "viz" as const },
      { ...work, definition: "v2" },
      { ...work, input: { question: "y", n: [1] } },
    ]) {
      expect(isSameWork(work, other)).toBe(false);
      expect(workDigest(other)).not.toBe(workDigest(work));
    }
  });

  test("of a simulation is remembered only with the whole text of its model", () => {
    expect(model(" <xmile/>")).toBeDefined();
    expect(model("command: x")).toBeUndefined();
    expect(model(1)).toBeUndefined();
    for (const input of [null, "x", ["<xmile/>"]]) {
      expect(workDigest({ agent: "simulation", definition: "v1", input })).toBeUndefined();
    }
  });

  test("of an attempt is known when it succeeded and says with what", () => {
    const run = driveRun();
    const of = (step: string, result: ResultData | null) =>
      workOf(run.state, key(step), { input: 1, result });
    const done = { ...EARLIER, definition: "v1" };
    expect(of("qna", done)).toEqual({ agent: "qna", definition: "v1", input: 1 });
    expect(of("qna", succeededWith(1))).toBeUndefined();
    expect(of("qna", null)).toBeUndefined();
    expect(of("nobody", done)).toBeUndefined();
  });

  test("names its attempt as people write it", () => {
    expect(attemptText(FROM)).toBe("R0/simulation#2");
    expect(taskIdOfAttempt(FROM)).toBe("R0.simulation.2");
  });
});

describe("a flow file", () => {
  const flow = (step: string): string => `name: f\nsteps:\n  a: { ${step} }\n`;

  test("may say that a step's result may be taken again; without it none may", () => {
    const parsed = parseFlow(flow("agent: simulation, cache: true, input: { model: sir }"), []);
    expect(parsed).toMatchObject({ ok: true, value: { steps: [{ cache: true }] } });
    const plain = parseFlow(flow("agent: simulation, input: { model: sir }"), []);
    expect(plain.ok && plain.value.steps[0]).not.toHaveProperty("cache");
  });

  test.each(["agent: mcp, tool: a__b, cache: true", "agent: my-own, cache: true"])(
    "cannot say so of %s",
    (step) => {
      const parsed = parseFlow(flow(step), "any");
      expect(parsed).toMatchObject({ ok: false, error: [{ line: 3 }] });
      expect(JSON.stringify(parsed)).toContain("cannot be cached");
    },
  );

  test("is told what else than true or false it may not hold", () => {
    const parsed = parseFlow(flow("agent: qna, cache: 3"), []);
    expect(JSON.stringify(parsed)).toContain("write `cache: true`, or leave it out");
  });
});
