/** `run --detach` and `--attach`: a run that is left going, and one that is come back to. */
import { OperatorError } from "../base/operator-error.ts";
import type { AgentName } from "../protocol/ids.ts";
import { STANDING_AGENT_NAMES } from "../protocol/ids.ts";
import { lookingOnly } from "./bring-run.ts";
import { waitForRun } from "./change-run.ts";
import { modelChecks } from "./check-model.ts";
import type { Config } from "./config.ts";
import { playableAgents } from "./custom-agents.ts";
import { startDetached } from "./detach.ts";
import { runOfOutcome } from "./headless.ts";
import { readWorkers } from "./list-agents.ts";
import { catalogueFolders, openConsole, openRegistry } from "./open-console.ts";
import { known } from "./open-run.ts";
import { programTrust } from "./program-trust.ts";
import { runWishOf } from "./run-command.ts";
import type { LeaveFlags, RunFlags } from "./run-flags.ts";
import type { VerbContext } from "./verb.ts";

/**
 * Starts a run, prints its id when an orchestrator has taken it up, and leaves it; resolves with
 * the exit code. With `--agents none` nobody is waited for.
 * @throws OperatorError `usage` for flags that need somebody who waits.
 */
export async function runDetached(context: VerbContext<RunFlags & LeaveFlags>): Promise<number> {
  const { config, flags, operands, output, signals } = context;
  if (flags.timeout !== undefined || flags.stay) {
    throw usage(
      "--detach does not wait: --timeout and --stay mean nothing",
      "give them to aimie-console wait",
    );
  }
  const catalogue = catalogueFolders(config);
  const { flow, parameters, folders } = runWishOf(
    operands,
    flags,
    catalogue,
    modelChecks(config),
    programTrust(config, catalogue),
  );
  const staffed = config.agents.value !== "none";
  if (staffed) await staff(config);
  const opened = openConsole(lookingOnly(config), folders, (message) => {
    if (output.interactive) output.err(message);
  });
  try {
    await opened.connected;
    const { handle } = opened;
    const outcome = await handle.dispatch({
      type: "start-run",
      flowName: flow.flow.name,
      parameters,
      noCache: flags.noCache,
    });
    const runId = runOfOutcome(outcome);
    if (staffed) await known(handle, runId, signals.first);
    const started = { version: 1, run: runId, did: "started" };
    output.out(flags.output === "text" ? runId : JSON.stringify(started));
    return signals.exitCode() ?? 0;
  } finally {
    await opened.close();
  }
}

/**
 * Follows a run that is under way, and leaves it alone; resolves with the run's exit code.
 * @throws OperatorError `usage` beside flags that would start one.
 */
export async function attachTo(context: VerbContext<RunFlags & LeaveFlags>): Promise<number> {
  const { operands, flags } = context;
  const { attach = "", detach, set, question, noCache } = flags;
  if (operands.length > 0 || detach || noCache || set.length > 0 || question !== undefined) {
    throw usage("--attach starts nothing", "leave away what would start a run");
  }
  return await waitForRun({ ...context, operands: [attach] });
}

/** Sees to it that workers stay when this process has gone. */
async function staff(config: Config): Promise<void> {
  const workers = await readWorkers(config);
  const all: readonly AgentName[] = [
    ...STANDING_AGENT_NAMES,
    ...playableAgents(config).map(({ name }) => name),
  ];
  const played = all.every((agent) => workers.some((worker) => worker.agent === agent));
  const kept = openRegistry(config)
    .list()
    .some(
      ({ entry, fate }) =>
        entry.role === "supervisor" &&
        entry.label === "up" &&
        entry.namespace === config.namespace.value &&
        fate === "running",
    );
  if (!played || !kept) await startDetached(config, config.agents.value === "own" ? "own" : "auto");
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
