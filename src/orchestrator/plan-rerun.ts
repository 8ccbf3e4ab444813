/**
 * Plans a rerun. Pure.
 *
 * L1 The reset set is the wished steps and their descendants; siblings and ancestors are never in
 *    it. `only` takes the step alone, and what was built on it becomes stale.
 * L2 A step is blocked when a need outside the set has no output, or a need inside is blocked.
 * L3 A plan is refused while a step it concerns is at work, unless that step is given up first.
 */
import { invariant } from "../base/assert.ts";
import type { Failure } from "../protocol/failure.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepIdSchema, stepKeyOf, stepKeySchema } from "../protocol/ids.ts";
import type { SameRunWish } from "../protocol/rerun.ts";
import { estimateMs } from "./estimate.ts";
import { failureOf } from "./failure-of.ts";
import { descendantsOf, stagesOf } from "./graph.ts";
import { instanceOf, instancesOf } from "./instances.ts";
import { isMet } from "./plan.ts";
import type { PlanFacts, RerunPlan } from "./rerun-plan.ts";
import { planHashOf } from "./rerun-plan.ts";
import type { RunState, StepState } from "./state.ts";
import { isActive } from "./state.ts";
import { definitionOf, entriesOf, keysOf, stateOf } from "./step-access.ts";

/** What a wish without an edit would do to a run. */
export function planRerun(state: RunState, wish: SameRunWish, facts: PlanFacts = {}): RerunPlan {
  const roots = rootsOf(state, wish);
  const { reset, below } = setsOf(state, roots, wish.kind === "only");
  const inReset = new Set<string>(reset);
  const blocked = blockedOf(state, reset, facts.unusable ?? {});
  const touched = [...reset, ...below];
  const active = touched.filter(
    (key) => isActiveAt(state, key) && !isRejoined(state, key, inReset),
  );
  const outside = entriesOf(state).filter(([key]) => !inReset.has(key));
  const unusable = (key: string): string | undefined => facts.unusable?.[key];
  return {
    wish,
    target: "same-run",
    reset,
    inherit: outside
      .filter(([key, step]) => step.progress.status === "succeeded" && unusable(key) === undefined)
      .map(([key]) => key)
      .filter((key) => !below.includes(key)),
    stale: below,
    blocked,
    ineligible: outside.flatMap(([stepKey, step]) => {
      const reason = unusable(stepKey) ?? reasonAgainst(step);
      return reason === undefined || below.includes(stepKey) ? [] : [{ stepKey, reason }];
    }),
    active,
    estimateMs: estimateMs(state, reset, facts.history ?? {}),
    planHash: planHashOf(state, wish),
    refusal: refusalOf(state, { wish, roots, reset, blocked, active, facts }),
  };
}

function rootsOf(state: RunState, wish: SameRunWish): readonly StepKey[] {
  if (wish.kind === "from" || wish.kind === "only") {
    return stateOf(state, wish.stepKey) === undefined ? [] : [wish.stepKey];
  }
  const found = entriesOf(state)
    .filter(([, step]) => step.progress.status === wish.kind)
    .map(([key]) => key);
  // A fan-out that failed because of some instances is mended by doing those again.
  return found.filter((key) => !found.some((other) => instanceOf(other)?.parent === key));
}

/** L1: what is done again, and what is left stale below it; both in the order of the flow. */
function setsOf(
  state: RunState,
  roots: readonly StepKey[],
  alone: boolean,
): { readonly reset: readonly StepKey[]; readonly below: readonly StepKey[] } {
  const again = new Set<string>();
  const cone = new Set<string>();
  for (const root of roots) {
    const parent = instanceOf(root)?.parent;
    again.add(root);
    if (parent === undefined) for (const key of instancesKnown(state, root)) again.add(key);
    else again.add(parent);
    const id = stepIdSchema.parse(parent ?? root);
    for (const after of descendantsOf(state.origin.flow.steps, id)) {
      cone.add(after);
      for (const key of instancesKnown(state, stepKeySchema.parse(after))) cone.add(key);
    }
  }
  const inOrder = orderedKeys(state);
  if (!alone) return { reset: inOrder.filter((key) => again.has(key) || cone.has(key)), below: [] };
  return {
    reset: inOrder.filter((key) => again.has(key)),
    below: inOrder.filter((key) => cone.has(key) && !again.has(key) && canBeStale(state, key)),
  };
}

function canBeStale(state: RunState, key: StepKey): boolean {
  const step = stateOf(state, key);
  const status = step?.progress.status;
  return status === "succeeded" || status === "skipped" || isActiveAt(state, key);
}

