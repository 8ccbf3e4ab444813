/** What is selected: the operator's choice, or the obvious one. */
import type {
  ConsoleState,
  EventLine,
  RunView,
  SessionSummary,
  TopicMessage,
  TopicView,
  WorkerView,
} from "../../console/console-state.ts";
import type { Ring } from "../../console/ring.ts";
import type { Step } from "../../orchestrator/flow.ts";
import { instanceOf, instancesOf } from "../../orchestrator/instances.ts";
import type { StepState } from "../../orchestrator/state.ts";
import { hasEnded, isActive, lastAttempt, outputOf } from "../../orchestrator/state.ts";
import { stateOf } from "../../orchestrator/step-access.ts";
import { simulationOutputSchema, vizOutputSchema } from "../../protocol/agent-data.ts";
import type { Artifact } from "../../protocol/artifact.ts";
import type { StepKey } from "../../protocol/ids.ts";
import { stepKeyOf, stepKeySchema } from "../../protocol/ids.ts";
import { layersOf } from "./graph-layers.ts";
import type { LogSource } from "./log-view.ts";
import type { DetailTab, Screen } from "./screen.ts";
import { DETAIL_TABS } from "./screen.ts";
import { textFilter } from "./text-filter.ts";

/** A step of the selected run. */
export interface SelectedStep {
  readonly run: RunView;
  readonly key: StepKey;
  readonly definition: Step;
  readonly step: StepState;
}

/** The selected run: the chosen one, else the newest. */
export function selectedRun(screen: Screen, state: ConsoleState): RunView | undefined {
  return state.runs.find((run) => run.runId === screen.runId) ?? state.runs[0];
}

/** The selected step, or instance of a fan-out: the chosen one, else the flow's first step. */
export function selectedStep(screen: Screen, state: ConsoleState): SelectedStep | undefined {
  const run = selectedRun(screen, state);
  if (run === undefined) return undefined;
  const steps = run.state.origin.flow.steps;
  const chosen = screen.stepKey ?? "";
  const parent = instanceOf(chosen)?.parent;
  const definition = steps.find((step) => String(step.id) === (parent ?? chosen)) ?? steps[0];
  if (definition === undefined) return undefined;
  const isInstance =
    parent === stepKeyOf(definition.id) && stateOf(run.state, chosen) !== undefined;
  const key = isInstance ? stepKeySchema.parse(chosen) : stepKeyOf(definition.id);
  const step = run.state.steps[key];
  return step === undefined ? undefined : { run, key, definition, step };
}

/** The step next to the selected one: `stages` columns and `rows` rows away. */
export function neighbourStep(
  screen: Screen,
  state: ConsoleState,
  move: { readonly stages: number; readonly rows: number },
): StepKey | undefined {
  const selected = selectedStep(screen, state);
  if (selected === undefined) return undefined;
  const instance = instanceOf(selected.key);
  if (instance !== undefined) return neighbourInstance(selected.run, instance, move);
  const stages = layersOf(selected.run.state.origin.flow.steps).map((slots) =>
    slots.flatMap((slot) => (slot.kind === "step" ? [slot.step] : [])),
  );
  const stage = stages.findIndex((steps) => steps.includes(selected.definition));
  const row = stages[stage]?.indexOf(selected.definition) ?? 0;
  const next = stages[clamp(stage + move.stages, stages.length)];
  const step = next?.[clamp(row + move.rows, next.length)];
  return step === undefined ? undefined : stepKeySchema.parse(step.id);
}

/** Among the instances of a fan-out; to the left of them is the step they are of. */
function neighbourInstance(
  { state }: RunView,
  { parent, index }: { readonly parent: StepKey; readonly index: number },
  move: { readonly stages: number; readonly rows: number },
): StepKey | undefined {
  if (move.stages < 0) return parent;
  const keys = instancesOf(state, parent);
  return keys[clamp(index + move.rows, keys.length)];
}

