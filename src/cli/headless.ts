/** The front end without a screen: starts a run, tells of it, ends with its exit code. */
import { OperatorError } from "../base/operator-error.ts";
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { EventLine, RunView } from "../console/console-state.ts";
import { describeFailure } from "../console/describe-event.ts";
import type { IntentOutcome } from "../console/intents.ts";
import { attemptText } from "../orchestrator/reuse.ts";
import type { RunState } from "../orchestrator/state.ts";
import { hasEnded, isActive, lastAttempt } from "../orchestrator/state.ts";
import type { RunId } from "../protocol/ids.ts";
import type { ParameterValues } from "../protocol/parameter-values.ts";
import { escapeText } from "../ui/escape-text.ts";
import { EXIT_CODES, exitCodeOf } from "./exit-codes.ts";
import type { OutputForm } from "./flag.ts";
import { followEvents } from "./follow-events.ts";
import type { Output } from "./output.ts";
import { answerOf, chartsOf, runJson, snapshotJson } from "./run-json.ts";
import { tellUnplayed } from "./tell-unplayed.ts";

/** How a run is followed to its end. */
export interface Following {
  readonly form: OutputForm;
  readonly timeoutMs?: number | undefined;
  /** Fires at the first SIGINT or SIGTERM. */
  readonly interrupted: AbortSignal;
  /** The seq of the run before the order that is followed; what is known up to it tells no end. */
  readonly after?: number;
  /** Whether a run that waits for a person is waited for too. */
  readonly stay?: boolean;
  /** Whether a timeout or a signal ends the following alone, and not the run. */
  readonly leave?: boolean;
}

/** What to run and how to tell of it. */
export interface HeadlessRun extends Following {
  readonly flowName: string;
  readonly parameters: ParameterValues;
  readonly noCache: boolean;
}

/** How long a cancelled run may take to end. */
const CANCEL_MS = 12_000;

/** Runs a flow to its end; resolves with the exit code. */
export async function runHeadless(
  handle: ConsoleHandle,
  wish: HeadlessRun,
  output: Output,
): Promise<number> {
  const started = await handle.dispatch({
    type: "start-run",
    flowName: wish.flowName,
    parameters: wish.parameters,
    noCache: wish.noCache,
  });
  return await followRun(handle, runOfOutcome(started), wish, output);
}

/**
 * The run that a wish began or touched.
 * @throws OperatorError with the reason when the wish was refused.
 */
export function runOfOutcome(outcome: IntentOutcome): RunId {
  if (outcome.ok && outcome.runId !== null) return outcome.runId;
  throw new OperatorError({
    code: outcome.ok ? "bug" : outcome.code,
    message: outcome.ok ? "no run came of it" : outcome.message,
    nextStep: outcome.ok ? "try again" : outcome.nextStep,
  });
}

/**
 * Tells of a run until it ends; resolves with the exit code.
 * @throws OperatorError `waiting` when the run waits for a person, after it was reported; not when
 *   a signal is why the following ends.
 */
export async function followRun(
  handle: ConsoleHandle,
  runId: RunId,
  wish: Following,
  output: Output,
): Promise<number> {
  const stopTelling = tell(handle, runId, wish.form, output);
  const toPeople = wish.form === "text" || output.interactive;
  const stopMissing = toPeople ? tellUnplayed(handle, runId, output) : () => undefined;
  const outcome = await untilEnded(handle, runId, wish);
  stopTelling();
  stopMissing();
  const run = runOf(handle, runId);
  if (run === undefined) {
    throw new OperatorError({
      code: "timeout",
      message: `nothing was heard of run ${runId}`,
      nextStep: "check that an orchestrator is running (--agents auto starts one)",
    });
  }
  report(handle, run, wish.form, output);
  if (outcome === "timeout") return EXIT_CODES.timeout;
  if (awaitsPerson(run.state) && !wish.interrupted.aborted) throw waitingFor(run);
  return exitCodeOf(run.state.status);
}

/** Whether nothing more happens to a run before a person says so. */
export function awaitsPerson(state: RunState): boolean {
  if (state.status === "waiting") return true;
  const steps = Object.values(state.steps);
  return state.status === "paused" && !steps.some((step) => isActive(step.progress));
}

/** Says what a run waits for, and how to let it go on. */
export function waitingFor({ runId, state }: RunView): OperatorError {
  const steps = Object.entries(state.steps)
    .filter(([, step]) => step.progress.status === "awaiting-approval")
    .map(([key]) => key);
  const [first] = steps;
  const paused = state.status === "paused" || first === undefined;
  return new OperatorError({
    code: "waiting",
    message: paused
      ? `run ${runId} is paused`
      : `run ${runId} waits for a person to approve ${steps.join(", ")}`,
    nextStep: paused
      ? `aimie-console resume ${runId} lets it go on`
      : `aimie-console approve ${runId} ${first} lets it go on; approve --help tells how to reject`,
  });
}

/** Prints what is known of a run. */
export function report(
  handle: Pick<ConsoleHandle, "artifactPath">,
  run: RunView,
  form: OutputForm,
  output: Output,
): void {
  const pathOf: ConsoleHandle["artifactPath"] = (artifact) => handle.artifactPath(artifact);
  if (form === "json") output.out(JSON.stringify(runJson(run, pathOf), null, 2));
  else if (form === "jsonl") {
    output.out(JSON.stringify({ type: "run", ...runJson(run, pathOf) }));
  } else for (const line of summaryLines(run, pathOf)) output.out(line);
}