/** Every instance a fan-out ever had. */
function instancesKnown(state: RunState, parent: StepKey): readonly StepKey[] {
  return keysOf(state).filter((key) => instanceOf(key)?.parent === parent);
}

/** The run's steps in the order of the flow, each followed by its instances. */
function orderedKeys(state: RunState): readonly StepKey[] {
  const places = state.origin.flow.steps.map(({ id }) => String(id));
  const placeOf = (key: StepKey): number => places.indexOf(idOf(key));
  const indexOf = (key: StepKey): number => instanceOf(key)?.index ?? -1;
  return [...keysOf(state)].sort(
    (one, other) => placeOf(one) - placeOf(other) || indexOf(one) - indexOf(other),
  );
}

/** A fan-out that only some instances are reset of is joined anew, not interrupted. */
export function isRejoined(state: RunState, key: StepKey, reset: ReadonlySet<string>): boolean {
  const instances = instancesOf(state, key);
  return instances.some((one) => reset.has(one)) && instances.some((one) => !reset.has(one));
}

function isActiveAt(state: RunState, key: StepKey): boolean {
  const step = stateOf(state, key);
  return step !== undefined && isActive(step.progress);
}

/** L2. */
function blockedOf(
  state: RunState,
  reset: readonly StepKey[],
  unusable: Readonly<Record<string, string>>,
): RerunPlan["blocked"] {
  const inReset = new Set<string>(reset);
  const blocked = new Map<StepKey, StepKey>();
  for (const { id, needs } of stagesOf(state.origin.flow.steps).flat()) {
    const key = stepKeyOf(id);
    if (!reset.some((one) => idOf(one) === key)) continue;
    const by = needs
      .map((need) => stepKeyOf(need))
      .find((need) =>
        inReset.has(need)
          ? blocked.has(need)
          : !isMet(stateOf(state, need)) || Object.hasOwn(unusable, need),
      );
    if (by !== undefined) blocked.set(key, by);
  }
  return [...blocked].map(([stepKey, by]) => ({ stepKey, by }));
}

/** Why a step outside the set has nothing to offer; undefined when it has, or needs nothing. */
export function reasonAgainst(step: StepState): string | undefined {
  const { progress } = step;
  if (progress.status === "succeeded") return undefined;
  if (progress.status === "skipped") return progress.deadEnd ? progress.reason : undefined;
  if (progress.status === "stale") return `it is stale since ${progress.by} was done again`;
  if (progress.status === "blocked") return `it is blocked by ${progress.by}`;
  return `it is ${progress.status}`;
}

interface Judged {
  readonly wish: SameRunWish;
  readonly roots: readonly StepKey[];
  readonly reset: readonly StepKey[];
  readonly blocked: RerunPlan["blocked"];
  readonly active: readonly StepKey[];
  readonly facts: PlanFacts;
}

function refusalOf(state: RunState, judged: Judged): Failure | undefined {
  const { wish, roots, active, blocked } = judged;
  const [root] = roots;
  if (root === undefined) return nothingToDo(state, wish);
  if (state.status === "cancelling") {
    return failureOf("rejected", "the run is being cancelled", "wait until it has ended");
  }
  if (active.length > 0 && judged.facts.interrupt !== true) {
    return failureOf(
      "rejected",
      `${active.join(", ")} would be done again, but is still under way`,
      "wait for it, or cancel the run first",
    ); // L3
  }
  const open = roots.filter((one) => !blocked.some(({ stepKey }) => stepKey === idOf(one)));
  if (open.length > 0) return undefined;
  const definition = definitionOf(state, root);
  invariant(definition !== undefined, `${root} is not in the flow`);
  const unready = definition.needs.filter(
    (id) => !isMet(stateOf(state, id)) || judged.facts.unusable?.[id] !== undefined,
  );
  return failureOf(
    "rejected",
    `"${root}" needs ${unready.join(", ")}, which has not succeeded`,
    `rerun ${unready.slice(0, 1).join("")} instead`,
  );
}

function idOf(key: StepKey): string {
  return instanceOf(key)?.parent ?? key;
}

function nothingToDo(state: RunState, wish: SameRunWish): Failure {
  if (wish.kind === "failed" || wish.kind === "stale") {
    const nextStep = wish.kind === "failed" ? "rerun a step instead" : "nothing is out of date";
    return failureOf("rejected", `no step of this run is ${wish.kind}`, nextStep);
  }
  const keys = keysOf(state);
  const nextStep = keys.length === 0 ? "start a new run" : `use one of ${keys.join(", ")}`;
  return failureOf("rejected", `this run has no step "${wish.stepKey}"`, nextStep);
}
