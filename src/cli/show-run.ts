/** `show`: what the local store knows of a run. */
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import type { RunView } from "../console/console-state.ts";
import { folderArtifactStore } from "../session/artifact-store.ts";
import type { Config } from "./config.ts";
import { findRun } from "./find-run.ts";
import type { OutputForm } from "./flag.ts";
import { report } from "./headless.ts";
import { openToldStore } from "./open-console.ts";
import type { Output } from "./output.ts";

/**
 * Prints a run of the local store.
 * @throws OperatorError `usage` for a run that cannot be found or of which nothing is known yet.
 */
export function showRun(config: Config, wanted: string, form: OutputForm, output: Output): void {
  const run = readRun(config, wanted, output);
  const artifacts = folderArtifactStore(join(config.stateFolder.value, "artifacts"));
  report({ artifactPath: (artifact) => artifacts.pathOf(artifact) }, run, form, output);
}

/**
 * A run as the local store has it.
 * @throws OperatorError `usage` for a run that cannot be found or of which nothing is known yet.
 */
export function readRun(config: Config, wanted: string, output: Output): RunView {
  const store = openToldStore(config, output);
  try {
    const { runId, sessionId } = findRun(store, wanted);
    const { state, seq } = store.runState(runId);
    if (state === undefined) {
      const message = `nothing is known yet of run ${runId}`;
      throw new OperatorError({ code: "usage", message, nextStep: "try again in a moment" });
    }
    return { runId, sessionId, seq, state, progress: {}, logs: store.logLines(runId) };
  } finally {
    store.close();
  }
}
