/** Writing down that a command is trusted, and telling what that means. */
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { TrustedCommand } from "../engines/command-model/trust.ts";
import { filesOf, trustModel, wholeCommand } from "../engines/command-model/trust.ts";
import { trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";
import type { Output } from "./output.ts";
import { escaped } from "./output.ts";

/**
 * Writes down that a command is trusted.
 * @throws OperatorError `usage` for a state folder that cannot be written.
 */
export function keepTrust(config: Config, trusted: TrustedCommand): void {
  try {
    trustModel(trustFileOf(config), trusted);
  } catch (cause) {
    const message = `cannot write ${trustFileOf(config)}: ${errorMessage(cause)}`;
    const nextStep = "make the state folder writable, or set XDG_STATE_HOME to one that is";
    throw new OperatorError({ code: "usage", message, nextStep }, { cause });
  }
}

/** A program of a file that has been trusted. */
interface TrustedFile {
  /** What it is, in a line. */
  readonly what: string;
  /** The file's name. */
  readonly file: string;
  readonly folder: string;
  readonly command: readonly string[];
}

/** Tells of it in lines; escaped, so that nobody is shown another command than the one that runs. */
export function tellTrust(output: Output, { what, file, folder, command }: TrustedFile): void {
  const model = { command: [...command] };
  const lines = [
    `trusted: ${what}`,
    `  runs: ${wholeCommand(model)}`,
    `  {folder} is ${folder}`,
    `  until this changes: ${[file, ...filesOf(model, folder)].join(", ")}`,
  ];
  for (const line of lines) escaped(output).out(line);
}
