import type { Random } from "./random.ts";

/** An exponential schedule: the n-th delay is `initialMs · factor^n`, at most `maximumMs`. */
export interface BackoffPolicy {
  readonly initialMs: number;
  readonly factor: number;
  readonly maximumMs: number;
  /** Share of the delay that is random, 0 to 1: 0.2 spreads it over ±20 %. */
  readonly jitter: number;
}

/** The delay in milliseconds before try number `failures + 1`, where `failures` counts from 0. */
export function backoffDelayMs(policy: BackoffPolicy, failures: number, random: Random): number {
  const exact = Math.min(policy.initialMs * policy.factor ** failures, policy.maximumMs);
  const spread = 1 + policy.jitter * (2 * random.next() - 1);
  return Math.round(exact * spread);
}
