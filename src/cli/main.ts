/** The program: arguments → configuration → a front end → an exit code. */
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { outputFormOf, readArguments } from "./arguments.ts";
import { readConfig } from "./config.ts";
import type { Output } from "./output.ts";
import { processOutput } from "./output.ts";
import { reportError } from "./report-error.ts";
import { watchSignals } from "./signals.ts";
import { VERBS } from "./verbs/table.ts";
import { VERSION } from "./version.ts";

/** What the last stop of an error can say of where more is to be read. */
const known: { logFile: string | undefined } = { logFile: undefined };

async function main(argv: readonly string[], output: Output): Promise<number> {
  try {
    const line = readArguments(argv, VERBS);
    if (line.common.version) {
      output.out(VERSION);
      return 0;
    }
    if (line.common.help) {
      const { overviewHelp, verbHelp } = await import("./help.ts");
      output.out(line.verb === undefined ? overviewHelp(VERBS) : verbHelp(line.verb));
      return 0;
    }
    const config = readConfig(line.common);
    known.logFile = join(config.stateFolder.value, "aimie-console.log");
    return await line.perform({ config, output, signals: watchSignals() });
  } catch (thrown) {
    return reportError(thrown, outputFormOf(argv), output, known.logFile);
  }
}

const output = processOutput();
const bugs = (thrown: unknown): void => {
  process.exit(reportError(thrown, outputFormOf(process.argv.slice(2)), output, known.logFile));
};
// Nothing should come this far; what does ends the program with a sentence, not with a stack.
process.on("uncaughtException", bugs);
process.on("unhandledRejection", bugs);
const code = await main(process.argv.slice(2), output);
process.exitCode = code;
const lost = await output.flush();
// What is still open (a broker's pipe, a timer) must not keep a finished program alive.
process.exit(lost === undefined || code !== 0 ? code : unwritten(lost));

/** A script must not take half an output for the whole. */
function unwritten(reason: string): number {
  const message = `the output could not be written whole: ${reason}`;
  const nextStep = "make room, then show, events or logs print what is known";
  const error = new OperatorError({ code: "usage", message, nextStep });
  return reportError(error, outputFormOf(process.argv.slice(2)), output, known.logFile);
}
