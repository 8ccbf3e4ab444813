/**
 * The life of one worker slot, decided purely: what follows from its process's signs.
 *
 * starting → ready ⇄ busy → draining → stopped, with restarting (after a crash, with backoff) and
 * given-up (too many crashes in too short a time, or an exit code that says no restart can help).
 */
import { assertNever } from "../../base/assert.ts";
import type { BackoffPolicy } from "../../base/backoff.ts";
import { backoffDelayMs } from "../../base/backoff.ts";
import type { Random } from "../../base/random.ts";
import { WORKER_EXIT_CONFIG } from "../../protocol/control.ts";

/** Where a slot stands. */
export type WorkerState =
  | { readonly status: "starting"; readonly pid: number | null; readonly history: CrashHistory }
  | {
      readonly status: "ready" | "busy";
      readonly pid: number;
      readonly readyAt: number;
      readonly history: CrashHistory;
    }
  | { readonly status: "draining"; readonly pid: number | null; readonly history: CrashHistory }
  | { readonly status: "restarting"; readonly dueAt: number; readonly history: CrashHistory }
  | { readonly status: "stopped"; readonly history: CrashHistory }
  | {
      readonly status: "given-up";
      readonly reason: GiveUpReason;
      readonly history: CrashHistory;
    };

/** Why a slot was given up: it kept crashing, or its worker said that its configuration is wrong. */
export type GiveUpReason = "crash-loop" | "misconfigured";

/** Lines of a worker's output that are shown when it is given up. */
const SHOWN_WORDS = 3;

/** Why a slot was given up and what its process said last, for people. */
export function describeGivingUp(
  { reason }: Extract<WorkerState, { status: "given-up" }>,
  lastWords: readonly string[],
): string {
  const words = lastWords.slice(-SHOWN_WORDS).join(" | ");
  if (reason === "misconfigured") return `given up, its configuration cannot be used: ${words}`;
  return `given up after ${CRASH_BUDGET} crashes within ${CRASH_WINDOW_MS / 1000} s: ${words}`;
}

/** What is remembered of earlier processes of a slot. */
export interface CrashHistory {
  readonly restarts: number;
  /** When it crashed lately, within the budget's window. */
  readonly crashesAt: readonly number[];
}

/** A sign of a slot's process, or a wish about it. */
export type WorkerSign =
  | { readonly type: "process-spawned"; readonly pid: number }
  | { readonly type: "activity-changed"; readonly activity: "ready" | "busy"; readonly at: number }
  | {
      readonly type: "process-ended";
      readonly at: number;
      /** Null after a deadly signal. */
      readonly exitCode: number | null;
    }
  | { readonly type: "restart-due" }
  | { readonly type: "drain-requested" }
  | { readonly type: "restart-requested" };

/** What the supervisor is to do. */
export type WorkerEffect =
  | { readonly type: "spawn" }
  | { readonly type: "schedule-restart"; readonly delayMs: number }
  | { readonly type: "stop-process" };

/** Crashes allowed within the window before a slot is given up. */
export const CRASH_BUDGET = 5;

/** The window of the crash budget, milliseconds. */
export const CRASH_WINDOW_MS = 60_000;

/** The first restart follows at once; a slot that keeps crashing waits longer and longer. */
const BACKOFF: BackoffPolicy = { initialMs: 200, factor: 2, maximumMs: 30_000, jitter: 0.2 };

/** A slot before its first process. */
export const NEW_WORKER: WorkerState = {
  status: "starting",
  pid: null,
  history: { restarts: 0, crashesAt: [] },
};

/** Decides what follows from one sign. */
export function reduceWorker(
  state: WorkerState,
  sign: WorkerSign,
  random: Random,
): readonly [WorkerState, readonly WorkerEffect[]] {
  switch (sign.type) {
    case "process-spawned":
      if (state.status !== "starting") return [state, []];
      return [{ ...state, pid: sign.pid }, []];
    case "activity-changed":
      return [changeActivity(state, sign), []];
    case "process-ended":
      return endProcess(state, sign, random);
    case "restart-due":
      if (state.status !== "restarting") return [state, []];
      return [{ status: "starting", pid: null, history: state.history }, [{ type: "spawn" }]];
    case "drain-requested":
      return drain(state);
    case "restart-requested":
      return restart(state);
    default:
      return assertNever(sign);
  }
}

function changeActivity(
  state: WorkerState,
  sign: Extract<WorkerSign, { type: "activity-changed" }>,
): WorkerState {
  if (state.status === "starting" && state.pid !== null) {
    const { pid, history } = state;
    return { status: sign.activity, pid, readyAt: sign.at, history };
  }
  if (state.status === "ready" || state.status === "busy") {
    return { ...state, status: sign.activity };
  }
  return state;
}

function endProcess(
  state: WorkerState,
  { at, exitCode }: Extract<WorkerSign, { type: "process-ended" }>,
  random: Random,
): readonly [WorkerState, readonly WorkerEffect[]] {
  const { history } = state;
  if (state.status === "draining") return [{ status: "stopped", history }, []];
  if (state.status === "stopped" || state.status === "given-up") return [state, []];
  const crashesAt = [...history.crashesAt.filter((time) => at - time < CRASH_WINDOW_MS), at];
  if (exitCode === WORKER_EXIT_CONFIG) {
    return [
      { status: "given-up", reason: "misconfigured", history: { ...history, crashesAt } },
      [],
    ];
  }
  if (crashesAt.length >= CRASH_BUDGET) {
    return [{ status: "given-up", reason: "crash-loop", history: { ...history, crashesAt } }, []];
  }
  const delayMs =
    crashesAt.length === 1 ? 0 : backoffDelayMs(BACKOFF, crashesAt.length - 2, random);
  return [
    {
      status: "restarting",
      dueAt: at + delayMs,
      history: { restarts: history.restarts + 1, crashesAt },
    },
    [{ type: "schedule-restart", delayMs }],
  ];
}

function drain(state: WorkerState): readonly [WorkerState, readonly WorkerEffect[]] {
  const { history } = state;
  switch (state.status) {
    case "starting":
    case "ready":
    case "busy":
      return [{ status: "draining", pid: state.pid, history }, [{ type: "stop-process" }]];
    case "restarting":
    case "given-up":
      return [{ status: "stopped", history }, []];
    case "draining":
    case "stopped":
      return [state, []];
  }
}

function restart(state: WorkerState): readonly [WorkerState, readonly WorkerEffect[]] {
  const history: CrashHistory = { restarts: state.history.restarts + 1, crashesAt: [] };
  switch (state.status) {
    case "given-up":
    case "stopped":
      return [{ status: "starting", pid: null, history }, [{ type: "spawn" }]];
    case "ready":
    case "busy":
    case "starting":
      // Its end counts as the first crash of a clean slate, which restarts it at once.
      return [
        { ...state, history: { ...state.history, crashesAt: [] } },
        [{ type: "stop-process" }],
      ];
    case "restarting":
    case "draining":
      return [state, []];
  }
}
