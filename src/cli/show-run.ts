/** `show`: what is known of a run. */
import { OperatorError } from "../base/operator-error.ts";
import type { RunView } from "../console/console-state.ts";
import { historyOf } from "../orchestrator/history.ts";
import { escapeText } from "../ui/escape-text.ts";
import { bringRun } from "./bring-run.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { awaitsPerson, report, waitingFor } from "./headless.ts";
import { openArtifacts, openToldStore } from "./open-console.ts";
import type { Output } from "./output.ts";
import { stepLines } from "./step-lines.ts";

/**
 * Prints a run.
 * @throws OperatorError `usage` for a run that cannot be found or of which nothing is known yet.
 */
export async function showRun(
  config: Config,
  wanted: string,
  form: OutputForm,
  output: Output,
): Promise<void> {
  const run = await readRun(config, wanted, output);
  const artifacts = openArtifacts(config);
  report({ artifactPath: (artifact) => artifacts.pathOf(artifact) }, run, form, output);
  if (form !== "text") return;
  const { spec, requestedAt } = run.state.origin;
  const asked = new Date(requestedAt).toISOString();
  const parent = spec.forkedFrom === undefined ? "" : `, forked from ${spec.forkedFrom}`;
  output.out(
    escapeText(`flow ${spec.flowName}, asked for at ${asked}, session ${run.sessionId}${parent}`),
  );
  for (const line of stepLines(run.state)) output.out(escapeText(line));
  if (awaitsPerson(run.state)) output.out(`→ ${waitingFor(run).nextStep}`);
}

/**
 * A run as the local store has it, after a bus that runs was asked for what the store lacks.
 * @throws OperatorError `usage` for a run that cannot be found or of which nothing is known yet.
 */
export async function readRun(config: Config, wanted: string, output: Output): Promise<RunView> {
  const { runId, sessionId } = await bringRun(config, wanted, output);
  const store = openToldStore(config, output);
  try {
    const { state, seq } = store.runState(runId);
    if (state === undefined) {
      const message = `nothing is known yet of run ${runId}`;
      throw new OperatorError({ code: "usage", message, nextStep: "try again in a moment" });
    }
    const { events } = store.runEvents(runId);
    const history = historyOf(events.filter((one) => one.seq <= seq));
    return { runId, sessionId, seq, state, history, progress: {}, logs: store.logLines(runId) };
  } finally {
    store.close();
  }
}
