/** Hands out the steps that have become ready. */
import { invariant } from "../base/assert.ts";
import type { JsonValue } from "../base/json-value.ts";
import { isJsonArray } from "../base/json-value.ts";
import type { Result } from "../base/result.ts";
import { err } from "../base/result.ts";
import { MAXIMUM_MESSAGE_BYTES } from "../protocol/envelope.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepKeyOf, taskIdOf } from "../protocol/ids.ts";
import type { ResultData } from "../protocol/tasks.ts";
import { holds } from "./condition.ts";
import type { Effect } from "./effects.ts";
import { failureOf } from "./failure-of.ts";
import type { Step } from "./flow.ts";
import { MAXIMUM_INSTANCES } from "./flow.ts";
import { fanOut, instanceOf, instancesOf, itemsOf, join } from "./instances.ts";
import { readySteps, skippedSource } from "./plan.ts";
import type { Scope } from "./references.ts";
import { resolveReferences } from "./references.ts";
import { mayReuse } from "./reuse.ts";
import type { Attempt, RunState, StepState } from "./state.ts";
import { isActive, outputOf } from "./state.ts";
import { put, stateOf } from "./step-access.ts";

type Advance = readonly [RunState, readonly Effect[]];

/**
 * Goes on wherever it is possible: dispatches, fans out, skips, asks a person, joins. One whose
 * input cannot be resolved fails at once. Repeats until nothing more follows, because a skipped
 * step or an empty list can make others ready.
 */
export function dispatchReady(state: RunState, at: number): Advance {
  let next = state;
  const effects: Effect[] = [];
  for (let before: RunState | undefined; before !== next; ) {
    before = next;
    for (const definition of readySteps(next)) {
      const [begun, wanted] = begin(next, definition, at);
      next = begun;
      effects.push(...wanted);
    }
    for (const definition of next.origin.flow.steps) {
      if (definition.foreach === undefined) continue;
      const room = definition.foreach.maximumParallel;
      const [begun, wanted] = dispatchInstances(next, definition, { room, at });
      next = join(begun, stepKeyOf(definition.id), at);
      effects.push(...wanted);
    }
  }
  return [next, effects];
}

function begin(state: RunState, definition: Step, at: number): Advance {
  const key = stepKeyOf(definition.id);
  const step = stateOf(state, key);
  invariant(step !== undefined, `ready step ${key} has no state`);
  const source = skippedSource(state, definition);
  const unwanted = definition.when !== undefined && !holds(definition.when, scopeOf(state));
  if (source !== undefined || unwanted) {
    const reason = source === undefined ? "its condition does not hold" : `${source} was skipped`;
    return [put(state, key, step, { status: "skipped", reason, deadEnd: false }), []];
  }
  if (definition.approval !== undefined && !step.approved) {
    return [put(state, key, step, { status: "awaiting-approval", since: at }), []];
  }
  if (definition.foreach === undefined) return dispatchStep(state, definition, { key, step, at });
  const items = itemsFor(state, definition.foreach.items);
  if (items.ok) return [fanOut(state, key, { items: items.value, at }), []];
  return [failed(state, { key, step, at }, items.error), []];
}

function itemsFor(
  state: RunState,
  wanted: NonNullable<Step["foreach"]>["items"],
): Result<readonly JsonValue[], string> {
  const resolved = resolveReferences(wanted, scopeOf(state));
  if (!resolved.ok) return resolved;
  const { value } = resolved;
  if (!isJsonArray(value)) return err("foreach needs a list");
  if (value.length <= MAXIMUM_INSTANCES) return { ok: true, value };
  return err(`foreach has ${value.length} items; at most ${MAXIMUM_INSTANCES} are allowed`);
}

function dispatchInstances(
  state: RunState,
  definition: Step,
  { room, at }: { readonly room: number; readonly at: number },
): Advance {
  const parent = stepKeyOf(definition.id);
  const mayDispatch = state.status === "running" || state.status === "waiting";
  const isFannedOut = stateOf(state, parent)?.progress.status === "running";
  if (!mayDispatch || !isFannedOut) return [state, []];
  let next = state;
  const effects: Effect[] = [];
  const keys = instancesOf(state, parent);
  for (const key of keys) {
    const active = keys.filter((one) => isActiveStep(stateOf(next, one))).length;
    const step = stateOf(next, key);
    if (step?.progress.status !== "waiting" || active >= room) continue;
    const [dispatched, wanted] = dispatchStep(next, definition, { key, step, at });
    next = dispatched;
    effects.push(...wanted);
  }
  return [next, effects];
}

function isActiveStep(step: StepState | undefined): boolean {
  return step !== undefined && isActive(step.progress);
}

interface Place {
  readonly key: StepKey;
  readonly step: StepState;
  readonly at: number;
}

