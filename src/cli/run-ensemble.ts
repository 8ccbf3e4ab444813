/** `model run --vary`: an ensemble here and now, printed as numbers, as JSON or as rows. */
import { OperatorError } from "../base/operator-error.ts";
import { describePace } from "../engines/ensemble/pace.ts";
import type { RowsColumn } from "../engines/ensemble/rows.ts";
import type { EnsembleResult } from "../engines/ensemble/run-ensemble.ts";
import { runEnsemble } from "../engines/ensemble/run-ensemble.ts";
import type { Model } from "../engines/xmile/model.ts";
import { readModel } from "../engines/xmile/read-model.ts";
import { csvHeader, csvLines } from "../engines/xmile/write-csv.ts";
import type { EnsembleOrder, SAMPLINGS } from "../protocol/ensemble-data.ts";
import { isCommandModel } from "./command-model-file.ts";
import type { OutputForm } from "./flag.ts";
import { problemOf, readModelText } from "./model-file.ts";
import type { Output } from "./output.ts";
import { escaped } from "./output.ts";
import type { Surroundings } from "./verb.ts";

/** How an ensemble is told on the command line. */
export interface EnsembleFlags {
  readonly vary: readonly string[];
  readonly runs?: number | undefined;
  readonly sampling: (typeof SAMPLINGS)[number];
  readonly seed: number;
  readonly threads?: number | undefined;
  readonly csv: boolean;
  readonly output: OutputForm;
}

/** How often somebody who watches is told how far it is, milliseconds. */
const TOLD_EVERY_MS = 2000;

/** Correlations told of each measure. */
const TOLD_PARAMETERS = 5;

/**
 * Simulates a model many times and prints what came of it; `--csv` prints every row of every run.
 * @throws OperatorError `usage` for what is wrong with the model or a flag, `run-failed` for a value
 * that stops being a number, `cancelled` after a signal.
 */
export async function runEnsembleFile(
  file: string,
  parameters: Readonly<Record<string, number>>,
  flags: EnsembleFlags,
  { config, output, signals }: Surroundings,
): Promise<void> {
  if (isCommandModel(file, config)) throw notOfCommands(file);
  const modelText = readModelText(file, config);
  const model = readModel(modelText);
  if (!model.ok) throw problemOf(file, model.error);
  const order = orderOf(flags);
  let isFirst = true;
  const onRows = (rows: readonly RowsColumn[]): Promise<void> => {
    if (isFirst) output.out(csvHeader(rows));
    isFirst = false;
    for (const lines of csvLines(rows)) output.out(lines);
    return Promise.resolve();
  };
  const result = await runEnsemble(
    { model: model.value, modelText, order, parameters, schedule: {} },
    {
      threads: flags.threads,
      signal: signals.first,
      onProgress: watchedBy(output),
      ...(flags.csv ? { onRows } : {}),
    },
  );
  if (!result.ok) throw problemOf(file, result.error);
  if (!flags.csv) print(model.value, order, result.value, flags.output, output);
}

function orderOf({ vary, runs, sampling, seed }: EnsembleFlags): EnsembleOrder {
  return {
    ...(runs === undefined ? {} : { runs }),
    ...{ seed, sampling, parameters: vary.join(";") },
  };
}

function notOfCommands(file: string): OperatorError {
  return new OperatorError({
    code: "usage",
    message: `${file} is a command model; only XMILE models are simulated many times here`,
    nextStep: "leave --vary away, or run it in a flow with a step that has foreach",
  });
}

function watchedBy(output: Output): (done: number, runs: number) => void {
  const startedAt = performance.now();
  let told = startedAt;
  return (done, runs) => {
    const now = performance.now();
    if (!output.interactive || now - told < TOLD_EVERY_MS) return;
    told = now;
    output.err(describePace(done, runs, now - startedAt));
  };
}

function print(
  { title, variables }: Model,
  { seed, sampling }: EnsembleOrder,
  result: EnsembleResult,
  form: OutputForm,
  output: Output,
): void {
  const { bands: _, ...rest } = result;
  if (form !== "text") {
    output.out(JSON.stringify({ title, seed, sampling, ...rest }));
    return;
  }
  const { out } = escaped(output);
  const labels = new Map(variables.map(({ name, label }) => [name, label]));
  const { runs, runsDone, stopReason, parameters, spreads, correlations } = result;
  out(`${title}: ${runsDone} of ${runs} runs, ${sampling}, seed ${seed}`);
  if (stopReason !== undefined) out(`ended early: ${stopReason}`);
  for (const { name, distribution } of parameters) out(`${name} = ${distribution}`);
  for (const { variable, measure, q05, q50, q95, mean } of spreads) {
    const what = `${labels.get(variable) ?? variable}, ${WORDS[measure]}`;
    out(`${what}: median ${q50}, 90 % between ${q05} and ${q95}, mean ${mean}`);
    const strongest = correlations.filter(
      (one) => one.variable === variable && one.measure === measure,
    );
    if (strongest.length === 0) continue;
    const told = strongest.slice(0, TOLD_PARAMETERS).map(({ parameter, rho }) => {
      return `${parameter} ${rho.toFixed(2)}`;
    });
    out(`  rank correlation: ${told.join(", ")}`);
  }
}

const WORDS = { final: "at the end", peak: "at its peak" } as const;
