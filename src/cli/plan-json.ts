/** A plan, for people and for scripts; its JSON is documented in docs/JSON.md. */
import type { RerunPlan } from "../orchestrator/rerun-plan.ts";
import type { RunId } from "../protocol/ids.ts";
import { escapeText } from "../ui/escape-text.ts";
import { formatDuration } from "../ui/format.ts";

/** A plan as one object. */
export function planJson(runId: RunId, plan: RerunPlan): object {
  const { refusal, ...rest } = plan;
  return { version: 1, run: runId, ...rest, refusal: refusal ?? null };
}

/** A plan in lines; groups with nothing in them are left out. */
export function planLines(runId: RunId, plan: RerunPlan): readonly string[] {
  const { target, estimateMs, refusal } = plan;
  const where = target === "fork" ? `a new run forked from ${runId}` : `run ${runId}`;
  const time = estimateMs === null ? "" : `, about ${formatDuration(estimateMs)}`;
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ["done again", plan.reset],
    ["taken as is", plan.inherit],
    ["stale", plan.stale],
    ["blocked", plan.blocked.map(({ stepKey, by }) => `${stepKey} (by ${by})`)],
    ["left out", plan.ineligible.map(({ stepKey, reason }) => `${stepKey} (${reason})`)],
    ["at work now", plan.active],
  ];
  const shown = groups.filter(([, steps]) => steps.length > 0);
  return [
    `plan: ${where}${time}`,
    ...shown.map(([label, steps]) => `  ${label}: ${escapeText(steps.join(", "))}`),
    ...(refusal === undefined ? [] : [`  cannot be done: ${escapeText(refusal.message)}`]),
  ];
}
