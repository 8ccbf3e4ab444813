/**
 * The runs this process decided on last, so that they need not be read again for the next event.
 *
 * K1 What is kept is a guess: a commit is refused when the run has moved on, and then it is read.
 * K2 It is bounded, and forgets everything when the connection was down: the bus that comes back
 *    may have lost data.
 */
import type { RunState } from "../../orchestrator/state.ts";
import type { RunId } from "../../protocol/ids.ts";

/** A run at a version. */
export interface KnownRun {
  readonly version: number;
  readonly state: RunState;
}

/** Runs by id. */
export interface RunCache {
  get(runId: RunId): KnownRun | undefined;
  keep(runId: RunId, run: KnownRun): void;
  drop(runId: RunId): void;
  clear(): void;
}

/** How many runs are kept. */
const KEPT_RUNS = 500;

/** An empty cache. */
export function openRunCache(): RunCache {
  const runs = new Map<RunId, KnownRun>();
  return {
    get: (runId) => runs.get(runId),
    keep(runId, run) {
      runs.delete(runId);
      runs.set(runId, run);
      const oldest = runs.keys().next();
      if (runs.size > KEPT_RUNS && !oldest.done) runs.delete(oldest.value); // K2
    },
    drop: (runId) => runs.delete(runId),
    clear: () => runs.clear(),
  };
}
