import type { RunEvent } from "../protocol/run-events.ts";
import { reduce } from "./reduce.ts";
import type { RunState } from "./state.ts";

/** A run's state from its events, effects left aside; undefined when the first is missing. */
export function fold(events: Iterable<RunEvent>): RunState | undefined {
  let state: RunState | undefined;
  for (const event of events) state = reduce(state, event)?.[0] ?? state;
  return state;
}
