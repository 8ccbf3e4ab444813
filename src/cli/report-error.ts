/** The last stop of an error: what happened, what to do next, and the exit code. */
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import { escapeText } from "./escape-line.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Output } from "./output.ts";

/** Tells of an error once and answers the exit code. A bug names the log file. */
export function reportError(
  thrown: unknown,
  form: "text" | "json" | "jsonl",
  output: Output,
  logFile: string | undefined,
): number {
  const { code, message, nextStep } = asOperatorError(thrown, logFile);
  if (form === "text") output.err(`aimie-console: ${escapeText(`${message} — ${nextStep}`)}`);
  else output.err(JSON.stringify({ code, message, nextStep }));
  return EXIT_CODES[code];
}

function asOperatorError(thrown: unknown, logFile: string | undefined): OperatorError {
  if (thrown instanceof OperatorError) return thrown;
  const where = logFile === undefined ? "" : `; details are in ${logFile}`;
  return new OperatorError(
    {
      code: "bug",
      message: `something unexpected happened: ${errorMessage(thrown)}`,
      nextStep: `please report it${where}`,
    },
    { cause: thrown },
  );
}
