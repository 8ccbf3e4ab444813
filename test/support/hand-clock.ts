import type { Clock } from "../../src/base/clock.ts";

/** A clock that stands still until it is moved. */
export interface HandClock extends Clock {
  /** Moves the time on and fires what has become due, in order. */
  advance(ms: number): void;
  /** Timers that wait to fire. */
  readonly pendingTimers: number;
}

export function handClock(start = 0): HandClock {
  let now = start;
  const timers = new Set<{ readonly dueAt: number; readonly callback: () => void }>();
  return {
    now: () => now,
    after(delayMs, callback) {
      const timer = { dueAt: now + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      now += ms;
      for (const timer of [...timers].sort((left, right) => left.dueAt - right.dueAt)) {
        if (timer.dueAt <= now && timers.delete(timer)) timer.callback();
      }
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}
