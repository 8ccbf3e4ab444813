/** Which event of a run moved which of its steps: what `why` is told from. Pure. */
import type { StepKey } from "../protocol/ids.ts";
import type { RunEvent } from "../protocol/run-events.ts";
import { reduce } from "./reduce.ts";
import type { RunState, StepProgress } from "./state.ts";
import { entriesOf, stateOf } from "./step-access.ts";

/** An event in its place in the run's log, counted from 1. */
export interface PlacedEvent {
  readonly seq: number;
  readonly event: RunEvent;
}

/** An event that moved steps, and where to. A pause is kept too, though it moves none. */
export interface HistoryEntry extends PlacedEvent {
  readonly moves: ReadonlyMap<StepKey, StepProgress>;
}

/** The history with one more event, which took the run from `before` to `after`. */
export function extendHistory(
  history: readonly HistoryEntry[],
  { seq, event }: PlacedEvent,
  change: { readonly before: RunState | undefined; readonly after: RunState },
): readonly HistoryEntry[] {
  const { before, after } = change;
  const moved = entriesOf(after).flatMap(([key, { progress }]) => {
    const was = before === undefined ? undefined : stateOf(before, key)?.progress;
    return isSame(was, progress) ? [] : [[key, progress] as const];
  });
  if (moved.length === 0 && event.type !== "pause-requested") return history;
  return [...history, { seq, event, moves: new Map(moved) }];
}

/** The history of a whole log, from its first event on. */
export function historyOf(events: Iterable<PlacedEvent>): readonly HistoryEntry[] {
  let history: readonly HistoryEntry[] = [];
  let before: RunState | undefined;
  for (const placed of events) {
    const after = reduce(before, placed.event)?.[0];
    if (after === undefined) continue;
    history = extendHistory(history, placed, { before, after });
    before = after;
  }
  return history;
}

function isSame(was: StepProgress | undefined, is: StepProgress): boolean {
  return was === is || JSON.stringify(was) === JSON.stringify(is);
}
