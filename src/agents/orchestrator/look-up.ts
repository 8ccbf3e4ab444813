/**
 * Looks for the result of an earlier attempt that did the same work, and makes sure of it.
 *
 * L1 The index only leads there: the run that is found says what was really done and returned.
 * L2 What is found counts only if its work is the same to the last character, its output fits the
 *    agent, and every file it points to is here and has its hash. Else the work is done.
 */
import { errorMessage } from "../../base/error-message.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import { isPassingProblem } from "../../bus/passing-problem.ts";
import { findCached, loadRun } from "../../bus/run-store.ts";
import { outputProblem } from "../../orchestrator/agent-schemas.ts";
import { decodeRun } from "../../orchestrator/codec.ts";
import { inputOf } from "../../orchestrator/dispatch.ts";
import type { Work } from "../../orchestrator/reuse.ts";
import { isSameWork, workDigest, workOf } from "../../orchestrator/reuse.ts";
import type { RunState } from "../../orchestrator/state.ts";
import { definitionOf, stateOf } from "../../orchestrator/step-access.ts";
import type { WorkerConfig } from "../../protocol/control.ts";
import type { AttemptName, RunEvent } from "../../protocol/run-events.ts";
import type { ResultData } from "../../protocol/tasks.ts";
import { folderArtifactStore } from "../../session/artifact-store.ts";
import { artifactsIn } from "../../session/core/artifacts-of.ts";
import type { WorkerContext } from "../runtime/worker-context.ts";
import type { DueLook } from "./inbox.ts";

/** Files of more bytes in all are not read through to make sure of them: the work is done instead. */
const MAXIMUM_BYTES = 256 * 1024 * 1024;

const UNKNOWN_DEFINITION =
  "its agent works with more than is known here: a foreign program, or tools of others";

/** Longest reason an event carries, characters. */
const MAXIMUM_REASON = 500;

/** What is needed of a worker to look. */
type LookUpContext = Pick<WorkerContext, "command" | "names"> & {
  readonly config: Pick<WorkerConfig, "definitionHashes" | "artifactFolder">;
};

type Succeeded = Extract<ResultData, { status: "succeeded" }>;

interface Found {
  readonly from: AttemptName;
  readonly result: Succeeded;
}

/** The event that ends a look; undefined when the step does not wait for one. */
export async function lookUp(
  context: LookUpContext,
  state: RunState | undefined,
  { at, stepKey, attempt }: DueLook,
): Promise<RunEvent | undefined> {
  const progress = state === undefined ? undefined : stateOf(state, stepKey)?.progress;
  if (state === undefined || progress?.status !== "ready") return undefined;
  if (progress.attempt !== attempt) return undefined;
  const found = await find(context, state, stepKey).catch((cause: unknown) => {
    if (isPassingProblem(cause)) throw cause; // Looked for again when the bus is back.
    return err(errorMessage(cause));
  });
  if (!found.ok) {
    const reason = found.error.slice(0, MAXIMUM_REASON);
    return { type: "reuse-declined", at, stepKey, attempt, reason };
  }
  return { type: "result-reused", at, stepKey, attempt, ...found.value };
}

async function find(
  context: LookUpContext,
  state: RunState,
  stepKey: DueLook["stepKey"],
): Promise<Result<Found, string>> {
  const { command, names, config } = context;
  const definition = definitionOf(state, stepKey);
  if (definition === undefined) return err("the flow has no such step");
  const input = inputOf(state, definition, stepKey);
  if (!input.ok) return input;
  const { agent } = definition;
  const made = config.definitionHashes[agent];
  if (made === undefined) return err(UNKNOWN_DEFINITION);
  const work: Work = { agent, definition: made, input: input.value };
  const digest = workDigest(work);
  if (digest === undefined) return err("its input does not hold the text of its model");
  const from = await findCached(command, names, digest);
  if (from === undefined) return err("no earlier attempt has done this work");
  const stored = await loadRun(command, names, from.runId);
  if (stored === undefined) return err(`run ${from.runId}, which did it, is gone`);
  const result = resultOf(decodeRun(stored), from, work);
  if (!result.ok) return result;
  const problem = await fileProblem(config.artifactFolder, result.value);
  return problem === undefined ? ok({ from, result: result.value }) : err(problem);
}

/** L1, L2. */
function resultOf(run: RunState, from: AttemptName, work: Work): Result<Succeeded, string> {
  const attempts = stateOf(run, from.stepKey)?.attempts ?? [];
  const made = attempts.find((one) => one.attempt === from.attempt);
  const done = made === undefined ? undefined : workOf(run, from.stepKey, made);
  if (made?.result?.status !== "succeeded" || done === undefined || !isSameWork(done, work)) {
    return err(`run ${from.runId} has done other work`);
  }
  const problem = outputProblem(work.agent, made.result.output, false);
  return problem === undefined ? ok(made.result) : err(`its output is not valid: ${problem}`);
}

/** What is wrong with a file the output points to; undefined when nothing is. */
async function fileProblem(folder: string, { output }: Succeeded): Promise<string | undefined> {
  const store = folderArtifactStore(folder);
  const files = artifactsIn(output);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > MAXIMUM_BYTES) return `its files have ${bytes} bytes: too many to make sure of them`;
  for (const file of files) {
    const verdict = await store.verify(file);
    if (verdict !== "intact") return `its file ${file.name} is ${verdict}`;
  }
  return undefined;
}
