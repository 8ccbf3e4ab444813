/** Carries out an operator's wishes. */
import { assertNever } from "../base/assert.ts";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import { randomName } from "../base/random.ts";
import type { Result } from "../base/result.ts";
import { fetchArtifact } from "../bus/artifact-exchange.ts";
import { encodeCommand, sendCommand } from "../bus/commands.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { isConnectionProblem } from "../bus/passing-problem.ts";
import type { RerunPlan } from "../orchestrator/rerun-plan.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { Command } from "../protocol/commands.ts";
import type { AgentName, SessionId, WorkerSlot } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import type { RunSpec } from "../protocol/run-events.ts";
import type { NewEntry } from "../session/store.ts";
import { busAway, reaching } from "./bus-away.ts";
import { findModel } from "./catalogue.ts";
import { busOf } from "./compare-truths.ts";
import type { RunComposer, RunWish } from "./compose-run.ts";
import { composeFork, composeRun } from "./compose-run.ts";
import type { ConsoleBooks } from "./console-books.ts";
import type { ConsoleOptions } from "./console-options.ts";
import type { BusView } from "./console-state.ts";
import { earlierQuestions } from "./earlier-questions.ts";
import type { OrderScope } from "./give-order.ts";
import { giveOrder } from "./give-order.ts";
import type { Intent, IntentOutcome } from "./intents.ts";
import type { PlanScope } from "./plan-wish.ts";
import { planForkWish, planWish } from "./plan-wish.ts";
import type { TrustAnswer, WishProblem } from "./program-trust.ts";
import { trustOfRerun } from "./rerun-trust.ts";
import { restoreRun } from "./restore-run.ts";
import type { SharedSessions } from "./shared-sessions.ts";

/** What carrying out a wish needs. */
export interface IntentScope {
  readonly options: ConsoleOptions;
  readonly books: ConsoleBooks;
  readonly command: RedisConnection;
  readonly names: Names;
  readonly sessions: Pick<SharedSessions, "change">;
  restart(slot: WorkerSlot): void;
  scale(agent: AgentName, change: 1 | -1): Promise<Result<WorkerSlot, string>>;
  /** Has the workers that run a program that is trusted now know of it. */
  employ(program: TrustAnswer): Promise<void>;
}

type IntentOf<Type extends Intent["type"]> = Extract<Intent, { type: Type }>;

const DONE: IntentOutcome = { ok: true, runId: null };

/** Carries out one wish; never rejects. */
export async function performIntent(scope: IntentScope, intent: Intent): Promise<IntentOutcome> {
  try {
    const outcome = await perform(scope, intent);
    // What can be trusted is asked for, and not told of as an error.
    if (!outcome.ok && outcome.trust === undefined)
      scope.books.notify("error", `${outcome.message} — ${outcome.nextStep}`);
    return outcome;
  } catch (cause) {
    scope.options.log("error", `${intent.type}: ${errorMessage(cause)}`);
    const problem = isConnectionProblem(cause) ? busAway(busIn(scope), "unsent", cause) : cause;
    const nextStep =
      problem instanceof OperatorError ? problem.nextStep : `see ${scope.options.logFile}`;
    const code = problem instanceof OperatorError ? problem.code : "bus-unreachable";
    const outcome = { ok: false as const, code, message: errorMessage(problem), nextStep };
    scope.books.notify("error", `${outcome.message} — ${nextStep}`);
    return outcome;
  }
}

async function perform(scope: IntentScope, intent: Intent): Promise<IntentOutcome> {
  switch (intent.type) {
    case "start-run":
      return await startRun(scope, intent);
    case "ask-question":
      return await ask(scope, intent);
    case "rerun-step":
      return await rerun(scope, intent);
    case "apply-plan":
      return await applyPlan(scope, intent);
    case "fork-run":
      return await fork(scope, intent);
    case "cancel-run":
      return await cancel(scope, intent);
    case "pause-run":
    case "resume-run":
    case "give-verdict":
      return await order(scope, intent);
    case "open-session":
      scope.books.showSession(intent.sessionId);
      return DONE;
    case "new-session":
      scope.books.newSession(intent.name);
      return DONE;
    case "rename-session":
      return await change(scope, intent.sessionId, {
        type: "session-renamed",
        name: intent.name,
      });
    case "add-note":
      return await change(scope, intent.sessionId, { type: "note-added", text: intent.text });
    case "delete-session":
      return await deleteSession(scope, intent);
    case "trust-program":
      return await trustProgram(scope, intent);
    case "restart-worker":
      scope.restart(intent.slot);
      return DONE;
    case "scale-agent":
      return await scale(scope, intent);
    default:
      return assertNever(intent);
  }
}

