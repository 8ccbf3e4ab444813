import type { RunState, StepState } from "../orchestrator/state.ts";
import { lastAttempt } from "../orchestrator/state.ts";
import { definitionOf, entriesOf } from "../orchestrator/step-access.ts";
import { formatDuration } from "../ui/format.ts";

/** Steps that are listed; the rest of a wide fan-out is counted. */
const LISTED_STEPS = 60;

/** The steps of a run as aligned rows: name, status, attempt, how long it took, who did it. */
export function stepLines(state: RunState): readonly string[] {
  const steps = entriesOf(state);
  const rows = steps
    .slice(0, LISTED_STEPS)
    .map(([key, step]) => [key, step.progress.status, ...factsOf(state, key, step)]);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const rest = steps.length - rows.length;
  return [
    ...rows.map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    ),
    ...(rest === 0 ? [] : [`  and ${rest} more`]),
  ];
}

function factsOf(state: RunState, key: string, step: StepState): readonly string[] {
  const last = lastAttempt(step);
  const attempt = last === undefined ? "" : `attempt ${last.attempt}`;
  if (step.progress.status === "awaiting-approval") {
    return [attempt, "", definitionOf(state, key)?.approval ?? ""];
  }
  const result = last?.result ?? null;
  if (result === null) return [attempt, "", ""];
  return [attempt, formatDuration(result.finishedAt - result.startedAt), result.worker];
}
