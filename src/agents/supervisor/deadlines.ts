/**
 * How long each part of a stop may take. A stop is a nest of deadlines: each is longer than the one
 * inside it, so that the inner part can end by itself before the outer one ends it by force.
 */

/** How long a worker may go on with its task when it is asked to drain. */
export const DRAIN_DEADLINE_MS = 1500;

/** What a worker that has drained may take to say farewell and end, before SIGTERM follows. */
const DRAIN_MARGIN_MS = 2000;

/** What a process may take to end by SIGTERM, before SIGKILL follows. */
const TERM_MARGIN_MS = 2000;

/** How long the output of a process that has ended may still take to arrive. */
export const LAST_WORDS_MS = 250;

/** The longest that closing a supervisor may take; no process of ours is left after it. */
export const CLOSE_DEADLINE_MS = 10_000;

/** The rungs of a stop, in milliseconds after it was asked for. */
export interface StopLadder {
  /** The worker ends its own work in hand. */
  readonly drainMs: number;
  /** SIGTERM to its process group. */
  readonly termMs: number;
  /** SIGKILL to its process group. */
  readonly killMs: number;
}

/** The ladder for a worker whose drain may take `drainMs`. */
export function stopLadder(drainMs: number): StopLadder {
  const termMs = drainMs + DRAIN_MARGIN_MS;
  return { drainMs, termMs, killMs: termMs + TERM_MARGIN_MS };
}
