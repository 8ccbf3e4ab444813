import { errorMessage } from "../../base/error-message.ts";
import { isConnectionProblem } from "../../bus/passing-problem.ts";

/** Where a worker's words go. */
interface Logger {
  log(level: "info" | "warning" | "error", text: string): void;
}

/**
 * Logs what went wrong. That Redis is away goes into the log alone: whoever holds the workers
 * notices it too and says it once, where each of them would say the same.
 */
export function logProblem(
  logger: Logger,
  cause: unknown,
  what?: string,
  level: "warning" | "error" = "warning",
): void {
  const text = errorMessage(cause);
  const heard = isConnectionProblem(cause) ? "info" : level;
  logger.log(heard, what === undefined ? text : `${what}: ${text}`);
}
