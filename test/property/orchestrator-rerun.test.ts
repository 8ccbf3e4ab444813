/** Laws of plans over random flows and schedules. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { applyPlan } from "../../src/orchestrator/apply-plan.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import { descendantsOf } from "../../src/orchestrator/graph.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import { runStateSchema } from "../../src/orchestrator/state.ts";
import { stepIdSchema } from "../../src/protocol/ids.ts";
import type { SameRunWish } from "../../src/protocol/rerun.ts";
import { propertyRuns } from "../support/property-runs.ts";
import { randomWorld } from "../support/random-world.ts";
import { key } from "../support/runs.ts";

const cases = fc.record({
  needs: fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 8 }),
  seed: fc.integer(),
  ticks: fc.nat({ max: 25 }),
  kind: fc.constantFrom("from", "only", "failed", "stale"),
  step: fc.nat({ max: 7 }),
  interrupt: fc.boolean(),
});

type Case = typeof cases extends fc.Arbitrary<infer Value> ? Value : never;

function flowText(needs: readonly number[]): string {
  const lines = needs.map((bits, index) => {
    const ids = needs.flatMap((_, other) =>
      other < index && (bits & (1 << other)) !== 0 ? [`s${other}`] : [],
    );
    return `  s${index}: { agent: simulation, needs: [${ids.join(", ")}], input: { model: sir }, retry: { attempts: 2 } }`;
  });
  return `name: random\nsteps:\n${lines.join("\n")}\n`;
}

function prepared(given: Case): {
  readonly state: RunState;
  readonly wish: SameRunWish;
} {
  const world = randomWorld({
    flowText: flowText(given.needs),
    random: seededRandom(given.seed),
    rerunShare: 1,
  });
  for (let tick = 0; tick < given.ticks && world.step(); tick += 1);
  const stepKey = key(`s${given.step % given.needs.length}`);
  const { kind } = given;
  const wish = kind === "from" || kind === "only" ? { kind, stepKey } : { kind };
  expect(fold(world.events)).toEqual(world.state());
  return { state: world.state(), wish };
}

const holds = (law: (given: Case) => void): void =>
  fc.assert(fc.property(cases, law), { numRuns: propertyRuns(300) });

test("changes nothing when it is refused", () => {
  holds((given) => {
    const { state, wish } = prepared(given);
    const { interrupt } = given;
    if (planRerun(state, wish, { interrupt }).refusal === undefined) return;
    expect(applyPlan(state, { wish, interrupt }, 9000)).toEqual([state, []]);
  });
});

test("resets a step and its descendants, or the step alone", () => {
  holds((given) => {
    const { state, wish } = prepared(given);
    if (!("stepKey" in wish)) return;
    const plan = planRerun(state, wish);
    const id = stepIdSchema.parse(wish.stepKey);
    const below = descendantsOf(state.origin.flow.steps, id);
    const cone = new Set<string>([id, ...below]);
    expect(plan.reset).toHaveLength(wish.kind === "only" ? 1 : cone.size);
    expect([...plan.reset, ...plan.stale].every((one) => cone.has(one))).toBe(true);
  });
});

test("leaves every other step that has succeeded as it was", () => {
  holds((given) => {
    const { state, wish } = prepared(given);
    const { interrupt } = given;
    const plan = planRerun(state, wish, { interrupt });
    const [after] = applyPlan(state, { wish, interrupt }, 9000);
    const touched = new Set<string>([...plan.reset, ...plan.stale]);
    for (const [name, before] of Object.entries(state.steps)) {
      if (touched.has(name) || before.progress.status !== "succeeded") continue;
      expect(after.steps[key(name)]).toBe(before);
    }
  });
});

test("keeps every attempt that had a result, and gives each reset step a fresh budget", () => {
  holds((given) => {
    const { state, wish } = prepared(given);
    const [after] = applyPlan(state, { wish, interrupt: given.interrupt }, 9000);
    const plan = planRerun(state, wish, { interrupt: given.interrupt });
    for (const [name, step] of Object.entries(state.steps)) {
      const later = after.steps[key(name)];
      step.attempts.forEach((attempt, index) => {
        if (attempt.result !== null) expect(later?.attempts[index]).toBe(attempt);
      });
      if (plan.refusal === undefined && plan.reset.includes(key(name))) {
        expect(later?.attemptsForgiven).toBe(step.attempts.length);
      }
    }
    expect(runStateSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(after);
  });
});

test("can be carried out once: its hash no longer fits afterwards", () => {
  holds((given) => {
    const { state, wish } = prepared(given);
    const { interrupt } = given;
    const { planHash, refusal } = planRerun(state, wish, { interrupt });
    const order = { wish, planHash, interrupt };
    const [once] = applyPlan(state, order, 9000);
    if (refusal !== undefined) return;
    expect(applyPlan(once, order, 9001)).toEqual([once, []]);
  });
});

test("dispatches each step at most once, and only when all its needs have succeeded", () => {
  holds((given) => {
    const { state, wish } = prepared(given);
    const [after, effects] = applyPlan(state, { wish, interrupt: given.interrupt }, 9000);
    const sent = effects.flatMap((one) => (one.type === "dispatch-task" ? [one.stepKey] : []));
    expect(new Set(sent).size).toBe(sent.length);
    for (const { id, needs } of state.origin.flow.steps) {
      if (!sent.includes(key(id))) continue;
      for (const need of needs) {
        expect(after.steps[key(need)]?.progress.status).toBe("succeeded");
      }
    }
  });
});
