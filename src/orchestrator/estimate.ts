/** How long steps may take, by what they took before. */
import type { StepKey } from "../protocol/ids.ts";
import type { RunState } from "./state.ts";
import { definitionOf, stateOf } from "./step-access.ts";

/**
 * The longest way through `keys`, milliseconds: steps after each other add up, steps side by side
 * do not. Each counts with the median of its successful attempts here and in `history`; null when
 * one of them has none.
 */
export function estimateMs(
  state: RunState,
  keys: readonly StepKey[],
  history: Readonly<Record<string, readonly number[]>>,
): number | null {
  const done = new Map<string, number | null>();
  const finishOf = (id: string): number | null => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const own = keys.filter((key) => definitionOf(state, key)?.id === id);
    const needs = definitionOf(state, id)?.needs ?? [];
    const starts = needs.map((need) => finishOf(need));
    const durations = own.map((key) => medianOf(durationsOf(state, key, history)));
    const finish =
      starts.includes(null) || durations.includes(null)
        ? null
        : Math.max(0, ...starts.map(Number)) + Math.max(0, ...durations.map(Number));
    done.set(id, finish);
    return finish;
  };
  const finishes = keys.map((key) => finishOf(String(definitionOf(state, key)?.id)));
  return finishes.includes(null) ? null : Math.max(0, ...finishes.map(Number));
}

function durationsOf(
  state: RunState,
  key: StepKey,
  history: Readonly<Record<string, readonly number[]>>,
): readonly number[] {
  const here = (stateOf(state, key)?.attempts ?? []).flatMap(({ result, cachedFrom }) =>
    result?.status === "succeeded" && cachedFrom === undefined
      ? [result.finishedAt - result.startedAt]
      : [],
  );
  return [...here, ...(history[key] ?? [])];
}

function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
