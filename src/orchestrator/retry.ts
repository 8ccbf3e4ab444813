/** When a failed attempt is made again by itself. */
import { backoffDelayMs } from "../base/backoff.ts";
import { seededRandom } from "../base/random.ts";
import type { Failure } from "../protocol/failure.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { RetryPolicy } from "./flow.ts";

/** What a step does when its file does not say: three attempts, 1 s then 2 s apart. */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 3,
  initialDelayMs: 1000,
  factor: 2,
  maximumDelayMs: 60_000,
};

/** Share of a retry's delay that is spread at random, so that many do not fall together. */
const JITTER = 0.2;

/** Failures that another try can mend; bad input stays bad however often it is tried. */
const RETRYABLE: ReadonlySet<Failure["kind"]> = new Set([
  "tool",
  "timeout",
  "worker-lost",
  "invalid-result",
]);

/**
 * The delay before the next attempt, or undefined to give up. `attemptsMade` counts from 1. The
 * jitter is drawn from the task's id, so that every reader of the log computes the same delay.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attemptsMade: number,
  failure: Failure,
  taskId: TaskId,
): number | undefined {
  if (!RETRYABLE.has(failure.kind) || attemptsMade >= policy.attempts) return undefined;
  return backoffDelayMs(
    {
      initialMs: policy.initialDelayMs,
      factor: policy.factor,
      maximumMs: policy.maximumDelayMs,
      jitter: JITTER,
    },
    attemptsMade - 1,
    seededRandom(hashOf(taskId)),
  );
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo): spreads similar ids far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
