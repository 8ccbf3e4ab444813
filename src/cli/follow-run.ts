/** Looks at a run as it goes on, and changes nothing about it. */
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { RunView } from "../console/console-state.ts";
import { hasEnded } from "../orchestrator/state.ts";
import { lookingOnly } from "./bring-run.ts";
import type { OpenedRun } from "./open-run.ts";
import { withRun } from "./open-run.ts";
import type { VerbContext } from "./verb.ts";

/**
 * Shows a run as it is, and again at each change until it has ended or a signal comes; resolves
 * with the exit code.
 */
export async function watchRun(
  { config, output, signals, operands: [wanted = ""] }: VerbContext<object>,
  show: (opened: OpenedRun) => void,
): Promise<number> {
  const surroundings = { config: lookingOnly(config), output, signals };
  return await withRun(surroundings, wanted, async ({ handle, run }) => {
    show({ handle, run });
    await untilEnded(handle, run, signals.first, (next) => show({ handle, run: next }));
    return 0;
  });
}

async function untilEnded(
  { store }: Pick<ConsoleHandle, "store">,
  { runId }: RunView,
  interrupted: AbortSignal,
  show: (run: RunView) => void,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      const run = store.getState().runs.find((one) => one.runId === runId);
      if (run !== undefined) show(run);
      if (interrupted.aborted || (run !== undefined && hasEnded(run.state.status))) finish();
    };
    const finish = (): void => {
      stop();
      resolve();
    };
    const stop = store.subscribe(look);
    interrupted.addEventListener("abort", finish);
    look();
  });
}
