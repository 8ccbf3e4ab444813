/** Opens a console at one run. */
import { OperatorError } from "../base/operator-error.ts";
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { RunView } from "../console/console-state.ts";
import type { RunId } from "../protocol/ids.ts";
import { findAnywhere } from "./bring-run.ts";
import type { Config } from "./config.ts";
import { catalogueFolders, openConsole } from "./open-console.ts";
import type { Surroundings } from "./verb.ts";

/** How long an opened console may take to know its own run, milliseconds. */
const KNOWN_WITHIN_MS = 15_000;

/** A run in a console that is open. */
export interface OpenedRun {
  readonly handle: ConsoleHandle;
  /** The run as it was found. */
  readonly run: RunView;
}

/**
 * Opens the session of a run, does the work and closes it whatever happens; resolves with the exit
 * code.
 * @throws OperatorError `usage` when there is no such run.
 */
export async function withRun(
  { config, output, signals }: Surroundings,
  wanted: string,
  work: (opened: OpenedRun) => Promise<number>,
): Promise<number> {
  const found = await findAnywhere(config, wanted, output);
  const opened = openConsole(
    atSession(config, found.sessionId),
    catalogueFolders(config),
    (message) => {
      if (output.interactive) output.err(message);
    },
  );
  try {
    await opened.connected;
    const run = await known(opened.handle, found.runId, signals.first);
    const code = await work({ handle: opened.handle, run });
    return signals.exitCode() ?? code;
  } finally {
    await opened.close();
  }
}

function atSession(config: Config, sessionId: string): Config {
  return { ...config, session: { value: sessionId, source: "flag --session" } };
}

/**
 * Resolves when the console shows a run.
 * @throws OperatorError `usage` when nothing is heard of it in time.
 */
export async function known(
  { store }: Pick<ConsoleHandle, "store">,
  runId: RunId,
  interrupted: AbortSignal,
): Promise<RunView> {
  return await new Promise((resolve, reject) => {
    const look = (): void => {
      const run = store.getState().runs.find((one) => one.runId === runId);
      if (run !== undefined) settle(() => resolve(run));
    };
    const settle = (finish: () => void): void => {
      stop();
      clearTimeout(late);
      finish();
    };
    const giveUp = (): void => settle(() => reject(unheard(runId)));
    const stop = store.subscribe(look);
    const late = setTimeout(giveUp, KNOWN_WITHIN_MS);
    interrupted.addEventListener("abort", giveUp);
    look();
  });
}

function unheard(runId: RunId): OperatorError {
  const message = `nothing is known yet of run ${runId}`;
  return new OperatorError({ code: "usage", message, nextStep: "try again in a moment" });
}
