/** What an operator is told of a wish that met a bus that does not answer. */
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import { isConnectionProblem } from "../bus/passing-problem.ts";
import type { BusView } from "./console-state.ts";

/** How far a wish had come: whether it may have been carried out depends on it. */
export type Progress = "unsent" | "kept" | "perhaps-sent" | "sent";

const CONSEQUENCES: Readonly<Record<Progress, readonly [consequence: string, nextStep: string]>> = {
  unsent: ["nothing was changed", "try again when the connection is back"],
  kept: [
    "the request is kept here and sent when the connection is back",
    "wait for the connection, then look at the run",
  ],
  "perhaps-sent": [
    "what was asked for may have been carried out or not",
    "look at the run when the connection is back, before you ask again",
  ],
  sent: [
    "what was asked for has arrived, and what becomes of it is not known yet",
    "look at the run when the connection is back",
  ],
};

/** The problem as an operator is told it: which bus, what may have happened, what to do next. */
export function busAway(bus: BusView, progress: Progress, cause: unknown): OperatorError {
  const [consequence, nextStep] = CONSEQUENCES[progress];
  const place = `${bus.kind === "embedded" ? "the broker" : "Redis"} at ${bus.address}`;
  const message = `${place} does not answer (${errorMessage(cause)}); ${consequence}`;
  return new OperatorError({ code: "bus-unreachable", message, nextStep }, { cause });
}

/**
 * Does a part of a wish that needs the bus.
 * @throws OperatorError `bus-unreachable` when the bus does not answer.
 */
export async function reaching<Value>(
  bus: BusView,
  progress: Progress,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw isConnectionProblem(cause) ? busAway(bus, progress, cause) : cause;
  }
}
