/** Signs for an operator who looks elsewhere: bell, notification, progress of the terminal. Pure. */
import type { RunView } from "../console/console-state.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { RunId } from "../protocol/ids.ts";
import { escapeText } from "./escape-text.ts";

/** A way to tell. */
export type Sign = "bell" | "osc9" | "osc777" | "progress";

/** What has been seen of each run. */
export type SeenRuns = ReadonlyMap<RunId, RunView["state"]["status"]>;

/** What is remembered of the runs. */
export function seenRuns(runs: readonly RunView[]): SeenRuns {
  return new Map(runs.map((run) => [run.runId, run.state.status]));
}

/** What to write to the terminal since the runs were last seen; empty when nothing is to be told. */
export function signsFor(
  before: SeenRuns,
  runs: readonly RunView[],
  wanted: readonly Sign[],
): string {
  const ended = runs.filter((run) => {
    const status = before.get(run.runId);
    return status !== undefined && !hasEnded(status) && hasEnded(run.state.status);
  });
  const told = ended.map((run) => noticeOf(run, wanted)).join("");
  return told + (wanted.includes("progress") ? progressSign(runs, ended.length > 0) : "");
}

function noticeOf(run: RunView, wanted: readonly Sign[]): string {
  // Semicolons part the fields of the sequence; control characters would end it.
  const name = escapeText(run.state.origin.flow.name).replaceAll(";", ",").slice(0, 80);
  const text = `${name} ${run.state.status}`;
  return [
    wanted.includes("osc9") ? `\u001B]9;${text}\u0007` : "",
    wanted.includes("osc777") ? `\u001B]777;notify;aimie-console;${text}\u0007` : "",
    wanted.includes("bell") ? "\u0007" : "",
  ].join("");
}

/** OSC 9;4: 1 is a share of 100, 2 a failure, 0 takes the bar away. */
function progressSign(runs: readonly RunView[], someEnded: boolean): string {
  const active = runs.filter((run) => !hasEnded(run.state.status));
  if (active.length === 0) return someEnded ? PROGRESS_OFF : "";
  const steps = active.flatMap((run) => Object.values(run.state.steps));
  const done = steps.filter(({ progress }) => progress.status === "succeeded").length;
  return `\u001B]9;4;1;${Math.round((done / Math.max(1, steps.length)) * 100)}\u0007`;
}

/** Takes the terminal's progress bar away. */
export const PROGRESS_OFF = "\u001B]9;4;0\u0007";
