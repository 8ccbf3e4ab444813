/**
 * What a worker complains of, in bounded number: the same problem now and then, and that Redis is
 * away once for each time it is away.
 */
import { errorMessage } from "../../base/error-message.ts";
import { isConnectionProblem } from "../../bus/passing-problem.ts";
import { logProblem } from "./log-problem.ts";

/** How often the same complaint is passed on, milliseconds. */
const COMPLAIN_EVERY_MS = 5000;

/** Takes problems, and hears when there is none. */
export interface Complaints {
  complain(cause: unknown): void;
  /** Redis has answered: when it is away again, that is told again. */
  answered(): void;
}

/** Opens the complaints of a worker; `now` is in milliseconds. */
export function openComplaints(
  log: Parameters<typeof logProblem>[0]["log"],
  now: () => number,
): Complaints {
  let last: { readonly text: string; readonly at: number; readonly isAway: boolean } | undefined;
  return {
    complain(cause) {
      const next = { text: errorMessage(cause), at: now(), isAway: isConnectionProblem(cause) };
      const isOld = last !== undefined && !next.isAway && next.at - last.at >= COMPLAIN_EVERY_MS;
      if (next.text === last?.text && !isOld) return;
      last = next;
      logProblem({ log }, cause);
    },
    answered() {
      if (last?.isAway === true) last = undefined;
    },
  };
}
