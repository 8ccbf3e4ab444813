/**
 * Random flows, random schedules. A world answers each effect of a run in any order, some of them
 * twice, late or never; what must hold is checked after every single event.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Random } from "../../src/base/random.ts";
import { seededRandom } from "../../src/base/random.ts";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import { descendantsOf } from "../../src/orchestrator/graph.ts";
import type { RunState, StepState } from "../../src/orchestrator/state.ts";
import { hasEnded, isActive, runStateSchema } from "../../src/orchestrator/state.ts";
import { FAILURE_KINDS } from "../../src/protocol/failure.ts";
import { stepIdSchema } from "../../src/protocol/ids.ts";
import { propertyRuns } from "../support/property-runs.ts";
import type { RandomWorld } from "../support/random-world.ts";
import { randomWorld } from "../support/random-world.ts";

/** A flow of up to 8 steps in which each needs some of those before it, as YAML. */
const flowTexts = fc
  .array(
    fc.record({
      needs: fc.nat({ max: 255 }),
      agent: fc.constantFrom("simulation", "qna", "viz"),
      attempts: fc.integer({ min: 1, max: 3 }),
      cache: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((steps) => {
    const lines = steps.map(({ needs, agent, attempts, cache }, index) => {
      const ids = steps.flatMap((_, other) =>
        other < index && (needs & (1 << other)) !== 0 ? [`s${other}`] : [],
      );
      const source = ids[0] === undefined ? "1" : `"\${{ steps.${ids[0]}.output }}"`;
      const input = agent === "simulation" ? "model: sir" : `question: why, simulation: ${source}`;
      const fitting = agent === "viz" ? `simulation: ${source}` : input;
      return `  s${index}: { agent: ${agent}, needs: [${ids.join(", ")}], input: { ${fitting} }, retry: { attempts: ${attempts}, delay: 1s }, timeout: 30s, cache: ${cache} }`;
    });
    return `name: random\nsteps:\n${lines.join("\n")}\n`;
  });

const seeds = fc.integer();

/** Throws when a state breaks a law, or a step from one state to the next does. */
function checkLaws(before: RunState, after: RunState): void {
  for (const definition of after.origin.flow.steps) {
    const was = before.steps[definition.id as never];
    const is = after.steps[definition.id as never];
    if (was === undefined || is === undefined) throw new Error("a step has vanished");
    expect(is.attempts.length).toBeGreaterThanOrEqual(was.attempts.length);
    was.attempts.forEach((attempt, index) => {
      const later = is.attempts[index];
      if (attempt.result !== null) expect(later).toBe(attempt);
      expect(later?.attempt).toBe(index + 1);
    });
    const open = is.attempts.filter((attempt) => attempt.result === null);
    const underWay = is.progress.status === "dispatched" || is.progress.status === "cancelling";
    expect(open.length).toBe(underWay ? 1 : 0);
    if (is.attempts.length > was.attempts.length) {
      expect(is.attempts.length).toBe(was.attempts.length + 1);
      for (const need of definition.needs) {
        expect(after.steps[need as never]).toMatchObject({ progress: { status: "succeeded" } });
      }
    }
  }
  const active = Object.values(after.steps).some((step) => isActive(step.progress));
  expect(hasEnded(after.status)).toBe(!active);
  expect(after.finishedAt === null).toBe(!hasEnded(after.status));
}

function runToEnd(world: RandomWorld, operatorActions: number): void {
  for (let actions = operatorActions; ; ) {
    while (world.step()) {
      // Every effect is answered in its turn.
    }
    if (actions === 0) return;
    actions -= 1;
    world.act();
  }
}

test("ends every run once all its effects are answered, and keeps every law on the way", () => {
  fc.assert(
    fc.property(flowTexts, seeds, fc.nat({ max: 4 }), (flowText, seed, actions) => {
      const world = randomWorld({ flowText, random: seededRandom(seed), onStep: checkLaws });
      runToEnd(world, actions);
      expect(hasEnded(world.state().status)).toBe(true);
    }),
    { numRuns: propertyRuns(250) },
  );
}, 60_000);

test("gives the same state by folding the log as by reducing it event by event", () => {
  fc.assert(
    fc.property(flowTexts, seeds, (flowText, seed) => {
      const world = randomWorld({ flowText, random: seededRandom(seed) });
      runToEnd(world, 3);
      expect(fold(world.events)).toEqual(world.state());
    }),
    { numRuns: propertyRuns(150) },
  );
});

test("gives only states that can be stored and read back", () => {
  fc.assert(
    fc.property(flowTexts, seeds, (flowText, seed) => {
      const check = (_: RunState, after: RunState): void => {
        const stored: unknown = JSON.parse(JSON.stringify(after));
        expect(stored).toEqual(after);
        expect(runStateSchema.parse(stored)).toEqual(after);
      };
      runToEnd(randomWorld({ flowText, random: seededRandom(seed), onStep: check }), 2);
    }),
    { numRuns: propertyRuns(60) },
  );
}, 60_000);

test("stays cancelled, whatever arrives, until a rerun", () => {
  fc.assert(
    fc.property(flowTexts, seeds, (flowText, seed) => {
      const world = randomWorld({ flowText, random: seededRandom(seed), rerunShare: 0 });
      world.cancel();
      runToEnd(world, 0);
      const ended = world.state();
      expect(ended.status).toBe("cancelled");
      world.repeatEverything();
      expect({ ...world.state(), ignoredResults: 0 }).toEqual({ ...ended, ignoredResults: 0 });
    }),
    { numRuns: propertyRuns(150) },
  );
});

test("resets exactly a step and its descendants on a rerun", () => {
  fc.assert(
    fc.property(flowTexts, seeds, (flowText, seed) => {
      const world = randomWorld({ flowText, random: seededRandom(seed), rerunShare: 0 });
      runToEnd(world, 0);
      const before = world.state();
      const rerun = world.rerunSomething();
      if (rerun === undefined) return;
      const cone = new Set<string>([
        rerun,
        ...descendantsOf(before.origin.flow.steps, stepIdSchema.parse(rerun)),
      ]);
      for (const [name, step] of Object.entries(world.state().steps)) {
        if (cone.has(name)) expect(step.attemptsForgiven).toBe(attemptsOf(before, name));
        else expect(step).toBe(before.steps[name as never]);
      }
    }),
    { numRuns: propertyRuns(150) },
  );
});

function attemptsOf(state: RunState, name: string): number {
  const step = Object.entries(state.steps).find(([one]) => one === name);
  return step?.[1].attempts.length ?? -1;
}

test("counts each result once: as many successes as attempts that succeeded", () => {
  fc.assert(
    fc.property(flowTexts, seeds, (flowText, seed) => {
      const world = randomWorld({ flowText, random: seededRandom(seed) });
      runToEnd(world, 3);
      const succeeded = Object.values(world.state().steps)
        .flatMap((step) => step.attempts)
        .filter(({ result, cachedFrom }) => result?.status === "succeeded" && !cachedFrom)
        .map((attempt) => attempt.taskId);
      expect(new Set(succeeded).size).toBe(succeeded.length);
      for (const task of succeeded) expect(world.countedResults.get(task)).toBe(1);
    }),
    { numRuns: propertyRuns(150) },
  );
});

test("reads every generated flow", () => {
  fc.assert(
    fc.property(flowTexts, (flowText) => {
      expect(parseFlow(flowText)).toMatchObject({ ok: true });
    }),
  );
});

test("survives any event that fits the schema, for any step name", () => {
  fc.assert(
    fc.property(
      flowTexts,
      seeds,
      fc.constantFrom("constructor", "s0", "s9", "s0[3]"),
      fc.constantFrom(...FAILURE_KINDS),
      (flowText, seed, name, kind) => {
        const random: Random = seededRandom(seed);
        const world = randomWorld({ flowText, random, onStep: checkLaws });
        for (let n = 0; n < 10; n += 1) {
          world.disturb(name, kind);
          world.step();
        }
      },
    ),
    { numRuns: propertyRuns(150) },
  );
});

test("holds its laws over thousands of seeded schedules on a bus that drops and repeats", () => {
  const text = fc.sample(flowTexts, { numRuns: 40, seed: 20_261_122 });
  for (let seed = 0; seed < propertyRuns(2500); seed += 1) {
    const flowText = text[seed % text.length] ?? "";
    const world = randomWorld({ flowText, random: seededRandom(seed) });
    runToEnd(world, seed % 4);
    if (!hasEnded(world.state().status)) throw new Error(`seed ${seed}: the run has not ended`);
    if (seed % 50 === 0) checkLaws(world.state(), world.state());
  }
}, 60_000);

test("looks for an earlier result only before the first attempt of a step that says so, and before any rerun", () => {
  fc.assert(
    fc.property(flowTexts, seeds, (flowText, seed) => {
      const world: RandomWorld = randomWorld({
        flowText,
        random: seededRandom(seed),
        onStep(before, after) {
          const isRerun = world.events.some(({ type }) => type === "rerun-requested");
          for (const { id, cache } of after.origin.flow.steps) {
            const [was, is] = [before.steps[id as never], after.steps[id as never]] as const;
            if (!isReady(is) || isReady(was)) continue;
            expect([cache, is?.attempts.length, isRerun]).toEqual([true, 0, false]);
          }
        },
      });
      runToEnd(world, 3);
      for (const step of Object.values(world.state().steps)) {
        const reused = step.attempts.filter(({ cachedFrom }) => cachedFrom !== undefined);
        expect(reused.every(({ attempt }) => attempt === 1)).toBe(true);
      }
    }),
    { numRuns: propertyRuns(150) },
  );
}, 60_000);

function isReady(step: StepState | undefined): boolean {
  return step?.progress.status === "ready";
}

test("ends without a step being looked for, or dispatched, when the run is cancelled first", () => {
  fc.assert(
    fc.property(flowTexts, seeds, (flowText, seed) => {
      const world = randomWorld({ flowText, random: seededRandom(seed), rerunShare: 0 });
      world.cancel();
      runToEnd(world, 0);
      const statuses = Object.values(world.state().steps).map(({ progress }) => progress.status);
      expect(statuses).not.toContain("ready");
    }),
    { numRuns: propertyRuns(60) },
  );
});
