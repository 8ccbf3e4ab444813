import fc from "fast-check";
import { expect, test } from "vitest";
import type {
  WorkerEffect,
  WorkerSign,
  WorkerState,
} from "../../src/agents/supervisor/worker-state.ts";
import {
  CRASH_BUDGET,
  NEW_WORKER,
  reduceWorker,
} from "../../src/agents/supervisor/worker-state.ts";
import { seededRandom } from "../../src/base/random.ts";

/** What may happen to a slot; what cannot happen now is passed over. */
const happenings = fc.array(
  fc.constantFrom("spawned", "ready", "busy", "end", "refuse", "due", "drain", "restart"),
  { maxLength: 60 },
);

interface Slot {
  state: WorkerState;
  /** A process exists, whether it has been heard of or not. */
  alive: boolean;
  /** Restarts that have been scheduled and have not come due. */
  scheduled: number;
  at: number;
}

function play(
  names: readonly string[],
  onStep: (before: WorkerState, slot: Slot, sign: WorkerSign) => void,
): Slot {
  const random = seededRandom(7);
  // A supervisor starts a slot's first process unasked.
  const slot: Slot = { state: NEW_WORKER, alive: true, scheduled: 0, at: 0 };
  for (const name of names) {
    slot.at += 500;
    const sign = signOf(name, slot);
    if (sign === undefined) continue;
    const before = slot.state;
    if (sign.type === "process-ended") slot.alive = false;
    if (sign.type === "restart-due") slot.scheduled -= 1;
    const [state, effects] = reduceWorker(before, sign, random);
    slot.state = state;
    for (const { type } of effects) follow(slot, type);
    onStep(before, slot, sign);
  }
  return slot;
}

function follow(slot: Slot, effect: WorkerEffect["type"]): void {
  if (effect === "schedule-restart") slot.scheduled += 1;
  if (effect === "stop-process") expect(slot.alive).toBe(true);
  if (effect !== "spawn") return;
  expect(slot.alive).toBe(false);
  slot.alive = true;
}

function signOf(name: string, { alive, scheduled, at }: Slot): WorkerSign | undefined {
  switch (name) {
    case "spawned":
      return alive ? { type: "process-spawned", pid: 1 } : undefined;
    case "ready":
    case "busy":
      return alive ? { type: "activity-changed", activity: name, at } : undefined;
    case "end":
      return alive ? { type: "process-ended", at, exitCode: 1 } : undefined;
    case "refuse":
      return alive ? { type: "process-ended", at, exitCode: 78 } : undefined;
    case "due":
      return scheduled > 0 ? { type: "restart-due" } : undefined;
    case "drain":
      return { type: "drain-requested" };
    default:
      return { type: "restart-requested" };
  }
}

test("never starts a process before the one before has ended, and stops only what lives", () => {
  fc.assert(fc.property(happenings, (names) => void play(names, () => undefined)));
});

test("a drained slot starts nothing until the operator wants it again", () => {
  fc.assert(
    fc.property(happenings, (names) => {
      let drained = false;
      play(names, (_, { state }, sign) => {
        if (sign.type === "drain-requested") drained = true;
        if (sign.type === "restart-requested") drained = drained && state.status !== "starting";
        if (drained) expect(["draining", "stopped"]).toContain(state.status);
      });
    }),
  );
});

test("a slot without a process waits for a timer, was given up or is stopped", () => {
  fc.assert(
    fc.property(happenings, (names) => {
      play(names, (_, { state, alive, scheduled }) => {
        if (alive) return;
        expect(["restarting", "given-up", "stopped"]).toContain(state.status);
        if (state.status === "restarting") expect(scheduled).toBeGreaterThan(0);
      });
    }),
  );
});

test("counts restarts up only, and keeps fewer crashes than the budget while it goes on", () => {
  fc.assert(
    fc.property(happenings, (names) => {
      play(names, (before, { state }) => {
        expect(state.history.restarts).toBeGreaterThanOrEqual(before.history.restarts);
        const { length } = state.history.crashesAt;
        const spent = state.status === "given-up" || state.status === "stopped";
        expect(length).toBeLessThan(spent ? CRASH_BUDGET + 1 : CRASH_BUDGET);
      });
    }),
  );
});
