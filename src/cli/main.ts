/** The program: arguments → configuration → a front end → an exit code. */
import { join } from "node:path";
import type { CommandLine } from "./arguments.ts";
import { outputFormOf, readArguments } from "./arguments.ts";
import type { Config } from "./config.ts";
import { readConfig } from "./config.ts";
import { HELP } from "./help.ts";
import type { Output } from "./output.ts";
import { processOutput } from "./output.ts";
import { reportError } from "./report-error.ts";
import { watchSignals } from "./signals.ts";
import { VERSION } from "./version.ts";

/** What the last stop of an error can say of where more is to be read. */
const known: { logFile: string | undefined } = { logFile: undefined };

async function main(argv: readonly string[], output: Output): Promise<number> {
  try {
    const line = readArguments(argv);
    if (line.flags.version) {
      output.out(VERSION);
      return 0;
    }
    if (line.flags.help) {
      output.out(HELP.trim());
      return 0;
    }
    const config = readConfig(line.flags);
    known.logFile = join(config.stateFolder.value, "aimie-console.log");
    return await perform(line, config, output);
  } catch (thrown) {
    return reportError(thrown, outputFormOf(argv), output, known.logFile);
  }
}

async function perform(line: CommandLine, config: Config, output: Output): Promise<number> {
  const signals = watchSignals();
  switch (line.verb) {
    case "flows":
      (await import("./list-commands.ts")).flowsCommand(config, line, output);
      return 0;
    case "sessions":
      (await import("./list-commands.ts")).sessionsCommand(config, line, output);
      return 0;
    case "show":
      (await import("./list-commands.ts")).showCommand(config, line, output);
      return 0;
    case "config":
      (await import("./list-commands.ts")).configCommand(config, line, output);
      return 0;
    case "broker":
      await (await import("./list-commands.ts")).brokerCommand(config, line, output, signals.first);
      return signals.exitCode() ?? 0;
    case "run":
      return await (await import("./front-ends.ts")).runWithoutScreen(
        line,
        config,
        output,
        signals,
      );
    case undefined:
      if (process.stdin.isTTY && process.stdout.isTTY) {
        return await (await import("./front-ends.ts")).runWithScreen(config, output, signals);
      }
      return await (await import("./front-ends.ts")).runWithoutScreen(
        line,
        config,
        output,
        signals,
      );
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
// What is still open (a broker's pipe, a timer) must not keep a finished program alive.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