/** What became of a run, for people. */
function summaryLines(run: RunView, pathOf: ConsoleHandle["artifactPath"]): readonly string[] {
  const { state } = run;
  const answer = answerOf(run);
  const failures = Object.entries(state.steps).flatMap(([key, step]) => {
    const result = lastAttempt(step)?.result;
    return step.progress.status === "failed" && result?.status === "failed"
      ? [`${key}: ${describeFailure(result.failure)}`]
      : [];
  });
  const whole = state.failure === null ? [] : [describeFailure(state.failure)];
  return [
    `run ${run.runId} ${state.status}`,
    ...[...whole, ...failures].map((line) => `  ${escapeText(line)}`),
    ...cachedLines(state),
    ...(answer === null ? [] : [`answer: ${escapeText(answer.answer)}`]),
    ...chartsOf(run, pathOf).map((chart) => `chart:  ${chart.png}`),
  ];
}

/** The steps that were spared, and who did their work. */
function cachedLines(state: RunState): readonly string[] {
  return Object.entries(state.steps).flatMap(([key, step]) => {
    const from = lastAttempt(step)?.cachedFrom;
    return from === undefined ? [] : [`  ${key}: cached from ${attemptText(from)}`];
  });
}

function runOf(handle: ConsoleHandle, runId: RunId): RunView | undefined {
  return handle.store.getState().runs.find((run) => run.runId === runId);
}

/** Tells of events as they happen: sentences, or JSON lines that a snapshot goes before. */
function tell(handle: ConsoleHandle, runId: RunId, form: OutputForm, output: Output): () => void {
  let opened = form !== "jsonl";
  const open = (): void => {
    const run = runOf(handle, runId);
    if (opened || run === undefined) return;
    opened = true;
    output.out(JSON.stringify(snapshotJson(run, (artifact) => handle.artifactPath(artifact))));
  };
  open();
  return followEvents(handle, (line) => {
    open();
    tellLine(line, runId, form, output);
  });
}

function tellLine(line: EventLine, runId: RunId, form: OutputForm, output: Output): void {
  const ours = line.runId === runId;
  if (form === "jsonl") {
    if (ours) output.out(JSON.stringify({ type: "event", ...line }));
  } else if (ours || concernsAll(line)) {
    const time = new Date(line.at).toISOString().slice(11, 23);
    const source = ours ? "" : `${line.source}: `;
    const text = escapeText(`${source}${line.text}`);
    if (form === "text") output.out(`${time} ${text}`);
    else if (output.interactive) output.err(`${time} ${text}`);
  }
}

/** Whether a line matters whatever run is followed: something is wrong, or right again. */
function concernsAll({ level, source }: EventLine): boolean {
  return level === "error" || level === "warning" || (level === "success" && source === "bus");
}

/** Resolves when the run has ended, awaits a person, or was cancelled for taking too long. */
async function untilEnded(
  handle: ConsoleHandle,
  runId: RunId,
  wish: Following,
): Promise<"ended" | "timeout"> {
  let outcome: "ended" | "timeout" = "ended";
  let cancelledAt: number | undefined;
  const cancel = (): void => {
    if (cancelledAt !== undefined) return;
    cancelledAt = Date.now();
    if (wish.leave !== true) void handle.dispatch({ type: "cancel-run", runId });
    recheck();
  };
  let recheck = (): void => undefined;
  const patience = wish.leave === true ? 0 : CANCEL_MS;
  const overdue = (): boolean => cancelledAt !== undefined && Date.now() - cancelledAt >= patience;
  const deadline =
    wish.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          outcome = "timeout";
          cancel();
        }, wish.timeoutMs);
  if (wish.interrupted.aborted) cancel();
  wish.interrupted.addEventListener("abort", cancel);
  await new Promise<void>((resolve, reject) => {
    const check = (): void => {
      const run = runOf(handle, runId);
      const lost = neededWorkerGivenUp(handle, run);
      if (overdue() || isOver(run, wish)) settle(resolve);
      else if (lost !== undefined) settle(() => reject(lost));
    };
    const settle = (finish: () => void): void => {
      stop();
      finish();
    };
    const stop = handle.store.subscribe(check);
    recheck = check;
    check();
  });
  recheck = () => undefined;
  clearTimeout(deadline);
  return outcome;
}

/** Whether there is nothing more to follow. */
function isOver(run: RunView | undefined, { after = 0, stay = false }: Following): boolean {
  if (run === undefined || run.seq <= after) return false;
  const { state } = run;
  return hasEnded(state.status) || (!stay && awaitsPerson(state));
}

/** A worker the run needs that was given up and that nobody replaces: it would wait for ever. */
function neededWorkerGivenUp(
  handle: ConsoleHandle,
  run: RunView | undefined,
): OperatorError | undefined {
  if (run === undefined) return undefined;
  const { workers, logFile } = handle.store.getState();
  const needed = new Set<string>([
    "orchestrator",
    ...run.state.origin.flow.steps.map((step) => step.agent),
  ]);
  const lost = workers.find(
    (worker) =>
      needed.has(worker.agent) &&
      worker.status === "given-up" &&
      workers.every((other) => other.agent !== worker.agent || other.status === "given-up"),
  );
  if (lost === undefined) return undefined;
  return new OperatorError({
    code: "worker-lost",
    message: `the ${lost.agent} worker keeps crashing: ${lost.lastWords.slice(-3).join(" | ")}`,
    nextStep: `aimie-console doctor looks for the cause; all it wrote is in ${logFile}`,
  });
}