async function startRun(scope: IntentScope, intent: IntentOf<"start-run">): Promise<IntentOutcome> {
  scope.books.readCatalogue();
  const flow = scope.books.flows.find((one) => one.flow.name === intent.flowName);
  if (flow === undefined) {
    const known = scope.books.flows.map((one) => one.flow.name).join(", ");
    return refusal(`there is no flow "${intent.flowName}"`, `use one of ${known}`);
  }
  const { parameters, noCache = false, sessionId } = intent;
  return await submit(scope, { flow, parameters, noCache }, sessionId);
}

async function ask(scope: IntentScope, intent: IntentOf<"ask-question">): Promise<IntentOutcome> {
  const basedOn = scope.books.runs.get(intent.runId);
  const flow = scope.books.flows.find((one) => one.flow.name === "ask");
  if (basedOn === undefined || flow === undefined) {
    return refusal(`there is no run ${intent.runId} in this session`, "select another run");
  }
  const original = originalOf(scope, basedOn);
  const { question } = intent;
  const parameters = { question, earlier: earlierQuestions(basedOn) };
  return await submit(scope, { flow, parameters, basedOn: original });
}

/** A question about an answer is a question about the run that the answer was about. */
function originalOf(
  scope: IntentScope,
  run: NonNullable<RunWish["basedOn"]>,
): NonNullable<RunWish["basedOn"]> {
  const { basedOn } = run.state.origin.spec;
  return (basedOn === undefined ? undefined : scope.books.runs.get(basedOn)) ?? run;
}

async function submit(
  scope: IntentScope,
  wish: Omit<RunWish, "sessionId">,
  wanted?: SessionId,
): Promise<IntentOutcome> {
  const { books } = scope;
  const sessionId = wanted ?? books.sessionId ?? books.newSession("session");
  const composed = composeRun(composerOf(scope), { ...wish, sessionId });
  if (!composed.ok) return refusalOf(composed.error);
  return await send(scope, composed.value);
}

function composerOf({ options }: IntentScope): RunComposer {
  return {
    random: options.random,
    findModel: (name) => findModel(options.folders, name),
    checkModel: options.checkModel,
    checkConstants: options.checkConstants,
    trust: options.trust,
  };
}

async function send(scope: IntentScope, spec: RunSpec): Promise<IntentOutcome> {
  const commandId = `start.${spec.runId}`;
  const command: Command = { type: "start-run", commandId, spec };
  encodeCommand(command); // What cannot be sent must not be recorded.
  await expectAnswer(scope);
  // The wish is in the local store before anything is sent, so that it can be sent again.
  recordStart(scope, spec, commandId);
  await reaching(busIn(scope), "kept", () => sendCommand(scope.command, scope.names, command));
  return { ok: true, runId: spec.runId };
}

function recordStart({ options, books }: IntentScope, spec: RunSpec, commandId: string): void {
  const { runId, flowName, sessionId, basedOn } = spec;
  const { question } = spec.parameters;
  const request = encodeCommand({ type: "start-run", commandId, spec });
  options.store.keepRequest(runId, busOf(books), request);
  options.store.record(sessionId, { type: "run-started", runId, flowName, commandId });
  if (basedOn !== undefined && typeof question === "string") {
    options.store.record(sessionId, { type: "question-asked", runId, basedOn, question });
    books.noteQuestion(question);
  }
  books.touchSessions();
}

/** A rerun without a plan that was looked at: the plan of this moment. */
async function rerun(scope: IntentScope, intent: IntentOf<"rerun-step">): Promise<IntentOutcome> {
  const { runId, stepKey } = intent;
  const run = scope.books.runs.get(runId);
  if (run === undefined) return noRun(runId);
  const wish = { kind: "from", stepKey } as const;
  const plan = await planWish(planScope(scope), run, wish);
  return await applyPlan(scope, { type: "apply-plan", runId, wish, planHash: plan.planHash });
}

async function applyPlan(
  scope: IntentScope,
  intent: IntentOf<"apply-plan">,
): Promise<IntentOutcome> {
  const { runId, wish, interrupt = false } = intent;
  const run = scope.books.runs.get(runId);
  if (run === undefined) return noRun(runId);
  const plan = await planWish(planScope(scope), run, wish, interrupt);
  const problem = refusalOfPlan(plan, intent.planHash);
  if (problem !== undefined) return problem;
  const trust = trustOfRerun(run, plan.reset, composerOf(scope));
  if (trust !== undefined) return refusalOf(trust);
  await expectAnswer(scope);
  await restoreRun(scope.command, scope.names, scope.options.store, runId);
  return await giveOrder(orderScope(scope), {
    type: "apply-plan",
    commandId: commandIdOf(scope, "rerun"),
    runId,
    wish,
    planHash: plan.planHash,
    interrupt,
  });
}

