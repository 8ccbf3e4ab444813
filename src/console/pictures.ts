/** Parts of the picture that is shown. Pure. */
import type { RunView, WorkerView } from "./console-state.ts";

/** The picture before when the new one looks the same, so that nothing is drawn again for it. */
export function keepSame<Picture>(before: Picture, next: Picture): Picture {
  return JSON.stringify(before) === JSON.stringify(next) ? before : next;
}

/**
 * The picture of the workers, drawn at most once a second while nothing happens to them: their
 * telemetry changes all the time, that of each at another moment.
 */
export function keepSteady(
  before: readonly WorkerView[],
  next: readonly WorkerView[],
  isNewSecond: boolean,
): readonly WorkerView[] {
  const same = JSON.stringify(before.map(happening)) === JSON.stringify(next.map(happening));
  return same && !isNewSecond ? before : keepSame(before, next);
}

/** Makes the function that draws the workers: nothing heard and no new second, nothing looked at. */
export function steadyWorkers(board: {
  readonly version: number;
  views(at: number): readonly WorkerView[];
}): (before: readonly WorkerView[], now: number, isNewSecond: boolean) => readonly WorkerView[] {
  let seen = -1;
  return (before, now, isNewSecond) => {
    if (board.version === seen && !isNewSecond) return before;
    seen = board.version;
    return keepSteady(before, board.views(now), isNewSecond);
  };
}

/** What happens to a worker, without how it feels. */
function happening({ heartbeat, heartbeatAt: _, ...rest }: WorkerView): unknown {
  if (heartbeat === null) return rest;
  const { uptimeMs: _up, rssBytes: _memory, cpuShare: _cpu, ...told } = heartbeat;
  return { ...rest, told };
}

/** Runs by when they were requested, the newest first. */
export function newestFirst(runs: Iterable<RunView>): readonly RunView[] {
  return [...runs].sort(
    (left, right) => right.state.origin.requestedAt - left.state.origin.requestedAt,
  );
}
