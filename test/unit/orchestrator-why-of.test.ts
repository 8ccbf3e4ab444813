import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import type { PlacedEvent } from "../../src/orchestrator/history.ts";
import { historyOf } from "../../src/orchestrator/history.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { Story, WhyLink } from "../../src/orchestrator/why-of.ts";
import { whyOf } from "../../src/orchestrator/why-of.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import type { RunEvent, Verdict } from "../../src/protocol/run-events.ts";
import { propertyRuns } from "../support/property-runs.ts";
import { randomWorld } from "../support/random-world.ts";
import type { DrivenRun } from "../support/runs.ts";
import { driveRun, FORK_FLOW, key, succeededWith } from "../support/runs.ts";

const given = { at: 5000, commandId: "c" } as const;
const ONE_TRY = FORK_FLOW.replaceAll("attempts: 2", "attempts: 1");
const ASKING = FORK_FLOW.replace("  qna:\n", "  qna:\n    approval: Ask it?\n");
const FAN_OUT = `name: built-in
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: { items: "\${{ steps.simulation.output.items }}", max-parallel: 1 }
    input: { question: "\${{ item }}" , simulation: "\${{ steps.simulation.output }}" }
  viz: { agent: viz, needs: qna, input: { simulation: "\${{ steps.qna.output }}" } }
`;

const placed = (events: readonly RunEvent[]): readonly PlacedEvent[] =>
  events.map((event, index) => ({ seq: index + 1, event }));

function storyOf({ state, events }: Pick<DrivenRun, "state" | "events">): Story {
  return { state, history: historyOf(placed(events)) };
}

function why(run: DrivenRun, step: string): readonly string[] {
  return whyOf(storyOf(run), key(step)).map(({ seq, says }) => `#${seq} ${says}`);
}

function apply(run: DrivenRun, wish: SameRunWish, interrupt = false): void {
  const { planHash } = planRerun(run.state, wish, { interrupt });
  run.send({ type: "plan-applied", ...given, wish, planHash, interrupt });
}

const say = (run: DrivenRun, verdict: Verdict): void => {
  run.send({ type: "verdict-given", ...given, stepKey: key("qna"), verdict });
};

function ended(flow = FORK_FLOW): DrivenRun {
  const run = driveRun(flow);
  for (const step of ["simulation", "qna", "viz"]) run.succeed(step);
  return run;
}

