/** What a rerun would do, before it is done. */
import type { Failure } from "../protocol/failure.ts";
import type { StepKey } from "../protocol/ids.ts";
import type { RerunWish } from "../protocol/rerun.ts";
import { digestOf } from "./digest.ts";
import type { RunState } from "./state.ts";
import { entriesOf } from "./step-access.ts";

/** A plan: which steps are done again, which stay, and why others cannot be used. */
export interface RerunPlan {
  readonly wish: RerunWish;
  /** Where it happens: in the same run, or in a new one forked from it. */
  readonly target: "same-run" | "fork";
  /** Done again, in the order of the flow. */
  readonly reset: readonly StepKey[];
  /** Taken as they are. */
  readonly inherit: readonly StepKey[];
  /** Left with an output that is no longer the newest. */
  readonly stale: readonly StepKey[];
  /** Wanted, but cannot be done because a step before them has nothing to offer. */
  readonly blocked: readonly { readonly stepKey: StepKey; readonly by: StepKey }[];
  /** Neither done again nor usable, and why. */
  readonly ineligible: readonly { readonly stepKey: StepKey; readonly reason: string }[];
  /** At work now; `interrupt` gives exactly these up first. */
  readonly active: readonly StepKey[];
  /** How long it may take by the steps' own history, milliseconds; null when there is none. */
  readonly estimateMs: number | null;
  /** Changes whenever a step of the run does: a plan with another hash is out of date. */
  readonly planHash: string;
  /** Why the plan cannot be carried out; undefined when it can. */
  readonly refusal: Failure | undefined;
}

/** What a plan takes from outside the run. */
export interface PlanFacts {
  /** Durations of earlier attempts by step id, milliseconds, from other runs of the same flow. */
  readonly history?: Readonly<Record<string, readonly number[]>>;
  /** Steps whose stored output cannot be used, and why: a missing or damaged artifact. */
  readonly unusable?: Readonly<Record<string, string>>;
  /** Whether active steps of the reset set are given up first. */
  readonly interrupt?: boolean;
}

/** The hash of everything a plan for `wish` depends on in a run. */
export function planHashOf(state: RunState, wish: RerunWish): string {
  return digestOf([
    state.origin.spec.runId,
    JSON.parse(JSON.stringify(wish)),
    state.status === "cancelling",
    entriesOf(state).map(([key, { progress, attempts }]) => [
      key,
      progress.status,
      attempts.length,
    ]),
  ]);
}
