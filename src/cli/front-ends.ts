/** Opens a console behind one of the two front ends, and closes it whatever happens. */
import type { ConsoleHandle } from "../console/console-handle.ts";
import { readOnly } from "../console/read-only.ts";
import { hasActiveRuns } from "../console/start-console.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { RunId } from "../protocol/ids.ts";
import { escapeText } from "../ui/escape-text.ts";
import { modelChecks } from "./check-model.ts";
import type { Config } from "./config.ts";
import { runHeadless } from "./headless.ts";
import { catalogueFolders, openConsole } from "./open-console.ts";
import { programTrust } from "./program-trust.ts";
import { BUILT_IN_FLOW, runWishOf } from "./run-command.ts";
import type { RunFlags } from "./run-flags.ts";
import { answerOf, chartsOf } from "./run-json.ts";
import type { ScreenFlags } from "./screen-settings.ts";
import { withScreenFlags } from "./screen-settings.ts";
import type { VerbContext } from "./verb.ts";

/** Runs a flow and tells of it in lines. */
export async function runWithoutScreen({
  operands,
  flags,
  config,
  output,
  signals,
}: VerbContext<RunFlags>): Promise<number> {
  const catalogue = catalogueFolders(config);
  const { flow, parameters, folders } = runWishOf(
    operands,
    flags,
    catalogue,
    modelChecks(config),
    programTrust(config, catalogue),
  );
  const opened = openConsole(config, folders, (message) => {
    if (output.interactive) output.err(message);
  });
  try {
    await opened.connected;
    const code = await runHeadless(
      opened.handle,
      {
        flowName: flow.flow.name,
        parameters,
        form: flags.output,
        timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
        interrupted: signals.first,
        stay: flags.stay,
        noCache: flags.noCache,
      },
      output,
    );
    return signals.exitCode() ?? code;
  } finally {
    await opened.close();
  }
}

/** Opens the screen; when it is left, one line on the normal screen says where things stand. */
export async function runWithScreen({
  config,
  flags,
  output,
  signals,
}: VerbContext<ConsoleFlags>): Promise<number> {
  const opened = openLooking(config, flags.readonly);
  const settings = withScreenFlags(config.screen, flags);
  const closing = new AbortController();
  const close = (): void => closing.abort();
  signals.first.addEventListener("abort", close);
  let problem: unknown;
  const connected = opened.connected.catch((cause: unknown) => {
    problem = cause;
    close();
  });
  try {
    const { showScreen } = await import("./screen.ts");
    const exit = await showScreen(opened.handle, {
      settings,
      environment: config.environment,
      flowName: BUILT_IN_FLOW,
      readonly: flags.readonly,
      closing: closing.signal,
    });
    if (closing.signal.aborted) await connected;
    if (problem !== undefined) throw problem;
    if (exit.runsActive === "leave") {
      output.err("starting workers that stay …");
      // In slots of their own, beside ours: the bus hands the work over when ours leave.
      const { startDetached } = await import("./detach.ts");
      const { pid } = await startDetached(config, "own");
      output.err(`left to supervisor ${pid}; aimie-console down ends it`);
    }
    if (exit.runsActive === "cancel") await endActiveRuns(opened.handle, "cancel");
    if (exit.runsActive === "wait") {
      output.err("waiting for the active runs; ctrl-c leaves them …");
      await endActiveRuns(opened.handle, "wait", signals.first);
    }
    for (const line of farewellLines(opened.handle, exit.focusedRunId)) output.out(line);
    return signals.exitCode() ?? 0;
  } finally {
    await opened.close();
  }
}

/** What the console verb understands besides what every verb does. */
type ConsoleFlags = ScreenFlags & { readonly readonly: boolean };

/** Opens a console; one that only looks starts no workers of its own. */
function openLooking(config: Config, readonly: boolean): ReturnType<typeof openConsole> {
  if (!readonly) return openConsole(config, catalogueFolders(config));
  const agents = { value: "none", source: "flag --readonly" } as const;
  const opened = openConsole({ ...config, agents }, catalogueFolders(config));
  return { ...opened, handle: { ...opened.handle, ...readOnly(opened.handle) } };
}

/** Talks in plain lines instead of drawing a screen. */
export async function runAccessible({
  config,
  flags,
  output,
  signals,
}: VerbContext<ConsoleFlags>): Promise<number> {
  const opened = openLooking(config, flags.readonly);
  try {
    const { converse } = await import("./accessible.ts");
    const talk = converse(opened.handle, BUILT_IN_FLOW, output, signals.first);
    // A bus that cannot be reached ends the conversation with its error.
    await Promise.race([talk, opened.connected.then(() => talk)]);
    return signals.exitCode() ?? 0;
  } finally {
    await opened.close();
  }
}

/** How long cancelled runs may take to end. */
const CANCEL_MS = 12_000;

async function endActiveRuns(
  handle: ConsoleHandle,
  how: "cancel" | "wait",
  until?: AbortSignal,
): Promise<void> {
  const active = handle.store.getState().runs.filter((run) => !hasEnded(run.state.status));
  if (how === "cancel") {
    for (const { runId } of active) await handle.dispatch({ type: "cancel-run", runId });
  }
  await new Promise<void>((resolve) => {
    const check = (): void => {
      if (!hasActiveRuns(handle)) finish();
    };
    const finish = (): void => {
      stop();
      clearTimeout(late);
      resolve();
    };
    const stop = handle.store.subscribe(check);
    const late = how === "cancel" ? setTimeout(finish, CANCEL_MS) : undefined;
    until?.addEventListener("abort", finish);
    check();
  });
}

/** The run, what came of it, its files, and how to see it again. */
function farewellLines(handle: ConsoleHandle, runId: RunId | null): readonly string[] {
  const { runs, session } = handle.store.getState();
  const run = runs.find((one) => one.runId === runId) ?? runs[0];
  const reopen = session === null ? "" : `reopen: aimie-console --session ${session.sessionId}`;
  if (run === undefined) return [reopen];
  const answer = answerOf(run);
  const [chart] = chartsOf(run, (artifact) => handle.artifactPath(artifact));
  return [
    [
      `run ${run.runId} ${run.state.status}`,
      ...(answer === null ? [] : [escapeText(answer.answer)]),
      ...(chart === undefined ? [] : [chart.png]),
      reopen,
    ].join(" · "),
  ];
}
