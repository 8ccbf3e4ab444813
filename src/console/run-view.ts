/** The picture of one run, folded from its events and its telemetry. Pure. */
import { extendHistory } from "../orchestrator/history.ts";
import { reduce } from "../orchestrator/reduce.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import type { ProgressData } from "../protocol/telemetry.ts";
import type { LogLine, RunView, TaskProgress } from "./console-state.ts";

/** Log lines kept of a run. */
const KEPT_LINES = 500;

const NOTHING_YET: TaskProgress = { startedAt: null, worker: null, fraction: null, message: "" };

/** How an event fits what is known: next in line, known already, or with a gap before it. */
export type EventFit = "next" | "known" | "gap";

/** Whether an event can be folded in now. */
export function fitOf(run: RunView | undefined, data: RunEventData): EventFit {
  const seq = run?.seq ?? 0;
  if (data.seq <= seq) return "known";
  return data.seq === seq + 1 ? "next" : "gap";
}

/** Folds in the next event; undefined when it makes no run. */
export function withEvent(run: RunView | undefined, data: RunEventData): RunView | undefined {
  const decision = reduce(run?.state, data.event);
  if (decision === undefined) return run;
  const [state] = decision;
  return {
    runId: data.runId,
    sessionId: state.origin.spec.sessionId,
    seq: data.seq,
    state,
    history: extendHistory(run?.history ?? [], data, { before: run?.state, after: state }),
    progress: run?.progress ?? {},
    logs: run?.logs ?? [],
  };
}

/** Takes in a progress message of one of the run's tasks. */
export function withProgress(
  run: RunView,
  taskId: TaskId,
  data: ProgressData,
  at: number,
): RunView {
  const known = run.progress[taskId] ?? NOTHING_YET;
  switch (data.kind) {
    case "started":
      return put(run, taskId, { ...known, startedAt: at, worker: data.worker });
    case "advanced":
      return put(run, taskId, {
        ...known,
        startedAt: known.startedAt ?? at,
        fraction: data.fraction,
        message: data.message,
        ...(data.text === undefined ? {} : { text: data.text }),
      });
    case "logged":
      return withLine(run, { at, taskId, level: data.level, text: data.message });
    case "tool-called":
      return withLine(run, {
        at,
        taskId,
        level: data.outcome === "failed" ? "error" : "info",
        text: describeToolCall(data),
      });
  }
}

function describeToolCall(data: Extract<ProgressData, { kind: "tool-called" }>): string {
  const took = data.durationMs === null ? "" : ` after ${Math.round(data.durationMs)} ms`;
  return `tool ${data.tool} ${data.outcome}${took}`;
}

function put(run: RunView, taskId: TaskId, progress: TaskProgress): RunView {
  return { ...run, progress: { ...run.progress, [taskId]: progress } };
}

function withLine(run: RunView, line: LogLine): RunView {
  return { ...run, logs: [...run.logs, line].slice(-KEPT_LINES) };
}