/**
 * The instance to look at first when the selected step is a fan-out: one that failed, else one at
 * work, else the first; undefined for other steps.
 */
export function instanceToOpen(screen: Screen, state: ConsoleState): StepKey | undefined {
  const selected = selectedStep(screen, state);
  if (selected?.definition.foreach === undefined || instanceOf(selected.key) !== undefined) {
    return undefined;
  }
  const { run, key } = selected;
  const keys = instancesOf(run.state, key);
  const first = (matches: (step: StepState) => boolean): StepKey | undefined =>
    keys.find((one) => {
      const step = run.state.steps[one];
      return step !== undefined && matches(step);
    });
  return (
    first(({ progress }) => progress.status === "failed") ??
    first(({ progress }) => isActive(progress)) ??
    keys[0]
  );
}

/** A whole number brought into 0 … length − 1. */
export function clamp(value: number, length: number): number {
  return Math.max(0, Math.min(value, length - 1));
}

/** The selected worker. */
export function selectedWorker(screen: Screen, state: ConsoleState): WorkerView | undefined {
  return state.workers.find((worker) => worker.slot === screen.slot) ?? state.workers[0];
}

/** The selected topic. */
export function selectedTopic(screen: Screen, state: ConsoleState): TopicView | undefined {
  return state.topics.find((topic) => topic.topic === screen.topic) ?? state.topics[0];
}

/** The selected session of the list: the chosen one, else the open one. */
export function selectedSession(screen: Screen, state: ConsoleState): SessionSummary | undefined {
  return (
    state.sessions.find((session) => session.sessionId === screen.sessionId) ??
    state.sessions.find((session) => session.sessionId === state.session?.sessionId) ??
    state.sessions[0]
  );
}

/** The step that waits for a person: the selected one, else the run's first. */
export function stepToApprove(screen: Screen, state: ConsoleState): StepKey | undefined {
  const selected = selectedStep(screen, state);
  if (selected?.step.progress.status === "awaiting-approval") return selected.key;
  const found = Object.entries(selected?.run.state.steps ?? {}).find(
    ([, step]) => step.progress.status === "awaiting-approval",
  );
  return found === undefined ? undefined : stepKeySchema.parse(found[0]);
}

/** How many runs are under way. */
export function activeRuns(state: ConsoleState): number {
  return state.runs.filter((run) => !hasEnded(run.state.status)).length;
}

/** The tab that can be shown: a step without a chart falls back to its output. */
export function shownTab(screen: Screen): DetailTab {
  return DETAIL_TABS.includes(screen.detailTab) ? screen.detailTab : "output";
}

/** The artifact `O` opens: a chart's picture, or a simulation's table. */
export function artifactOf(step: StepState): Artifact | undefined {
  const output = outputOf(step);
  if (output === undefined) return undefined;
  const chart = vizOutputSchema.safeParse(output);
  if (chart.success) return chart.data.png;
  const simulation = simulationOutputSchema.safeParse(output);
  return simulation.success ? simulation.data.data : undefined;
}

/** What the last attempt of a step ended with, as text to copy. */
export function stepText(step: StepState): string {
  const result = lastAttempt(step)?.result;
  if (result === undefined || result === null) return "";
  return JSON.stringify(result.status === "succeeded" ? result.output : result.failure, null, 2);
}

/** The events, filtered. */
export function eventSource(screen: Screen, events: Ring<EventLine>): LogSource<EventLine> {
  const { problem, passes } = textFilter(screen.events.filter);
  const matches = (line: EventLine): boolean => passes(line, () => `${line.source} ${line.text}`);
  return { ring: events, problem, matches };
}

/** The messages of the open topic, filtered. */
export function messageSource(
  screen: Screen,
  messages: Ring<TopicMessage>,
): LogSource<TopicMessage> {
  const { problem, passes } = textFilter(screen.messages.filter);
  return {
    ring: messages,
    problem,
    matches: (message) => message.topic === screen.openTopic && passes(message, () => message.text),
  };
}
