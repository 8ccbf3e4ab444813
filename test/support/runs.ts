import type { JsonValue } from "../../src/base/json-value.ts";
import type { Effect } from "../../src/orchestrator/effects.ts";
import { reduce } from "../../src/orchestrator/reduce.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import type { FailureKind } from "../../src/protocol/failure.ts";
import type { StepKey } from "../../src/protocol/ids.ts";
import { runIdSchema, sessionIdSchema, stepKeySchema, taskIdOf } from "../../src/protocol/ids.ts";
import type { RunEvent, RunSpec } from "../../src/protocol/run-events.ts";
import type { ResultData } from "../../src/protocol/tasks.ts";

export const runId = runIdSchema.parse("R1");

export function key(text: string): StepKey {
  return stepKeySchema.parse(text);
}

/** `simulation → (qna ∥ viz)` with two attempts a step. */
export const FORK_FLOW = `name: built-in
params:
  question: { type: string, default: "What is the peak?" }
  model: { type: model, default: sir }
steps:
  simulation:
    agent: simulation
    input: { model: "\${{ params.model }}" }
    retry: { attempts: 2, delay: 1s }
    timeout: 5m
  qna:
    agent: qna
    needs: simulation
    input: { question: "\${{ params.question }}", simulation: "\${{ steps.simulation.output }}" }
    retry: { attempts: 2, delay: 1s }
  viz:
    agent: viz
    needs: simulation
    input: { simulation: "\${{ steps.simulation.output }}" }
    retry: { attempts: 2, delay: 1s }
`;

export function specOf(flowText: string, more: Partial<RunSpec> = {}): RunSpec {
  return {
    runId,
    sessionId: sessionIdSchema.parse("S1"),
    flowName: "built-in",
    flowText,
    parameters: {},
    models: {},
    ...more,
  };
}

export function succeededWith(output: JsonValue): ResultData {
  return { status: "succeeded", output, worker: "w1", startedAt: 1, finishedAt: 2 };
}

export function failedWith(kind: FailureKind, message = "no"): ResultData {
  return {
    status: "failed",
    failure: { kind, message },
    worker: "w1",
    startedAt: 1,
    finishedAt: 2,
  };
}

/** A run that is driven event by event, for tests. */
export interface DrivenRun {
  readonly events: RunEvent[];
  /** What the last event asked the shell to do. */
  effects: readonly Effect[];
  state: RunState;
  /** Reduces one event and answers its effects. */
  send(event: RunEvent): readonly Effect[];
  succeed(step: string, attempt?: number, output?: JsonValue): readonly Effect[];
  fail(step: string, attempt?: number, kind?: FailureKind): readonly Effect[];
  retryDue(step: string, attempt: number): readonly Effect[];
  timeOut(step: string, attempt: number): readonly Effect[];
  rerun(step: string): readonly Effect[];
  cancel(): readonly Effect[];
  statusOf(step: string): string | undefined;
  statuses(): Record<string, string>;
}

export function driveRun(flowText = FORK_FLOW, more: Partial<RunSpec> = {}): DrivenRun {
  let at = 1000;
  const next = (): number => {
    at += 1;
    return at;
  };
  const requested: RunEvent = { type: "run-requested", at, spec: specOf(flowText, more) };
  const first = reduce(undefined, requested);
  if (first === undefined) throw new Error("run-requested always gives a state");
  const received = (step: string, attempt: number, result: ResultData): readonly Effect[] =>
    run.send({
      type: "result-received",
      at: next(),
      stepKey: key(step),
      attempt,
      taskId: taskIdOf(runId, key(step), attempt),
      result,
    });
  const run: DrivenRun = {
    events: [requested],
    state: first[0],
    effects: first[1],
    send(event) {
      const decision = reduce(run.state, event);
      if (decision === undefined) throw new Error("a state always gives a decision");
      run.events.push(event);
      [run.state, run.effects] = decision;
      return run.effects;
    },
    succeed: (step, attempt = 1, output = { of: step, attempt }) =>
      received(step, attempt, succeededWith(output)),
    fail: (step, attempt = 1, kind = "tool") => received(step, attempt, failedWith(kind)),
    retryDue: (step, attempt) =>
      run.send({ type: "retry-due", at: next(), stepKey: key(step), attempt }),
    timeOut: (step, attempt) =>
      run.send({ type: "timeout-reached", at: next(), stepKey: key(step), attempt }),
    rerun: (step) =>
      run.send({ type: "rerun-requested", at: next(), commandId: "c", stepKey: key(step) }),
    cancel: () => run.send({ type: "cancel-requested", at: next(), commandId: "c" }),
    statusOf: (step) => run.state.steps[key(step)]?.progress.status,
    statuses: () =>
      Object.fromEntries(
        Object.entries(run.state.steps).map(([name, step]) => [name, step.progress.status]),
      ),
  };
  return run;
}

/** The steps an effect list dispatches. */
export function dispatchedBy(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.type === "dispatch-task" ? [effect.taskId] : []));
}
