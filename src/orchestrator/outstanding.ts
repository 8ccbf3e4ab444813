/** What the bus must still hold for a run that is under way, told from its log. Pure. */
import type { RunEvent } from "../protocol/run-events.ts";
import type { Effect } from "./effects.ts";
import { reduce } from "./reduce.ts";
import type { RunState } from "./state.ts";

/** Tasks and timers of a run that have been neither answered nor cleared. */
export type OutstandingEffect = Extract<Effect, { type: "dispatch-task" | "set-timer" }>;

/** The effects of a run's whole log that still matter; its events are given from the first on. */
export function outstandingEffects(events: readonly RunEvent[]): readonly OutstandingEffect[] {
  let state: RunState | undefined;
  let wanted: readonly OutstandingEffect[] = [];
  for (const event of events) {
    const decision = reduce(state, event);
    if (decision === undefined) return [];
    state = decision[0];
    wanted = decision[1].reduce(withEffect, wanted);
  }
  const awaited = new Set(
    Object.values(state?.steps ?? {}).flatMap(({ progress }) =>
      progress.status === "dispatched" ? [progress.taskId] : [],
    ),
  );
  return wanted.filter((one) => one.type === "set-timer" || awaited.has(one.taskId));
}

function withEffect(
  wanted: readonly OutstandingEffect[],
  effect: Effect,
): readonly OutstandingEffect[] {
  switch (effect.type) {
    case "dispatch-task":
    case "set-timer":
      return [...wanted, effect];
    case "clear-timer": {
      const { kind, stepKey, attempt } = effect.timer;
      return wanted.filter(
        (one) =>
          one.type !== "set-timer" ||
          one.timer.kind !== kind ||
          one.timer.stepKey !== stepKey ||
          one.timer.attempt !== attempt,
      );
    }
    case "cancel-task":
    case "remember-result":
      return wanted;
  }
}
