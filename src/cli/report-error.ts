/** The last stop of an error: what happened, what to do next, and the exit code. */
import { appendFileSync } from "node:fs";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import { escapeText } from "../ui/escape-text.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Output } from "./output.ts";

/** Tells of an error once and answers the exit code. A bug names the log file. */
export function reportError(
  thrown: unknown,
  form: "text" | "json" | "jsonl",
  output: Output,
  logFile: string | undefined,
): number {
  if (!(thrown instanceof OperatorError)) keepTrace(thrown, logFile);
  const { code, message, nextStep, problems } = asOperatorError(thrown, logFile);
  if (form === "text") {
    output.err(`aimie-console: ${escapeText(`${message} — ${nextStep}`)}`);
    for (const { place, message, remedy } of problems.slice(1)) {
      output.err(`  ${escapeText(`${place}: ${message} — ${remedy}`)}`);
    }
  } else {
    const all = problems.length === 0 ? {} : { problems };
    output.err(JSON.stringify({ code, message, nextStep, ...all }));
  }
  return EXIT_CODES[code];
}

/** Writes where a bug happened into the log; at once, since the program is about to end. */
function keepTrace(thrown: unknown, logFile: string | undefined): void {
  if (logFile === undefined) return;
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const line = { at: new Date().toISOString(), level: "error", pid: process.pid, text };
  try {
    appendFileSync(logFile, `${escapeText(JSON.stringify(line))}\n`, { mode: 0o600 });
  } catch {
    // The log cannot be written; the message on the terminal is what is left.
  }
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
