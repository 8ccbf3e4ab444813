import { errorMessage } from "../../../base/error-message.ts";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import type { Model } from "../../../engines/xmile/model.ts";
import { writeParquet } from "../../../engines/xmile/parquet.ts";
import type { ModelProblem } from "../../../engines/xmile/problem.ts";
import { readModel } from "../../../engines/xmile/read-model.ts";
import type { SimulationTable } from "../../../engines/xmile/simulate.ts";
import { simulate } from "../../../engines/xmile/simulate.ts";
import { summarize } from "../../../engines/xmile/summary.ts";
import type { SimulationInput, SimulationOutput } from "../../../protocol/agent-data.ts";
import type { Artifact } from "../../../protocol/artifact.ts";
import type { Failure } from "../../../protocol/failure.ts";
import { folderArtifactStore } from "../../../session/artifact-store.ts";
import type { SimulationToolConfig } from "./config.ts";
import { readModelText } from "./model-catalogue.ts";

/** How a simulation is followed and stopped. */
export interface SimulationToolContext {
  readonly config: SimulationToolConfig;
  /** Called with the share that is done, 0 to 1, and what is being done. */
  readonly onProgress?: ((fraction: number, message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The share of the work that is the simulation itself; the rest is storing its table. */
const SIMULATION_SHARE = 0.9;

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
  const text =
    input.modelText === undefined
      ? await readModelText(input.model, context.config.modelFolders)
      : ok(input.modelText);
  if (!text.ok) return text;
  const model = readModel(text.value);
  if (!model.ok) return err(failureOf(model.error));
  if (model.value.variables.length >= MAX_COLUMNS) return err(tooManyVariables(model.value));
  const table = await simulate(model.value, {
    ...input,
    signal: context.signal,
    onProgress: (fraction) =>
      context.onProgress?.(fraction * SIMULATION_SHARE, `Simulating ${model.value.title}`),
  });
  if (!table.ok) return err(failureOf(table.error));
  context.onProgress?.(SIMULATION_SHARE, "Storing the table");
  const data = await storeTable(input, model.value, table.value, context);
  context.onProgress?.(1, "Done");
  return ok(outputOf(input, model.value, table.value, data));
}

async function storeTable(
  input: SimulationInput,
  model: Model,
  table: SimulationTable,
  { config, signal }: SimulationToolContext,
): Promise<Artifact> {
  const { bytes, rows, columns } = await writeParquet(table, model.timeUnit, signal);
  return folderArtifactStore(config.artifactFolder).put(bytes, {
    name: `${fileName(input.model)}.parquet`,
    mediaType: "application/vnd.apache.parquet",
    rows,
    columns,
  });
}

/** A model's name as an artifact may carry it; the text of a model may come with any name. */
function fileName(model: string): string {
  const safe = model.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 80);
  return safe === "" ? "simulation" : safe;
}

function outputOf(
  input: SimulationInput,
  model: Model,
  table: SimulationTable,
  data: Artifact,
): SimulationOutput {
  return {
    model: {
      name: input.model,
      title: model.title.slice(0, MAX_TEXT),
      timeUnit: model.timeUnit.slice(0, MAX_UNIT),
    },
    method: table.method,
    startTime: table.startTime,
    stopTime: table.stopTime,
    timeStep: table.timeStep,
    parameters: { ...table.parameters },
    variables: [...summarize(table)],
    highlights: [...model.highlights],
    data,
  };
}

function tooManyVariables(model: Model): Failure {
  return {
    kind: "invalid-input",
    message: `The model has ${model.variables.length} variables; a result can hold ${MAX_COLUMNS - 1}.`,
    nextStep: "Split the model.",
  };
}

function failureOf({ code, message, nextStep }: ModelProblem): Failure {
  return { kind: code === "cancelled" ? "cancelled" : "invalid-input", message, nextStep };
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
