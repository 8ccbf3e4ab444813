/** Parts of the picture that is shown. Pure. */
import type { RunView } from "./console-state.ts";

/** The picture before when the new one looks the same, so that nothing is drawn again for it. */
export function keepSame<Picture>(before: Picture, next: Picture): Picture {
  return JSON.stringify(before) === JSON.stringify(next) ? before : next;
}

/** Runs by when they were requested, the newest first. */
export function newestFirst(runs: Iterable<RunView>): readonly RunView[] {
  return [...runs].sort(
    (left, right) => right.state.origin.requestedAt - left.state.origin.requestedAt,
  );
}
