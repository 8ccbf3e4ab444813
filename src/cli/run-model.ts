/** `model check` and `model run`. */
import { OperatorError } from "../base/operator-error.ts";
import type { CourseTable } from "../engines/xmile/simulate.ts";
import { simulate } from "../engines/xmile/simulate.ts";
import { summarize } from "../engines/xmile/summary.ts";
import { csvRows } from "../engines/xmile/write-csv.ts";
import type { Making } from "./command-model-file.ts";
import { checkCommandFile, isCommandModel, runCommandFile } from "./command-model-file.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { problemOf, readModelFile } from "./model-file.ts";
import type { Output } from "./output.ts";
import { escaped } from "./output.ts";
import type { EnsembleFlags } from "./run-ensemble.ts";
import type { Surroundings } from "./verb.ts";

/**
 * Says that a model can be run.
 * @throws OperatorError `usage` with the variable and the line when it cannot.
 */
export function checkModelFile(
  file: string,
  form: OutputForm,
  config: Config,
  output: Output,
): void {
  if (isCommandModel(file, config)) {
    checkCommandFile(file, form, config, output);
    return;
  }
  const { title, timeUnit, specs, variables } = readModelFile(file, config);
  const { startTime, stopTime, timeStep, method } = specs;
  if (form !== "text") {
    const labels = variables.map(({ label }) => label);
    output.out(JSON.stringify({ title, timeUnit, ...specs, variables: labels }));
    return;
  }
  const clock = `${method} from ${startTime} to ${stopTime} by ${timeStep} ${timeUnit}`;
  escaped(output).out(`${file} is valid: ${title}, ${variables.length} variables, ${clock}`);
}

/** What `model run` is told. */
export interface ModelRunFlags extends EnsembleFlags {
  readonly set: readonly string[];
}

/**
 * Simulates a model and prints it.
 * @throws OperatorError `usage` for what is wrong with the model or `--set`, `run-failed` for a
 * value that stops being a number while it runs.
 */
export async function runModelFile(
  file: string,
  flags: ModelRunFlags,
  { config, output, signals }: Surroundings,
): Promise<void> {
  const parameters = readValues(flags.set);
  if (isCommandModel(file, config)) {
    const { making, table } = await runCommandFile(file, parameters, { config, output, signals });
    printTable(making, table, flags, output);
    return;
  }
  if (flags.vary.length > 0) {
    const { runEnsembleFile } = await import("./run-ensemble.ts");
    await runEnsembleFile(file, parameters, flags, { config, output, signals });
    return;
  }
  const model = readModelFile(file, config);
  const table = await simulate(model, { parameters, signal: signals.first });
  if (!table.ok) throw problemOf(file, table.error);
  const { title, timeUnit } = model;
  const { startTime, stopTime, timeStep, method } = table.value;
  const making = { title, timeUnit, startTime, stopTime, timeStep, method };
  printTable({ ...making, parameters: table.value.parameters }, table.value, flags, output);
}

function readValues(assignments: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const equals = assignment.indexOf("=");
      const value = assignment.slice(equals + 1).trim();
      if (equals < 1 || value === "" || !Number.isFinite(Number(value))) {
        throw new OperatorError({
          code: "usage",
          message: `--set ${assignment} is not NAME=NUMBER`,
          nextStep: "write --set name=4.5",
        });
      }
      return [assignment.slice(0, equals), Number(value)];
    }),
  );
}

function printTable(
  making: Making,
  table: CourseTable,
  flags: { readonly csv: boolean; readonly output: OutputForm },
  output: Output,
): void {
  if (flags.csv) {
    for (const rows of csvRows(table)) output.out(rows);
    return;
  }
  const variables = summarize(table);
  if (flags.output !== "text") {
    output.out(JSON.stringify({ ...making, variables }));
    return;
  }
  const { out } = escaped(output);
  out(`${making.title}: ${making.startTime} to ${making.stopTime} ${making.timeUnit}`);
  for (const { label, unit, initial, final, minimum, maximum } of variables) {
    const range = `from ${initial} to ${final}, lowest ${minimum}, highest ${maximum}`;
    out(`${label}: ${range}${unit === undefined ? "" : ` ${unit}`}`);
  }
}
