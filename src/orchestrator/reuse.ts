/**
 * Taking the result of an earlier attempt instead of dispatching a step anew (`cache: true`). Pure:
 * who looks for the earlier attempt, and checks its files, is the shell.
 *
 * U1 Only the first attempt of a step is spared, and only in a run that nobody had done again:
 *    a rerun, a fork and a retry do the work.
 * U2 Two attempts did the same work when the agent, its definition (a hash of its version and its
 *    settings, which the worker says) and the resolved input are the same. Nothing else of a flow
 *    bears on what an attempt returns.
 * U3 What depends on more than that is never taken: a simulation of which the input does not hold
 *    the whole model, an attempt that does not say its definition.
 * U4 What is told of a look that nobody waits for any more changes nothing.
 */
import type { JsonValue } from "../base/json-value.ts";
import { isJsonArray } from "../base/json-value.ts";
import type { StepKey, TaskAgentName, TaskId } from "../protocol/ids.ts";
import { isBuiltIn, taskIdOf } from "../protocol/ids.ts";
import type { AttemptName, RunEvent } from "../protocol/run-events.ts";
import { canonicalText, digestOf } from "./digest.ts";
import type { Effect } from "./effects.ts";
import type { Step } from "./flow.ts";
import type { Attempt, RunState, StepState } from "./state.ts";
import { definitionOf, put, stateOf } from "./step-access.ts";

/** What makes two attempts the same (U2). */
export interface Work {
  readonly agent: TaskAgentName;
  /** A hash of what the agent works with besides its input. */
  readonly definition: string;
  readonly input: JsonValue;
}

/** Whether all that an agent works with can be known: not of foreign tools and programs (U3). */
export function mayBeCached(agent: TaskAgentName): boolean {
  return isBuiltIn(agent) && agent !== "mcp";
}

/** Whether an earlier result may be taken for a step that has become ready (U1). */
export function mayReuse(
  { origin: { spec }, doneAnew }: RunState,
  definition: Step,
  step: StepState,
): boolean {
  if (definition.cache !== true || spec.noCache === true) return false;
  const isFirst = step.attempts.length === 0 && step.lookedUp !== true;
  return isFirst && spec.fork === undefined && doneAnew !== true;
}

/** Under what a piece of work is remembered; undefined when it must not be (U3). */
export function workDigest(work: Work): string | undefined {
  const { agent, definition, input } = work;
  if (agent === "simulation" && !holdsModel(input)) return undefined;
  return digestOf([agent, definition, input]);
}

/** Whether two pieces of work are the same, to the last character (U2). */
export function isSameWork(one: Work, other: Work): boolean {
  const text = ({ agent, definition, input }: Work): string =>
    canonicalText([agent, definition, input]);
  return text(one) === text(other);
}

/** A model of XMILE text is whole; a command model runs a program that its text only names. */
function holdsModel(input: JsonValue): boolean {
  if (input === null || typeof input !== "object" || isJsonArray(input)) return false;
  const text = input["modelText"];
  return typeof text === "string" && text.trimStart().startsWith("<");
}

/** The work of an attempt that a worker has done; undefined when it does not say with what (U3). */
export function workOf(
  state: RunState,
  stepKey: StepKey,
  attempt: Pick<Attempt, "input" | "result">,
): Work | undefined {
  const agent = definitionOf(state, stepKey)?.agent;
  const { input, result } = attempt;
  const definition = result?.status === "succeeded" ? result.definition : undefined;
  return agent === undefined || definition === undefined ? undefined : { agent, definition, input };
}

/** An attempt's name as people write it: `run/step#2`. */
export function attemptText({ runId, stepKey, attempt }: AttemptName): string {
  return `${runId}/${stepKey}#${attempt}`;
}

/** The task that carried out an attempt. */
export function taskIdOfAttempt({ runId, stepKey, attempt }: AttemptName): TaskId {
  return taskIdOf(runId, stepKey, attempt);
}

type Reused = Extract<RunEvent, { type: "result-reused" }>;
type Declined = Extract<RunEvent, { type: "reuse-declined" }>;

/** The run once a look is over; undefined when nobody waits for it (U4). */
export function afterLook(
  state: RunState,
  event: Reused | Declined,
  input: JsonValue,
): readonly [RunState, Effect] | undefined {
  const { stepKey, attempt, at } = event;
  const step = stateOf(state, stepKey);
  if (step?.progress.status !== "ready" || step.progress.attempt !== attempt) return undefined;
  const clear: Effect = { type: "clear-timer", timer: { kind: "look-up", stepKey, attempt } };
  const looked = { ...step, lookedUp: true };
  if (event.type === "reuse-declined") {
    return [put(state, stepKey, looked, { status: "waiting" }), clear];
  }
  const made: Attempt = {
    attempt,
    taskId: taskIdOf(state.origin.spec.runId, stepKey, attempt),
    input,
    dispatchedAt: at,
    result: { ...event.result, startedAt: at, finishedAt: at },
    cachedFrom: event.from,
  };
  const done = { ...looked, attempts: [...step.attempts, made] };
  return [put(state, stepKey, done, { status: "succeeded", attempt }), clear];
}
