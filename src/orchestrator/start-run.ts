/** The first decision of a run. */

import type { Failure } from "../protocol/failure.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepKeyOf, stepKeySchema, taskIdOf } from "../protocol/ids.ts";
import type { RunEvent, RunSpec } from "../protocol/run-events.ts";
import { dispatchReady } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import { failureOf } from "./failure-of.ts";
import type { Flow } from "./flow.ts";
import { parseKnownFlow } from "./known-flows.ts";
import { checkParameters } from "./parameters.ts";
import { settle } from "./settle.ts";
import type { Attempt, RunState, StepState } from "./state.ts";
import { FRESH_STEP } from "./state.ts";

/** Longest id of a run: its tasks' ids are made of it, and an id has at most 128 characters. */
const MAXIMUM_RUN_ID_LENGTH = 64;

/**
 * Starts a run. A flow text that does not parse or parameters that do not fit give a run that has
 * failed, so that every accepted request has a visible end.
 */
export function startRun(
  event: Extract<RunEvent, { type: "run-requested" }>,
): readonly [RunState, readonly Effect[]] {
  if (event.spec.runId.length > MAXIMUM_RUN_ID_LENGTH) {
    return [
      failedRun(event, `the run's id is longer than ${MAXIMUM_RUN_ID_LENGTH} characters`),
      [],
    ];
  }
  const parsed = parseKnownFlow(event.spec.flowText);
  if (!parsed.ok) {
    const lines = parsed.error.map(({ line, message }) => `line ${line}: ${message}`);
    return [failedRun(event, `the flow is not valid: ${lines.join("; ")}`), []];
  }
  const checked = checkParameters(parsed.value, event.spec.parameters);
  if (!checked.ok) return [failedRun(event, checked.error.join("; "), parsed.value), []];
  const spec = { ...event.spec, parameters: checked.value };
  const own = parsed.value.steps.map(({ id }) => [stepKeyOf(id), FRESH_STEP] as const);
  const state: RunState = {
    origin: { spec, flow: parsed.value, requestedAt: event.at },
    status: "running",
    failure: null,
    steps: { ...Object.fromEntries(own), ...takenOver(event.spec, event.at) },
    startedAt: event.at,
    finishedAt: null,
    ignoredResults: 0,
  };
  const [next, effects] = dispatchReady(state, event.at);
  return settle(next, effects, event.at);
}

/** What a forked run takes over from the one it was forked from, and what it leaves out. */
function takenOver({ runId, fork }: RunSpec, at: number): RunState["steps"] {
  const steps: Record<StepKey, StepState> = {};
  for (const [name, { taskId, input, result }] of Object.entries(fork?.inherited ?? {})) {
    const key = stepKeySchema.parse(name);
    const made: Attempt = {
      attempt: 1,
      taskId: taskIdOf(runId, key, 1),
      input,
      dispatchedAt: at,
      result,
      inheritedFrom: taskId,
    };
    steps[key] = {
      ...FRESH_STEP,
      progress: { status: "succeeded", attempt: 1 },
      attempts: [made],
      attemptsForgiven: 1,
    };
  }
  for (const [name, reason] of Object.entries(fork?.leftOut ?? {})) {
    const progress = { status: "skipped", reason, deadEnd: true } as const;
    steps[stepKeySchema.parse(name)] = { ...FRESH_STEP, progress };
  }
  return steps;
}

function failedRun(
  event: Extract<RunEvent, { type: "run-requested" }>,
  message: string,
  flow?: Flow,
): RunState {
  const nextStep = "correct the request and start a new run";
  return endedRun(event.spec, event.at, failureOf("invalid-input", message, nextStep), flow);
}

/** A run of which no more is known than that it was asked for: it has failed. */
export function lostRun({
  at,
  runId,
  sessionId,
  flowName,
}: Extract<RunEvent, { type: "run-lost" }>): RunState {
  const message = "Redis lost its data, and the local store has no intact request of the run";
  const failure = failureOf("bus-data-lost", message, "start the run again");
  const spec = { runId, sessionId, flowName, flowText: "", parameters: {}, models: {} };
  return endedRun(spec, at, failure);
}

function endedRun(spec: RunSpec, at: number, failure: Failure, flow?: Flow): RunState {
  return {
    origin: {
      spec,
      flow: flow ?? { name: spec.flowName, description: "", parameters: {}, steps: [] },
      requestedAt: at,
    },
    status: "failed",
    failure,
    steps: {},
    startedAt: at,
    finishedAt: at,
    ignoredResults: 0,
  };
}