function dispatchStep(state: RunState, definition: Step, place: Place): Advance {
  const { key, step, at } = place;
  const attempt = step.attempts.length + 1;
  const taskId = taskIdOf(state.origin.spec.runId, key, attempt);
  const input = bounded(inputOf(state, definition, key));
  if (!input.ok) return [failed(state, place, input.error), []];
  if (mayReuse(state, definition, step)) {
    const timer = { kind: "look-up", stepKey: key, attempt } as const;
    return [
      put(state, key, step, { status: "ready", attempt }),
      [{ type: "set-timer", timer, dueAt: at }],
    ];
  }
  const made: Attempt = { attempt, taskId, input: input.value, dispatchedAt: at, result: null };
  const attempts = [...step.attempts, made];
  const deadlineAt = at + definition.timeoutMs;
  return [
    put(state, key, { ...step, attempts }, { status: "dispatched", attempt, taskId }),
    [
      {
        type: "dispatch-task",
        taskId,
        stepKey: key,
        attempt,
        agent: definition.agent,
        input: input.value,
        deadlineAt,
        ...(definition.cache === true ? { cache: true } : {}),
      },
      { type: "set-timer", timer: { kind: "timeout", stepKey: key, attempt }, dueAt: deadlineAt },
    ],
  ];
}

/** Fails a step that could not even be dispatched: an attempt without a worker. */
function failed(state: RunState, { key, step, at }: Place, message: string): RunState {
  const attempt = step.attempts.length + 1;
  const taskId = taskIdOf(state.origin.spec.runId, key, attempt);
  const result = unresolved(message, at);
  const made: Attempt = { attempt, taskId, input: null, dispatchedAt: at, result };
  const attempts = [...step.attempts, made];
  return put(state, key, { ...step, attempts }, { status: "failed", attempt });
}

/** Room in a message for all that is not its input, bytes. */
const ENVELOPE_BYTES = 8192;

/** An input that would not fit into a message is a failure here, not a mystery at the worker. */
function bounded(input: Result<JsonValue, string>): Result<JsonValue, string> {
  if (!input.ok) return input;
  const text = JSON.stringify(input.value);
  const room = MAXIMUM_MESSAGE_BYTES - ENVELOPE_BYTES;
  if (text.length * 3 <= room) return input; // No character takes more than three bytes.
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= room) return input;
  return err(`the step's input has ${bytes} bytes; a message carries at most ${room}`);
}

function unresolved(message: string, at: number): ResultData {
  return {
    status: "failed",
    failure: failureOf("invalid-input", message, "correct the step's input in the flow file"),
    worker: "",
    startedAt: at,
    finishedAt: at,
  };
}

/** What look-ups of a run reach now. */
function scopeOf(state: RunState): Scope {
  const outputs = Object.entries(state.steps).flatMap(([key, step]) => {
    const output = outputOf(step);
    return output === undefined ? [] : [[key, { output }] as const];
  });
  const base = Object.entries(state.origin.spec.basedOnOutputs ?? {}).map(
    ([key, output]) => [key, { output }] as const,
  );
  const feedback = Object.entries(state.steps).map(([key, step]) => [key, step.feedback] as const);
  return {
    params: state.origin.spec.parameters,
    steps: Object.fromEntries(outputs),
    base: Object.fromEntries(base),
    feedback: Object.fromEntries(feedback),
  };
}

/** What a step works on as the run stands; the error says why that cannot be known. */
export function inputOf(
  state: RunState,
  definition: Step,
  key: StepKey,
): Result<JsonValue, string> {
  const edited = state.origin.spec.fork?.inputs[key];
  const instance = instanceOf(key);
  const scope = scopeOf(state);
  const resolved =
    edited === undefined
      ? resolveReferences(
          definition.input,
          instance === undefined
            ? scope
            : {
                ...scope,
                item: itemsOf(state, instance.parent)[instance.index] ?? null,
                index: instance.index,
              },
        )
      : ({ ok: true, value: edited } as const);
  if (!resolved.ok || definition.agent !== "simulation") return resolved;
  return { ok: true, value: withModelText(state, resolved.value, edited !== undefined) };
}

/**
 * A simulation works on the model's text as it was when the run was requested; a text that the
 * operator wrote into an edited input stands.
 */
function withModelText(state: RunState, input: JsonValue, edited: boolean): JsonValue {
  const isMap = input !== null && typeof input === "object" && !isJsonArray(input);
  invariant(isMap, "the input of a step is a map");
  if (edited && input["modelText"] !== undefined) return input;
  const { models } = state.origin.spec;
  const name = input["model"];
  const known = typeof name === "string" && Object.hasOwn(models, name);
  const modelText = known ? models[name] : undefined;
  return modelText === undefined ? input : { ...input, modelText };
}