describe("why a step", () => {
  test("waits: told once of each, however many ways lead through a wide flow", () => {
    const layers = Array.from({ length: 12 }, (_, layer) =>
      [0, 1, 2, 3, 4].map((at) => `s${layer}x${at}`),
    );
    const steps = layers.flatMap((names, layer) =>
      names.map((name) => {
        const needs = layers[layer - 1]?.join(", ") ?? "";
        return `  ${name}: { agent: simulation, needs: [${needs}], input: { model: sir } }`;
      }),
    );
    const run = driveRun(`name: built-in\nsteps:\n${steps.join("\n")}\n`);

    // Every step but the first layer's waits; without a memory of them this would take hours.
    expect(why(run, "s11x0").length).toBe(11 * 5 + 1 + 1);
  });

  test("waits: for what is at work before it", () => {
    expect(why(driveRun(), "viz")).toEqual([
      "#1 viz was set to wait for its turn",
      "#1 the run was asked for",
      "#1 simulation was dispatched as attempt 1",
    ]);
  });

  test("failed: attempt by attempt, back to the request", () => {
    const run = driveRun();
    run.succeed("simulation");
    run.fail("qna");
    run.retryDue("qna", 1);
    run.timeOut("qna", 2);

    expect(why(run, "qna")).toEqual([
      "#5 qna failed: attempt 2, timeout: no result within 120 s",
      "#4 qna was dispatched as attempt 2",
      "#3 qna is to be retried: attempt 1, tool: no",
      "#2 qna was dispatched as attempt 1",
      "#2 simulation succeeded with attempt 1",
      "#1 simulation was dispatched as attempt 1",
      "#1 the run was asked for",
    ]);
  });

  test("is blocked: by the step that failed", () => {
    const run = driveRun(ONE_TRY);
    run.fail("simulation");

    expect(why(run, "viz")).toEqual([
      "#2 viz was blocked by simulation",
      "#2 simulation failed: attempt 1, tool: no",
      "#1 simulation was dispatched as attempt 1",
      "#1 the run was asked for",
    ]);
  });

  test("was done again: by the rerun that someone asked for", () => {
    const run = ended();
    run.rerun("simulation");
    run.succeed("simulation", 2);

    expect(why(run, "viz")).toEqual([
      "#6 viz was dispatched as attempt 2",
      "#6 simulation succeeded with attempt 2",
      "#5 simulation was dispatched as attempt 2",
      "#5 simulation was asked to be done again, and what is built on it",
    ]);
  });

  test("is stale: by the step that was done again without it; and is brought up to date", () => {
    const run = ended();
    apply(run, { kind: "only", stepKey: key("simulation") });
    expect(why(run, "viz")).toEqual([
      "#5 viz became stale: simulation was to be done again without it",
      "#5 simulation alone was asked to be done again",
    ]);
    run.succeed("simulation", 2);
    apply(run, { kind: "stale" });
    expect(why(run, "viz")).toEqual([
      "#7 viz was dispatched as attempt 2",
      "#7 all that is stale was asked to be done again",
    ]);
  });

  test("is at work: by a plan from it, or for all that failed", () => {
    const run = driveRun(ONE_TRY);
    run.succeed("simulation");
    run.fail("qna");
    run.fail("viz");
    apply(run, { kind: "failed" });
    expect(why(run, "qna")[1]).toBe("#5 all that failed was asked to be done again");
    apply(run, { kind: "from", stepKey: key("viz") }, true);
    expect(why(run, "viz")).toEqual([
      "#6 viz was dispatched as attempt 3",
      "#6 viz was asked to be done again, and what is built on it",
    ]);
  });

  test("is cancelled or being cancelled: by the one who asked for it", () => {
    const run = driveRun();
    run.cancel();
    expect(why(run, "viz")).toEqual(["#2 viz was cancelled", "#2 the run was cancelled"]);
    expect(why(run, "simulation")[0]).toBe("#2 simulation was told to stop");
  });

  test("waits while the run is paused, and goes on when it is resumed", () => {
    const run = driveRun();
    run.send({ type: "pause-requested", ...given });
    run.succeed("simulation");
    expect(why(run, "viz")).toContain("#2 the run was paused");
    run.send({ type: "resume-requested", ...given });
    expect(why(run, "viz")).toEqual([
      "#4 viz was dispatched as attempt 1",
      "#4 the run was resumed",
      "#2 the run was paused",
    ]);
  });

  test.each<[Verdict, step: string, expected: readonly string[]]>([
    [
      { kind: "approve" },
      "qna",
      ["#3 qna was dispatched as attempt 1", "#3 a person approved qna"],
    ],
    [
      { kind: "reject", reason: "too high" },
      "qna",
      ["#3 qna failed: attempt 1, rejected: too high", "#3 a person rejected qna"],
    ],
    [
      { kind: "push-back", to: key("simulation"), feedback: "in thousands" },
      "simulation",
      [
        "#3 simulation was dispatched as attempt 2",
        "#3 at qna a person sent simulation back: in thousands",
      ],
    ],
  ])("moved after the verdict %j", (verdict, step, expected) => {
    const run = driveRun(ASKING.replace(/ {2}viz:[\s\S]*/, ""));
    run.succeed("simulation");
    say(run, verdict);
    const told = why(run, step);
    expect(told.slice(0, 2)).toEqual(expected);
    if (step === "qna") expect(told[2]).toBe("#2 qna began to wait for approval");
  });

  test("is skipped: by its condition", () => {
    const run = driveRun(
      FORK_FLOW.replace("  viz:\n", "  viz:\n    when: { value: 1, equals: 2 }\n"),
    );
    run.succeed("simulation");
    expect(why(run, "viz").slice(0, 2)).toEqual([
      "#2 viz was skipped: its condition does not hold",
      "#2 simulation succeeded with attempt 1",
    ]);
  });

  test("is an instance of a fan-out that waits for its turn", () => {
    const run = driveRun(FAN_OUT);
    run.succeed("simulation", 1, { items: ["one", "two"] });
    expect(why(run, "qna[1]")).toEqual([
      "#2 qna[1] was set to wait for its turn",
      "#2 simulation succeeded with attempt 1",
      "#2 qna was fanned out as attempt 1",
      "#1 simulation was dispatched as attempt 1",
      "#1 the run was asked for",
    ]);
    expect(why(run, "viz")).toContain("#2 qna was fanned out as attempt 1");
  });

  test("was taken over: by the fork", () => {
    const inherited = {
      simulation: {
        taskId: driveRun().state.steps[key("simulation")]!.attempts[0]!.taskId,
        input: {},
        result: succeededWith({ of: "simulation" }),
      },
    };
    const run = driveRun(FORK_FLOW, {
      forkedFrom: runIdSchema.parse("R0"),
      fork: { inherited, inputs: {}, leftOut: {} },
    });
    expect(why(run, "simulation")).toEqual([
      "#1 simulation was taken over from the run this one was forked from",
      "#1 the run was forked from R0",
    ]);
  });

  test("is not of this run: nothing is told", () => {
    expect(why(driveRun(), "nowhere")).toEqual([]);
  });
});

test("a history leaves out what moved nothing, and what came before the request", () => {
  const { events } = driveRun();
  const late: RunEvent = { type: "pause-requested", ...given };
  const refused: RunEvent = {
    type: "command-refused",
    ...given,
    reason: { kind: "rejected", message: "no" },
  };
  expect(historyOf(placed([late, ...events, refused])).map(({ seq }) => seq)).toEqual([2]);
});

const TRIES = `${FORK_FLOW}  end: { agent: viz, needs: [qna, viz], input: { simulation: 1 } }\n`;

test("every chain begins with the step, goes back in time and ends with a person's wish", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat({ max: 60 }), (seed, steps) => {
      const world = randomWorld({ flowText: TRIES, random: seededRandom(seed) });
      for (let step = 0; step < steps; step += 1) if (!world.step()) world.act();
      const story = storyOf({ state: world.state(), events: [...world.events] });
      for (const name of Object.keys(story.state.steps)) {
        const links = whyOf(story, key(name));
        const seqs = links.map(({ seq }) => seq);
        expect(seqs).toEqual([...seqs].sort((left, right) => right - left));
        expect(links.some(({ stepKey }) => stepKey === name)).toBe(true);
        expect(links.some(({ stepKey }) => stepKey === null)).toBe(true);
        for (const link of links) expect(world.events[link.seq - 1]).toMatchObject(placeOf(link));
      }
    }),
    { numRuns: propertyRuns(200) },
  );
});

function placeOf({ at, event }: WhyLink): object {
  return { at, type: event };
}