async function fork(scope: IntentScope, intent: IntentOf<"fork-run">): Promise<IntentOutcome> {
  const run = scope.books.runs.get(intent.runId);
  if (run === undefined) return noRun(intent.runId);
  const plan = await planForkWish(planScope(scope), run, intent.wish);
  const problem = refusalOfPlan(plan, intent.planHash);
  if (problem !== undefined) return problem;
  const composed = composeFork(composerOf(scope), run, plan);
  if (!composed.ok) return refusalOf(composed.error);
  return await send(scope, composed.value);
}

function refusalOfPlan(plan: RerunPlan, planHash: string): IntentOutcome | undefined {
  if (plan.planHash !== planHash) {
    const message = "the run has moved on since this plan was made";
    return { ok: false, code: "conflict", message, nextStep: "look at the new plan" };
  }
  if (plan.refusal === undefined) return undefined;
  return refusal(plan.refusal.message, plan.refusal.nextStep ?? "look at the run again");
}

function planScope({ books, options, command }: IntentScope): PlanScope {
  return {
    runs: books.runs.values(),
    artifacts: options.artifacts,
    fetch: (artifact) => fetchArtifact(options, command, artifact),
  };
}

async function order(
  scope: IntentScope,
  intent: IntentOf<"pause-run" | "resume-run" | "give-verdict">,
): Promise<IntentOutcome> {
  const { runId } = intent;
  if (!scope.books.runs.has(runId)) return noRun(runId);
  await expectAnswer(scope);
  await restoreRun(scope.command, scope.names, scope.options.store, runId);
  const commandId = commandIdOf(scope, intent.type);
  return await giveOrder(orderScope(scope), { ...intent, commandId });
}

function orderScope(scope: IntentScope): OrderScope {
  return { ...scope, bus: busIn(scope) };
}

function busIn({ books }: IntentScope): BusView {
  return books.store.getState().bus;
}

function noRun(runId: string): IntentOutcome {
  return refusal(`there is no run ${runId} in this session`, "select another run");
}

async function cancel(scope: IntentScope, intent: IntentOf<"cancel-run">): Promise<IntentOutcome> {
  const { runId } = intent;
  const run = scope.books.runs.get(runId);
  if (run !== undefined && hasEnded(run.state.status)) {
    return refusal(`the run is already ${run.state.status}`, "there is nothing to cancel");
  }
  await expectAnswer(scope);
  await restoreRun(scope.command, scope.names, scope.options.store, runId);
  const commandId = commandIdOf(scope, "cancel");
  await reaching(busIn(scope), "perhaps-sent", () =>
    sendCommand(scope.command, scope.names, { type: "cancel-run", commandId, runId }),
  );
  return { ok: true, runId };
}

/** The trust counts for what was shown, and the wish is then carried out as it was made. */
async function trustProgram(
  scope: IntentScope,
  { request, before }: IntentOf<"trust-program">,
): Promise<IntentOutcome> {
  const given = scope.options.trust.give(request);
  if (!given.ok) return refusalOf(given.error);
  scope.books.notify("info", `the ${request.kind} ${request.name} is trusted`);
  await scope.employ(request);
  return await perform(scope, before);
}

async function scale(scope: IntentScope, intent: IntentOf<"scale-agent">): Promise<IntentOutcome> {
  const scaled = await scope.scale(intent.agent, intent.change);
  if (!scaled.ok) return refusal(scaled.error, "the agents pane shows who works");
  scope.books.notify("info", `${scaled.value} ${intent.change > 0 ? "starts" : "has left"}`);
  return DONE;
}

async function change(
  { books, sessions }: IntentScope,
  sessionId: SessionId,
  entry: NewEntry,
): Promise<IntentOutcome> {
  await sessions.change(sessionId, entry);
  books.touchSessions();
  return DONE;
}

async function deleteSession(
  scope: IntentScope,
  { sessionId }: IntentOf<"delete-session">,
): Promise<IntentOutcome> {
  const { books } = scope;
  await scope.sessions.change(sessionId, { type: "session-deleted" });
  if (books.sessionId === sessionId) books.openSession(undefined);
  books.touchSessions();
  return DONE;
}

function commandIdOf({ options }: IntentScope, verb: string): string {
  return `${verb}.${randomName(options.random, 12)}`;
}

/**
 * A wish is refused while Redis is away: it would be carried out at some later time, unasked.
 * @throws OperatorError `bus-unreachable`.
 */
async function expectAnswer(scope: IntentScope): Promise<void> {
  const { command } = scope;
  if (command.status === "ready") return;
  await reaching(busIn(scope), "unsent", () => command.ping());
}

function refusalOf({ message, nextStep, trust }: WishProblem): IntentOutcome {
  const told = { ok: false, code: "usage", message, nextStep } as const;
  return trust === undefined ? told : { ...told, trust };
}

function refusal(message: string, nextStep: string): IntentOutcome {
  return { ok: false, code: "usage", message, nextStep };
}
