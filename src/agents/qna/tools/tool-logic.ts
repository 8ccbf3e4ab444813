/**
 * Answers questions about simulations: checks the data, asks the analyst, reports in the agent's
 * own terms. An abstention is a success; a failure means the question could not be looked at.
 */
import { err, ok, type Result } from "../../../base/result.ts";
import { type Answer, answerQuestion, type RunQuery } from "../../../engines/analyst/analyst.ts";
import type { Sandbox, SandboxProblem } from "../../../engines/analyst/duckdb-sandbox.ts";
import {
  answerAboutEnsemble,
  suggestOfEnsemble,
} from "../../../engines/analyst/ensemble/answer.ts";
import type { Row } from "../../../engines/analyst/phrase-parts.ts";
import { suggestQuestions } from "../../../engines/analyst/suggest.ts";
import type { AnalystTable } from "../../../engines/analyst/table.ts";
import { TABLE_NAME, tableOf } from "../../../engines/analyst/table.ts";
import type { QnaInput, QnaOutput, SimulationOutput } from "../../../protocol/agent-data.ts";
import type { Artifact } from "../../../protocol/artifact.ts";
import type { Failure } from "../../../protocol/failure.ts";
import { type ArtifactStore, folderArtifactStore } from "../../../session/artifact-store.ts";
import type { QnaToolConfig } from "./config.ts";

/** Told how far a call is: a fraction from 0 to 1, and what is being done. */
export type OnProgress = (fraction: number, message: string) => void;

/** What a call may use beside its input. */
export interface QnaToolContext {
  readonly config: QnaToolConfig;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

/** Answers one question, or abstains; an error only when the data or the query fails. */
export async function answerQuestionTool(
  input: QnaInput,
  { config, onProgress, signal }: QnaToolContext,
): Promise<Result<QnaOutput, Failure>> {
  if (signal.aborted) return err(CANCELLED);
  const store = folderArtifactStore(config.artifactFolder);
  onProgress(0.1, "Checking the simulation's data");
  const problem = await dataProblem(store, input.simulation.data);
  if (problem !== undefined) return err(problem);
  if (signal.aborted) return err(CANCELLED);
  onProgress(0.4, "Reading the question");
  const table = tableOf(input.simulation);
  const dataPath = store.pathOf(input.simulation.data);
  const runQuery: RunQuery<SandboxProblem> = async (sql) => {
    onProgress(0.6, "Querying the data");
    const sandbox = await sandboxFor(config.artifactFolder);
    return await sandbox.queryRow({ sql, tableName: TABLE_NAME, dataPath, signal });
  };
  const ofRuns = await askEnsemble(input, table, { config, onProgress, signal });
  const answer = ofRuns ?? (await answerQuestion(input, table, runQuery));
  if (signal.aborted) return err(CANCELLED);
  if (!answer.ok) return err(failureOf(answer.error));
  onProgress(1, "Answered");
  const { ensemble } = input.simulation;
  const suggestions = suggestQuestions(table);
  if (ensemble === undefined) return ok(outputOf(input.question, answer.value, suggestions));
  const more = [...suggestOfEnsemble(ensemble, table), ...suggestions].slice(
    0,
    MAXIMUM_SUGGESTIONS,
  );
  const output = outputOf(input.question, answer.value, more);
  return ok(ofRuns === undefined ? { ...output, how: `${output.how}${OF_ONE_RUN}` } : output);
}

const MAXIMUM_SUGGESTIONS = 10;

/** What must be said of an answer about the one course beside an ensemble. */
const OF_ONE_RUN = " This is the run with the model's own parameters, not the ensemble.";

/** Asks the ensemble; undefined when there is none, or the question is not about it. */
async function askEnsemble(
  { question, simulation }: QnaInput,
  table: AnalystTable,
  context: QnaToolContext,
): Promise<Result<Answer, SandboxProblem> | undefined> {
  const { ensemble } = simulation;
  if (ensemble === undefined) return undefined;
  const { config, signal } = context;
  const store = folderArtifactStore(config.artifactFolder);
  return await answerAboutEnsemble(
    question,
    { ensemble, table },
    async (sql): Promise<Result<Row, SandboxProblem>> => {
      const state = await store.verify(ensemble.bands);
      if (state !== "intact") return err({ kind: "failed", message: `its bands are ${state}` });
      const sandbox = await sandboxFor(config.artifactFolder);
      const dataPath = store.pathOf(ensemble.bands);
      return await sandbox.queryRow({ sql, tableName: TABLE_NAME, dataPath, signal });
    },
  );
}

/** Looks at a run's data in the sandbox, once it is known to be what the run has stored. */
export async function withData<Found>(
  simulation: SimulationOutput,
  { config, signal }: QnaToolContext,
  use: (sandbox: Sandbox, dataPath: string) => Promise<Result<Found, SandboxProblem>>,
): Promise<Result<Found, Failure>> {
  if (signal.aborted) return err(CANCELLED);
  const store = folderArtifactStore(config.artifactFolder);
  const problem = await dataProblem(store, simulation.data);
  if (problem !== undefined) return err(problem);
  const sandbox = await sandboxFor(config.artifactFolder);
  const found = await use(sandbox, store.pathOf(simulation.data));
  return found.ok ? found : err(failureOf(found.error));
}

/** Loads the database in advance, so that the first question does not wait for it. */
export async function warmUp(config: QnaToolConfig): Promise<void> {
  await sandboxFor(config.artifactFolder);
}

const CANCELLED: Failure = { kind: "cancelled", message: "The question was cancelled." };

/** One sandbox per folder for the life of the process; a failed start may be tried again. */
const sandboxes = new Map<string, Promise<Sandbox>>();

function sandboxFor(folder: string): Promise<Sandbox> {
  const existing = sandboxes.get(folder);
  if (existing !== undefined) return existing;
  const opening = import("../../../engines/analyst/duckdb-sandbox.ts").then(({ openSandbox }) =>
    openSandbox(folder),
  );
  sandboxes.set(folder, opening);
  opening.catch(() => sandboxes.delete(folder));
  return opening;
}

async function dataProblem(store: ArtifactStore, data: Artifact): Promise<Failure | undefined> {
  const state = await store.verify(data);
  if (state === "intact") return undefined;
  return {
    kind: "invalid-input",
    message: `The simulation's data (${data.name}, ${data.sha256.slice(0, 12)}) is ${state}.`,
    nextStep: "Rerun the simulation step to make its data again.",
  };
}

function failureOf({ kind, message }: SandboxProblem): Failure {
  switch (kind) {
    case "cancelled":
      return CANCELLED;
    case "timeout":
      return { kind: "timeout", message, nextStep: "Ask again, or simulate fewer time steps." };
    case "refused":
    case "failed":
      return { kind: "tool", message: `The query failed: ${message}`.slice(0, 4000) };
  }
}

function outputOf(question: string, answer: Answer, suggestions: readonly string[]): QnaOutput {
  if (answer.status === "answered") {
    return {
      status: "answered",
      question,
      answer: answer.answer,
      value: answer.value,
      unit: answer.unit,
      how: answer.how,
      sql: answer.sql,
      suggestions: [...suggestions],
    };
  }
  return {
    status: "abstained",
    question,
    answer: answer.answer,
    value: null,
    unit: null,
    how: `Not computed. ${answer.reason}`,
    sql: null,
    suggestions: [...suggestions],
  };
}
