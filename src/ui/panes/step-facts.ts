/** Facts about a step that several panes show. */
import type { ConsoleState, RunView, TaskProgress } from "../../console/console-state.ts";
import { isPlayed } from "../../console/unplayed-agents.ts";
import { attemptText } from "../../orchestrator/reuse.ts";
import type { StepState } from "../../orchestrator/state.ts";
import { lastAttempt } from "../../orchestrator/state.ts";
import { whyOf } from "../../orchestrator/why-of.ts";
import { formatClock, formatDuration } from "../format.ts";
import type { SelectedStep } from "../model/selection.ts";
import type { StepWord } from "../theme.ts";
import { conditionText } from "./condition-text.ts";

/** What is known of the attempt under way. */
export function progressOf(run: RunView, step: StepState): TaskProgress | undefined {
  const attempt = lastAttempt(step);
  return attempt === undefined ? undefined : run.progress[attempt.taskId];
}

/** The word a step is shown with: dispatched until a worker has begun, cached where none did. */
export function stepWord(run: RunView, step: StepState): StepWord {
  const { status } = step.progress;
  if (status === "succeeded" && lastAttempt(step)?.cachedFrom !== undefined) return "cached";
  if (status !== "dispatched") return status;
  return progressOf(run, step)?.startedAt == null ? "dispatched" : "running";
}

/** How long the last attempt has taken; null when there was none. */
export function stepElapsedMs(run: RunView, step: StepState, now: number): number | null {
  const attempt = lastAttempt(step);
  if (attempt === undefined || step.progress.status === "waiting") return null;
  if (attempt.cachedFrom !== undefined) return null;
  if (attempt.result !== null) return attempt.result.finishedAt - attempt.result.startedAt;
  if (step.progress.status === "cancelled" || step.progress.status === "blocked") return null;
  return now - (progressOf(run, step)?.startedAt ?? attempt.dispatchedAt);
}

/** Who carries out the last attempt, without the host; empty while nobody does. */
export function workerOf(run: RunView, step: StepState): string {
  const attempt = lastAttempt(step);
  const name = attempt?.result?.worker ?? progressOf(run, step)?.worker ?? "";
  return name.split(":").slice(-2).join(":");
}

/** Why a step is where it is, a sentence per line. */
export function whyLines(selected: SelectedStep, state: ConsoleState): readonly string[] {
  const { run, key, step, definition } = selected;
  const rerun =
    step.attemptsForgiven > 0
      ? [`It was asked to be done again after attempt ${step.attemptsForgiven}.`]
      : [];
  const needs =
    definition.needs.length === 0
      ? "It needs no other step."
      : `It needs ${definition.needs.join(", ")}.`;
  const { when, approval } = definition;
  const terms = [
    ...(when === undefined ? [] : [`It is done only when ${conditionText(when)}.`]),
    ...(approval === undefined ? [] : ["A person is asked before it is done."]),
  ];
  const word = stepWord(run, step);
  const verb = word === "succeeded" || word === "failed" ? "has" : "is";
  return [`${key} ${verb} ${word}.`, ...reasonLines(selected, state), ...rerun, needs, ...terms];
}

/** The events that led there, the newest first, a line per event. */
export function chainLines({ run, key }: SelectedStep): readonly string[] {
  return whyOf(run, key).map(({ seq, at, says }) => `#${seq}  ${formatClock(at)}  ${says}`);
}

function reasonLines(selected: SelectedStep, state: ConsoleState): readonly string[] {
  const { run, step, definition } = selected;
  const { progress } = step;
  const attempt = lastAttempt(step);
  switch (progress.status) {
    case "waiting":
      return [waitingReason(selected)];
    case "ready":
      return ["Its needs are met. An earlier result of the same work is looked for."];
    case "dispatched":
      return [dispatchedReason(selected, state)];
    case "retrying":
      return [
        ...failureLines(step),
        `The next attempt begins in ${formatDuration(progress.dueAt - state.now)}.`,
        `At most ${definition.retry.attempts} attempts are made.`,
      ];
    case "cancelling":
      return ["Its worker was told to stop and has a short while to say that it did."];
    case "succeeded":
      if (attempt?.cachedFrom !== undefined) {
        return [
          `It took the result of ${attemptText(attempt.cachedFrom)}, which did the same work.`,
        ];
      }
      return [
        `Attempt ${progress.attempt} took ${formatDuration(stepElapsedMs(run, step, state.now) ?? 0)}.`,
      ];
    case "failed":
      return failureLines(step);
    case "cancelled":
      return [
        attempt === undefined ? "The run was cancelled before it began." : "The run was cancelled.",
      ];
    case "blocked":
      return [`${progress.by} did not succeed, so it cannot be done.`, `Rerun ${progress.by}.`];
    case "running":
      return ["Its instances are being done; it ends with the last of them."];
    case "awaiting-approval":
      return [definition.approval ?? "", "A person has to approve it, reject it or push it back."];
    case "skipped":
      return [`It was skipped: ${progress.reason}.`];
    case "stale":
      return [`${progress.by} was done again after it. Bring it up to date to use the new output.`];
  }
}

function failureLines(step: StepState): readonly string[] {
  const result = lastAttempt(step)?.result;
  if (result?.status !== "failed") return [];
  const { kind, message, nextStep } = result.failure;
  return [`Last failure (${kind}): ${message}`, ...(nextStep === undefined ? [] : [nextStep])];
}

function waitingReason({ run, definition }: SelectedStep): string {
  const open = definition.needs.flatMap((id) => {
    const entry = Object.entries(run.state.steps).find(([key]) => key === String(id));
    if (entry === undefined || entry[1].progress.status === "succeeded") return [];
    return [`${id} (${stepWord(run, entry[1])})`];
  });
  return open.length === 0 ? "It is about to be handed out." : `It waits for ${open.join(", ")}.`;
}

function dispatchedReason({ run, step, definition }: SelectedStep, state: ConsoleState): string {
  const progress = progressOf(run, step);
  if (progress?.startedAt != null) {
    return `${workerOf(run, step) || "A worker"} has worked on it for ${formatDuration(state.now - progress.startedAt)}.`;
  }
  const workers = state.workers.filter((worker) => worker.agent === definition.agent);
  const able = workers.filter(({ status }) => status === "ready" || status === "busy");
  if (!isPlayed(definition.agent, state.workers)) return unplayedText(definition.agent);
  if (able.length === 0) return `It waits for a ${definition.agent} worker: none is ready.`;
  const queued = Math.max(0, ...able.map((worker) => worker.heartbeat?.queueDepth ?? 0));
  return `It was handed to the ${definition.agent} workers; ${queued} in their queue.`;
}

function unplayedText(agent: string): string {
  const start = `aimie-console agent ${agent}, or all with aimie-console up`;
  return `It waits: no ${agent} worker is alive. Start one with ${start}.`;
}
