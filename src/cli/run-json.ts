/**
 * The JSON that scripts read; documented in docs/JSON.md. `version` changes when a field changes its
 * meaning or goes away, never when one is added.
 */
import type { RunView } from "../console/console-state.ts";
import { taskIdOfAttempt } from "../orchestrator/reuse.ts";
import type { Attempt, StepState } from "../orchestrator/state.ts";
import { lastAttempt, outputOf } from "../orchestrator/state.ts";
import { qnaOutputSchema, vizOutputSchema } from "../protocol/agent-data.ts";
import type { Artifact } from "../protocol/artifact.ts";
import { artifactSchema } from "../protocol/artifact.ts";

/** Resolves an artifact to its local path. */
export type ArtifactPath = (artifact: Artifact) => string;

/** The first line of JSON lines about a run: all that is known at `seq`; events follow. */
export function snapshotJson(run: RunView, pathOf: ArtifactPath): object {
  return { type: "snapshot", seq: run.seq, ...runJson(run, pathOf) };
}

/** A run as one object. */
export function runJson(run: RunView, pathOf: ArtifactPath): object {
  const { state } = run;
  const { spec, requestedAt } = state.origin;
  const answer = answerOf(run);
  return {
    version: 1,
    run: {
      id: run.runId,
      session: run.sessionId,
      flow: spec.flowName,
      status: state.status,
      parameters: spec.parameters,
      basedOn: spec.basedOn ?? null,
      forkedFrom: spec.forkedFrom ?? null,
      requestedAt: isoOf(requestedAt),
      startedAt: isoOf(state.startedAt),
      finishedAt: state.finishedAt === null ? null : isoOf(state.finishedAt),
      durationMs: state.finishedAt === null ? null : state.finishedAt - state.startedAt,
      failure: state.failure,
    },
    answer: answer?.answer ?? null,
    value: answer?.value ?? null,
    unit: answer?.unit ?? null,
    charts: chartsOf(run, pathOf),
    steps: Object.entries(state.steps).map(([key, step]) => stepJson(key, step, pathOf)),
  };
}

function stepJson(key: string, step: StepState, pathOf: ArtifactPath): object {
  const last = lastAttempt(step);
  return {
    step: key,
    status: step.progress.status,
    attempt: last?.attempt ?? 0,
    startedAt: last?.result == null ? null : isoOf(last.result.startedAt),
    finishedAt: last?.result == null ? null : isoOf(last.result.finishedAt),
    worker: last?.result?.worker ?? null,
    output: withPaths(outputOf(step) ?? null, pathOf),
    failure: last?.result?.status === "failed" ? last.result.failure : null,
    attempts: step.attempts.map(attemptJson),
  };
}

function attemptJson(attempt: Attempt): object {
  const { result } = attempt;
  return {
    attempt: attempt.attempt,
    task: attempt.taskId,
    inheritedFrom: attempt.inheritedFrom ?? null,
    cachedFrom: attempt.cachedFrom === undefined ? null : taskIdOfAttempt(attempt.cachedFrom),
    status: result?.status ?? "under-way",
    dispatchedAt: isoOf(attempt.dispatchedAt),
    startedAt: result === null ? null : isoOf(result.startedAt),
    finishedAt: result === null ? null : isoOf(result.finishedAt),
    failure: result?.status === "failed" ? result.failure : null,
  };
}

/** The answer of the run's first step that gives one. */
export function answerOf(run: RunView): {
  readonly answer: string;
  readonly value: number | null;
  readonly unit: string | null;
} | null {
  for (const step of Object.values(run.state.steps)) {
    const parsed = qnaOutputSchema.safeParse(outputOf(step));
    if (parsed.success) return parsed.data;
  }
  return null;
}

/** The files of the run's charts, by their local paths. */
export function chartsOf(
  run: RunView,
  pathOf: ArtifactPath,
): readonly {
  readonly title: string;
  readonly svg: string;
  readonly png: string;
  readonly report?: string;
}[] {
  return Object.values(run.state.steps).flatMap((step) => {
    const parsed = vizOutputSchema.safeParse(outputOf(step));
    if (!parsed.success) return [];
    const { title, svg, png, report } = parsed.data;
    const page = report === undefined ? {} : { report: pathOf(report) };
    return [{ title, svg: pathOf(svg), png: pathOf(png), ...page }];
  });
}

/** Adds the local path to every artifact in an output. */
function withPaths(value: unknown, pathOf: ArtifactPath): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((member: unknown) => withPaths(member, pathOf));
  const members = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withPaths(member, pathOf)]),
  );
  const artifact = artifactSchema.safeParse(value);
  return artifact.success ? { ...members, path: pathOf(artifact.data) } : members;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
