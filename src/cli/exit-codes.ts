import type { ErrorCode } from "../base/operator-error.ts";
import type { RunStatus } from "../orchestrator/state.ts";

/** What each way to end means to a script; documented in docs/JSON.md, stable. */
export const EXIT_CODES: Readonly<Record<ErrorCode | "succeeded", number>> = {
  succeeded: 0,
  "run-failed": 1,
  usage: 2,
  "bus-unreachable": 3,
  timeout: 4,
  waiting: 5,
  conflict: 6,
  "worker-lost": 7,
  cancelled: 8,
  bug: 70,
};

/** The exit code of a run that has ended, or waits for a person. */
export function exitCodeOf(status: RunStatus): number {
  if (status === "succeeded") return EXIT_CODES.succeeded;
  if (status === "waiting" || status === "paused") return EXIT_CODES.waiting;
  return status === "cancelled" ? EXIT_CODES.cancelled : EXIT_CODES["run-failed"];
}
