import { errorMessage } from "../../../base/error-message.ts";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import {
  courseTable,
  highlightsOf,
  timeStepOf,
} from "../../../engines/command-model/course-table.ts";
import { valuesOf } from "../../../engines/command-model/invocation.ts";
import { runCommandModel } from "../../../engines/command-model/run-command-model.ts";
import { isTrusted, notTrusted, openCommandModel } from "../../../engines/command-model/trust.ts";
import type { Model } from "../../../engines/xmile/model.ts";
import { writeParquet } from "../../../engines/xmile/parquet.ts";
import { readModel } from "../../../engines/xmile/read-model.ts";
import type { CourseTable } from "../../../engines/xmile/simulate.ts";
import { simulate } from "../../../engines/xmile/simulate.ts";
import { summarize } from "../../../engines/xmile/summary.ts";
import type { SimulationInput, SimulationOutput } from "../../../protocol/agent-data.ts";
import type { Artifact } from "../../../protocol/artifact.ts";
import type { Failure } from "../../../protocol/failure.ts";
import { folderArtifactStore } from "../../../session/artifact-store.ts";
import { runEnsembleTool } from "./ensemble-tool.ts";
import { findModel } from "./model-catalogue.ts";
import { failureOf, fileName } from "./result-names.ts";
import type { SimulationToolContext } from "./tool-context.ts";

/** The share of the work that is the simulation itself; the rest is storing its table. */
const SIMULATION_SHARE = 0.9;

/** The share of a single run beside an ensemble. */
const SINGLE_RUN_SHARE = 0.02;

/** The most columns a result describes, the time included. */
const MAX_COLUMNS = 1000;
const MAX_TEXT = 200;
const MAX_UNIT = 100;

/**
 * Runs a catalogued model or the given text and stores its table. Never rejects for anything in
 * the input; a file that cannot be read or written is a `tool` failure.
 */
export async function runSimulationTool(
  input: SimulationInput,
  context: SimulationToolContext,
): Promise<Result<SimulationOutput, Failure>> {
  try {
    return await runModel(input, context);
  } catch (thrown) {
    if (context.signal?.aborted === true) return err(CANCELLED);
    return err(storageFailure(thrown));
  }
}

async function runModel(
  input: SimulationInput,
  context: SimulationToolContext,
): Promise<Result<SimulationOutput, Failure>> {
  // Text that comes with the task is only ever XMILE: no message can bring a command.
  if (input.modelText !== undefined) return await runXmile(input, input.modelText, context);
  const found = await findModel(input.model, context.config.modelFolders);
  if (!found.ok) return found;
  return found.value.kind === "xmile"
    ? await runXmile(input, found.value.text, context)
    : await runCommand(input, found.value.file, context);
}

async function runXmile(
  input: SimulationInput,
  text: string,
  context: SimulationToolContext,
): Promise<Result<SimulationOutput, Failure>> {
  const model = readModel(text);
  if (!model.ok) return err(failureOf(model.error));
  if (model.value.variables.length >= MAX_COLUMNS) return err(tooManyVariables(model.value));
  const table = await simulate(model.value, {
    ...input,
    signal: context.signal,
    onProgress: (fraction) => {
      const share = input.ensemble === undefined ? SIMULATION_SHARE : SINGLE_RUN_SHARE;
      context.onProgress?.(fraction * share, `Simulating ${model.value.title}`);
    },
  });
  if (!table.ok) return err(failureOf(table.error));
  const ensemble = await runEnsembleTool({ input, model: model.value, text }, context);
  if (!ensemble.ok) return ensemble;
  return ok({
    ...(ensemble.value === undefined ? {} : { ensemble: ensemble.value }),
    ...(await store(input, table.value, context, {
      title: model.value.title,
      timeUnit: model.value.timeUnit,
      method: table.value.method,
      timeStep: table.value.timeStep,
      stopTime: table.value.stopTime,
      parameters: table.value.parameters,
      highlights: model.value.highlights,
    })),
  });
}

