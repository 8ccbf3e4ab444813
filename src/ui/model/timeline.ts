/**
 * A run on one axis of time: a bar per step for its last attempt, the attempt before as a ghost
 * that begins where the bar begins. Times in which nothing ran are folded, so that a rerun a day
 * later does not shrink everything to nothing. Pure.
 */
import type { RunView, TaskProgress } from "../../console/console-state.ts";
import { instanceOf, instancesOf } from "../../orchestrator/instances.ts";
import type { Attempt, StepState } from "../../orchestrator/state.ts";
import type { StepKey } from "../../protocol/ids.ts";
import { stepKeyOf } from "../../protocol/ids.ts";

/** From when to when, milliseconds since 1970. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** What the timeline knows of a step. */
export interface TimelineRow {
  readonly key: StepKey;
  readonly step: StepState;
  /** The last attempt; null when none was begun. */
  readonly bar: Interval | null;
  /** How long the attempt before took, milliseconds; null when there was none. */
  readonly ghostMs: number | null;
}

/** The steps of the timeline in the order of the flow; a fan-out is unfolded while one is in it. */
export function timelineKeys(
  { state }: RunView,
  selected: StepKey | undefined,
): readonly StepKey[] {
  const unfolded = selected === undefined ? undefined : instanceOf(selected)?.parent;
  return state.origin.flow.steps.flatMap(({ id }) => {
    const key = stepKeyOf(id);
    return key === unfolded ? [key, ...instancesOf(state, key)] : [key];
  });
}

/** The rows of a run. */
export function timelineRows(
  run: RunView,
  now: number,
  selected: StepKey | undefined,
): readonly TimelineRow[] {
  return timelineKeys(run, selected).flatMap((key): readonly TimelineRow[] => {
    const step = run.state.steps[key];
    if (step === undefined) return [];
    const last = step.attempts.at(-1);
    const before = step.attempts.at(-2)?.result;
    return [
      {
        key,
        step,
        bar: last === undefined ? null : intervalOf(last, run.progress[last.taskId], now),
        ghostMs: before == null ? null : before.finishedAt - before.startedAt,
      },
    ];
  });
}

function intervalOf(attempt: Attempt, progress: TaskProgress | undefined, now: number): Interval {
  const from = attempt.result?.startedAt ?? progress?.startedAt ?? attempt.dispatchedAt;
  return { from, to: Math.max(from, attempt.result?.finishedAt ?? now) };
}

/** A stretch of the axis: `at` is where it begins on the folded axis, milliseconds from 0. */
export interface Stretch extends Interval {
  readonly at: number;
}

/** An axis without the times in which nothing ran. */
export interface Axis {
  readonly stretches: readonly Stretch[];
  /** The whole length without the folded parts, milliseconds. */
  readonly length: number;
}

/** A pause shorter than this share of what it lies between is drawn as it is. */
const LONGEST_PAUSE_SHARE = 0.5;

/** The axis of the given rows. */
export function axisOf(rows: readonly TimelineRow[]): Axis {
  const busy = rows
    .flatMap(({ bar, ghostMs }) =>
      bar === null ? [] : [{ from: bar.from, to: Math.max(bar.to, bar.from + (ghostMs ?? 0)) }],
    )
    .sort((left, right) => left.from - right.from);
  const total = busy.reduce((sum, { from, to }) => sum + to - from, 0);
  const merged: Interval[] = [];
  for (const one of busy) {
    const last = merged.at(-1);
    if (last === undefined || one.from - last.to > total * LONGEST_PAUSE_SHARE) merged.push(one);
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, one.to) };
  }
  let at = 0;
  const stretches = merged.map(({ from, to }): Stretch => {
    const stretch = { from, to, at };
    at += to - from;
    return stretch;
  });
  return { stretches, length: at };
}

/** Where a moment lies on the axis, milliseconds from its beginning. */
export function placeOn(axis: Axis, moment: number): number {
  const stretch = axis.stretches.findLast(({ from }) => from <= moment) ?? axis.stretches[0];
  if (stretch === undefined) return 0;
  const { from, to, at } = stretch;
  return at + Math.max(0, Math.min(moment, to) - from);
}
