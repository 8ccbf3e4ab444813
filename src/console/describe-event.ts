/** An event of a run as one plain sentence, for the events pane and for text output. */
import { attemptText } from "../orchestrator/reuse.ts";
import type { StepState } from "../orchestrator/state.ts";
import type { Failure } from "../protocol/failure.ts";
import { stepKeySchema } from "../protocol/ids.ts";
import type { SameRunWish } from "../protocol/rerun.ts";
import type { RunEventData, Verdict } from "../protocol/run-events.ts";
import type { EventLine, RunView } from "./console-state.ts";

/** The lines an event gives, given the run before and after it. */
export function describeEvent(
  before: RunView | undefined,
  after: RunView,
  data: RunEventData,
): readonly EventLine[] {
  const { at } = data.event;
  const steps = Object.entries(after.state.steps).flatMap(([key, step]) => {
    const words = stepWords(key, before?.state.steps[stepKeySchema.parse(key)], step, at);
    return words === undefined ? [] : [words];
  });
  return [...eventWords(after, data), ...steps, ...runWords(before, after)].map(
    ([level, text]) => ({ at, level, source: "run", runId: data.runId, seq: data.seq, text }),
  );
}

function stepWords(
  key: string,
  earlier: StepState | undefined,
  { progress }: StepState,
  at: number,
): Words | undefined {
  const before = earlier?.progress;
  switch (progress.status) {
    case "dispatched": {
      if (before?.status === "dispatched" && before.attempt === progress.attempt) return undefined;
      const again = progress.attempt > 1 ? ` (attempt ${progress.attempt})` : "";
      return ["info", `${key} dispatched${again}`];
    }
    case "retrying": {
      if (before?.status === "retrying") return undefined;
      const waitMs = Math.max(0, progress.dueAt - at);
      return ["warning", `${key} will be tried again in ${waitMs / 1000} s`];
    }
    default:
      return before?.status === progress.status ? undefined : restWords(key, progress);
  }
}

/** Words for states that wait for something other than a worker. */
function restWords(key: string, progress: StepState["progress"]): Words | undefined {
  switch (progress.status) {
    case "blocked":
      return ["warning", `${key} is blocked by ${progress.by}`];
    case "awaiting-approval":
      return ["warning", `${key} waits for approval`];
    case "skipped":
      return ["info", `${key} skipped: ${progress.reason}`];
    case "stale":
      return ["warning", `${key} is stale: ${progress.by} was done again`];
    default:
      return undefined;
  }
}

function runWords(before: RunView | undefined, after: RunView): readonly Words[] {
  const { status, finishedAt } = after.state;
  if (before?.state.status === status || finishedAt === null) return [];
  return [[status === "succeeded" ? "success" : "error", `run ${status}`]];
}

type Words = readonly [level: EventLine["level"], text: string];

function eventWords(run: RunView, { event }: RunEventData): readonly Words[] {
  switch (event.type) {
    case "run-requested":
      return [["info", `run of ${event.spec.flowName} requested`]];
    case "run-lost":
      return run.state.failure === null ? [] : [["error", describeFailure(run.state.failure)]];
    case "result-received": {
      const { result, stepKey } = event;
      const tookMs = Math.round(result.finishedAt - result.startedAt);
      if (result.status === "succeeded")
        return [["success", `${stepKey} succeeded in ${tookMs} ms`]];
      if (result.failure.kind === "cancelled") return [["warning", `${stepKey} cancelled`]];
      return [["error", `${stepKey} failed: ${describeFailure(result.failure)}`]];
    }
    case "result-reused":
      return [["success", `${event.stepKey} cached from ${attemptText(event.from)}`]];
    case "reuse-declined":
      return [["info", `${event.stepKey}: nothing cached: ${event.reason}`]];
    case "result-ignored":
      return [["warning", `a ${event.reason} result of ${event.taskId} was ignored`]];
    case "retry-due":
      return [];
    case "timeout-reached": {
      const cancelled = run.state.steps[event.stepKey]?.progress.status === "cancelled";
      const what = cancelled ? "did not stop in time" : "took too long";
      return [["warning", `${event.stepKey} ${what} (attempt ${event.attempt})`]];
    }
    case "rerun-requested":
      return [["info", `rerun from ${event.stepKey} requested`]];
    case "plan-applied":
      return [["info", planWords(event.wish)]];
    case "cancel-requested":
      return [["warning", "cancel requested"]];
    case "pause-requested":
      return [["info", "paused: nothing new is dispatched"]];
    case "resume-requested":
      return [["info", "resumed"]];
    case "verdict-given":
      return [["info", verdictWords(event.stepKey, event.verdict)]];
    case "command-refused":
      return [["error", `refused: ${describeFailure(event.reason)}`]];
  }
}

function planWords(wish: SameRunWish): string {
  switch (wish.kind) {
    case "from":
      return `rerun from ${wish.stepKey} requested`;
    case "only":
      return `rerun of ${wish.stepKey} alone requested`;
    case "failed":
      return "rerun of what had failed requested";
    case "stale":
      return "bringing what is stale up to date requested";
  }
}

function verdictWords(stepKey: string, verdict: Verdict): string {
  switch (verdict.kind) {
    case "approve":
      return `${stepKey} approved`;
    case "reject":
      return `${stepKey} rejected: ${verdict.reason}`;
    case "push-back":
      return `${stepKey} pushed back to ${verdict.to}: ${verdict.feedback}`;
  }
}

/** A failure as one sentence: kind, message, what to do. */
export function describeFailure(failure: Failure): string {
  const next = failure.nextStep === undefined ? "" : ` — ${failure.nextStep}`;
  return `${failure.message} (${failure.kind})${next}`;
}