async function runCommand(
  input: SimulationInput,
  file: string,
  context: SimulationToolContext,
): Promise<Result<SimulationOutput, Failure>> {
  const { commandModels } = context.config;
  const unfit = (["stopTime", "timeStep", "method", "ensemble"] as const).find(
    (name) => input[name] !== undefined,
  );
  if (unfit !== undefined) return err(notOfCommands(unfit));
  const opened = openCommandModel(file);
  if (!opened.ok) return opened;
  if (commandModels === undefined || !isTrusted(commandModels.trustFile, opened.value)) {
    return err(notTrusted(input.model, opened.value));
  }
  const { model } = opened.value;
  const values = valuesOf(model, input.parameters);
  if (!values.ok) return values;
  const columns = await runCommandModel(opened.value, values.value, {
    environment: commandModels.environment,
    signal: context.signal,
    onProgress: (fraction, message) =>
      context.onProgress?.(fraction * SIMULATION_SHARE, message || `Running ${model.title}`),
  });
  if (!columns.ok) return columns;
  const table = courseTable(columns.value, model);
  return ok(
    await store(input, table, context, {
      title: model.title,
      timeUnit: model["time-unit"],
      method: "command",
      timeStep: timeStepOf(table),
      stopTime: table.time.at(-1) ?? 0,
      parameters: values.value,
      highlights: highlightsOf(model, table),
    }),
  );
}

/** What a result says of its making. */
interface Making {
  readonly title: string;
  readonly timeUnit: string;
  readonly method: SimulationOutput["method"];
  readonly timeStep: number;
  readonly stopTime: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly highlights: readonly string[];
}

async function store(
  input: SimulationInput,
  table: CourseTable,
  context: SimulationToolContext,
  making: Making,
): Promise<SimulationOutput> {
  context.onProgress?.(SIMULATION_SHARE, "Storing the table");
  const data = await storeTable(input, making.timeUnit, table, context);
  context.onProgress?.(1, "Done");
  const { title, timeUnit, parameters, highlights, ...rest } = making;
  return {
    model: {
      name: input.model,
      title: title.slice(0, MAX_TEXT),
      timeUnit: timeUnit.slice(0, MAX_UNIT),
    },
    ...rest,
    startTime: table.time[0] ?? 0,
    parameters: { ...parameters },
    variables: [...summarize(table)],
    highlights: [...highlights],
    data,
  };
}

function notOfCommands(setting: string): Failure {
  return {
    kind: "invalid-input",
    message: `A command model has no ${setting}: its program decides.`,
    nextStep:
      setting === "ensemble"
        ? "Run it once for each set of parameters: a step with foreach."
        : "Leave it away; set a parameter of the model if it has one for this.",
  };
}

async function storeTable(
  input: SimulationInput,
  timeUnit: string,
  table: CourseTable,
  { config, signal }: SimulationToolContext,
): Promise<Artifact> {
  const { bytes, rows, columns } = await writeParquet(table, timeUnit, signal);
  return folderArtifactStore(config.artifactFolder).put(bytes, {
    name: `${fileName(input.model)}.parquet`,
    mediaType: "application/vnd.apache.parquet",
    rows,
    columns,
  });
}

function tooManyVariables(model: Model): Failure {
  return {
    kind: "invalid-input",
    message: `The model has ${model.variables.length} variables; a result can hold ${MAX_COLUMNS - 1}.`,
    nextStep: "Split the model.",
  };
}

const CANCELLED: Failure = {
  kind: "cancelled",
  message: "The simulation was cancelled.",
  nextStep: "Run it again when you want its result.",
};

/** What the operator can do about a file system's error, by its code. */
const STORAGE_STEPS: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full: free some space, then rerun the step.",
  EDQUOT: "The disk quota is used up: free some space, then rerun the step.",
  EACCES: "Allow this user to use the folder, then rerun the step.",
  EPERM: "Allow this user to use the folder, then rerun the step.",
  EROFS: "The disk is read-only: choose another data folder.",
  EMFILE: "Too many files are open: close other programs, then rerun the step.",
};

function storageFailure(thrown: unknown): Failure {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return {
    kind: "tool",
    message: `The simulation tool failed: ${errorMessage(thrown)}`.slice(0, 4000),
    nextStep: STORAGE_STEPS[code] ?? "Rerun the step; if it fails again, look into the log.",
  };
}
