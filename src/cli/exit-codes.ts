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

/** The meanings in words, for help and documentation. */
export const EXIT_MEANINGS: readonly { readonly code: string; readonly when: string }[] = [
  { code: "0", when: "succeeded" },
  { code: "1", when: "the run failed" },
  {
    code: "2",
    when: "usage or validation: a flag, a file, a flow, a model or an id cannot be used, or the output cannot be written",
  },
  { code: "3", when: "bus unreachable" },
  { code: "4", when: "timeout" },
  { code: "5", when: "waiting for a person: an approval, or a run that is paused" },
  { code: "6", when: "conflict: somebody else has changed the run or is changing the session" },
  { code: "7", when: "worker lost or given up" },
  { code: "8", when: "the run was cancelled" },
  { code: "70", when: "a bug" },
  { code: "129, 130, 143", when: "ended by SIGHUP, SIGINT or SIGTERM" },
];

/** The exit code of a run that has ended, or waits for a person. */
export function exitCodeOf(status: RunStatus): number {
  if (status === "succeeded") return EXIT_CODES.succeeded;
  if (status === "waiting" || status === "paused") return EXIT_CODES.waiting;
  return status === "cancelled" ? EXIT_CODES.cancelled : EXIT_CODES["run-failed"];
}
