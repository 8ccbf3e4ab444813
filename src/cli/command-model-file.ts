/** What `model check`, `model run` and `trust` do with command models. */
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { findModel } from "../console/catalogue.ts";
import { courseTable, timeStepOf } from "../engines/command-model/course-table.ts";
import { valuesOf } from "../engines/command-model/invocation.ts";
import { runCommandModel } from "../engines/command-model/run-command-model.ts";
import type { OpenedModel } from "../engines/command-model/trust.ts";
import {
  filesOf,
  isTrusted,
  notTrusted,
  openCommandModel,
  showCommand,
} from "../engines/command-model/trust.ts";
import type { CourseTable } from "../engines/xmile/simulate.ts";
import type { Failure } from "../protocol/failure.ts";
import { trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { keepTrust, tellTrust } from "./give-trust.ts";
import { catalogueFolders } from "./open-console.ts";
import type { Output } from "./output.ts";
import { escaped } from "./output.ts";
import type { Surroundings } from "./verb.ts";

/** What is told of a simulation besides its table. */
export interface Making {
  readonly title: string;
  readonly timeUnit: string;
  readonly startTime: number;
  readonly stopTime: number;
  readonly timeStep: number;
  readonly method: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** Whether a path or a name means a command model. */
export function isCommandModel(file: string, config: Config): boolean {
  return fileOf(file, config) !== undefined;
}

function fileOf(file: string, config: Config): string | undefined {
  if (existsSync(file)) return /\.ya?ml$/.test(file) ? resolve(file) : undefined;
  const found = findModel(catalogueFolders(config), file);
  return found.ok ? found.value.commandFile : undefined;
}

function open(file: string, config: Config): OpenedModel {
  const path = fileOf(file, config);
  if (path === undefined) {
    throw new OperatorError({
      code: "usage",
      message: `${file} is no command model; only those need trust`,
      nextStep: "give the path of its .yaml file, or a name that aimie-console models lists",
    });
  }
  const opened = openCommandModel(path);
  if (!opened.ok) throw problemOf(file, opened.error, "usage");
  return opened.value;
}

/**
 * Says that a command model's file is valid, and whether it is trusted; runs nothing.
 * @throws OperatorError `usage` with the line when it is not.
 */
export function checkCommandFile(
  file: string,
  form: OutputForm,
  config: Config,
  output: Output,
): void {
  const opened = open(file, config);
  const { title, parameters, command } = opened.model;
  const trusted = isTrusted(trustFileOf(config), opened);
  const names = Object.keys(parameters);
  if (form !== "text") {
    output.out(JSON.stringify({ title, command, parameters: names, trusted }));
    return;
  }
  const standing = trusted ? "trusted" : `not trusted yet: aimie-console trust ${file}`;
  const what = `${title}, ${names.length} parameters, runs ${showCommand({ command })}`;
  escaped(output).out(`${file} is valid: ${what}, ${standing}`);
}

/**
 * Runs a command model that is trusted.
 * @throws OperatorError `usage` for one that is not, or for a wrong value; `run-failed`, `timeout`
 * or `cancelled` for what the program does.
 */
export async function runCommandFile(
  file: string,
  given: Readonly<Record<string, number>>,
  { config, signals, output }: Surroundings,
): Promise<{ readonly making: Making; readonly table: CourseTable }> {
  const opened = open(file, config);
  if (!isTrusted(trustFileOf(config), opened)) {
    throw problemOf(file, notTrusted(file, opened), "usage");
  }
  const { model } = opened;
  const values = valuesOf(model, given);
  if (!values.ok) throw problemOf(file, values.error, "usage");
  const columns = await runCommandModel(opened, values.value, {
    environment: config.environment.forWorkers,
    signal: signals.first,
    onProgress: (fraction, message) => {
      if (output.interactive) output.err(`${Math.round(fraction * 100)} % ${message}`);
    },
  });
  if (!columns.ok) throw problemOf(file, columns.error, "run-failed");
  const table = courseTable(columns.value, model);
  const making = {
    title: model.title,
    timeUnit: model["time-unit"],
    startTime: table.time[0] ?? 0,
    stopTime: table.time.at(-1) ?? 0,
    timeStep: timeStepOf(table),
    method: "command",
    parameters: values.value,
  };
  return { making, table };
}

/**
 * Trusts a command model as it is now.
 * @throws OperatorError `usage` for a file that is none, or a state folder that cannot be written.
 */
export function trustFile(file: string, form: OutputForm, config: Config, output: Output): void {
  const opened = open(file, config);
  const { model, folder, fingerprint } = opened;
  keepTrust(config, opened);
  if (form !== "text") {
    const { command } = model;
    output.out(JSON.stringify({ command, folder, files: filesOf(model, folder), fingerprint }));
    return;
  }
  const name = basename(file);
  tellTrust(output, {
    what: `${name}  ${model.title}`,
    file: name,
    folder,
    command: model.command,
  });
}

function problemOf(file: string, failure: Failure, code: "usage" | "run-failed"): OperatorError {
  const { kind, message, nextStep = "correct it" } = failure;
  const own = kind === "timeout" || kind === "cancelled" ? kind : code;
  return new OperatorError({ code: own, message: `${file}: ${message}`, nextStep });
}
