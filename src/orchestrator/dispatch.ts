/** Hands out the steps that have become ready. */
import { invariant } from "../base/assert.ts";
import type { JsonValue } from "../base/json-value.ts";
import { isJsonArray } from "../base/json-value.ts";
import { err } from "../base/result.ts";
import { MAXIMUM_MESSAGE_BYTES } from "../protocol/envelope.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepKeyOf, taskIdOf } from "../protocol/ids.ts";
import type { ResultData } from "../protocol/tasks.ts";
import type { Effect } from "./effects.ts";
import { failureOf } from "./failure-of.ts";
import type { Step } from "./flow.ts";
import { readySteps } from "./plan.ts";
import { resolveReferences } from "./references.ts";
import type { Attempt, RunState, StepState } from "./state.ts";
import { outputOf } from "./state.ts";

/** Dispatches every ready step; one whose input cannot be resolved fails at once. */
export function dispatchReady(state: RunState, at: number): readonly [RunState, readonly Effect[]] {
  let next = state;
  const effects: Effect[] = [];
  for (const definition of readySteps(state)) {
    const key = stepKeyOf(definition.id);
    const step = next.steps[key];
    invariant(step !== undefined, `ready step ${key} has no state`);
    const [dispatched, wanted] = dispatchStep(next, definition, { key, step, at });
    next = { ...next, steps: { ...next.steps, [key]: dispatched } };
    effects.push(...wanted);
  }
  return [next, effects];
}

function dispatchStep(
  state: RunState,
  definition: Step,
  { key, step, at }: { readonly key: StepKey; readonly step: StepState; readonly at: number },
): readonly [StepState, readonly Effect[]] {
  const attempt = step.attempts.length + 1;
  const taskId = taskIdOf(state.origin.spec.runId, key, attempt);
  const input = bounded(inputOf(state, definition));
  const made: Attempt = {
    attempt,
    taskId,
    input: input.ok ? input.value : null,
    dispatchedAt: at,
    result: input.ok ? null : unresolved(input.error, at),
  };
  const attempts = [...step.attempts, made];
  if (!input.ok) return [{ ...step, attempts, progress: { status: "failed", attempt } }, []];
  const deadlineAt = at + definition.timeoutMs;
  return [
    { ...step, attempts, progress: { status: "dispatched", attempt, taskId } },
    [
      {
        type: "dispatch-task",
        taskId,
        stepKey: key,
        attempt,
        agent: definition.agent,
        input: input.value,
        deadlineAt,
      },
      { type: "set-timer", timer: { kind: "timeout", stepKey: key, attempt }, dueAt: deadlineAt },
    ],
  ];
}

/** Room in a message for all that is not its input, bytes. */
const ENVELOPE_BYTES = 8192;

/** An input that would not fit into a message is a failure here, not a mystery at the worker. */
function bounded(
  input: ReturnType<typeof resolveReferences>,
): ReturnType<typeof resolveReferences> {
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

function inputOf(state: RunState, definition: Step): ReturnType<typeof resolveReferences> {
  const outputs = Object.entries(state.steps).flatMap(([key, step]) => {
    const output = outputOf(step);
    return output === undefined ? [] : [[key, { output }] as const];
  });
  const base = Object.entries(state.origin.spec.basedOnOutputs ?? {}).map(
    ([key, output]) => [key, { output }] as const,
  );
  const resolved = resolveReferences(definition.input, {
    params: state.origin.spec.parameters,
    steps: Object.fromEntries(outputs),
    base: Object.fromEntries(base),
  });
  if (!resolved.ok || definition.agent !== "simulation") return resolved;
  return { ok: true, value: withModelText(state, resolved.value) };
}

/** A simulation works on the model's text as it was when the run was requested. */
function withModelText(state: RunState, input: JsonValue): JsonValue {
  const isMap = input !== null && typeof input === "object" && !isJsonArray(input);
  invariant(isMap, "the input of a step is a map");
  const { models } = state.origin.spec;
  const name = input["model"];
  const known = typeof name === "string" && Object.hasOwn(models, name);
  const modelText = known ? models[name] : undefined;
  return modelText === undefined ? input : { ...input, modelText };
}
