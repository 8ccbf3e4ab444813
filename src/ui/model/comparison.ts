/** What can be compared on the screen with what, and what comes of it. Pure. */
import type { JsonValue } from "../../base/json-value.ts";
import type { ConsoleState, RunView } from "../../console/console-state.ts";
import type { RunDifference } from "../../console/run-differences.ts";
import { compareAttempts, compareRuns } from "../../console/run-differences.ts";
import type { RunState, StepState } from "../../orchestrator/state.ts";
import { FRESH_STEP, lastAttempt } from "../../orchestrator/state.ts";
import type { ChartSeries, VizOutput } from "../../protocol/agent-data.ts";
import { vizOutputSchema } from "../../protocol/agent-data.ts";
import type { Comparison, Screen } from "./screen.ts";
import { selectedRun, selectedStep } from "./selection.ts";

/**
 * What the selection can be compared with, the most natural first: the marked run, the step's
 * attempt before (not in the list of runs), the run it was forked from, the run before of the flow.
 */
export function comparisonsFor(screen: Screen, state: ConsoleState): readonly Comparison[] {
  const run = selectedRun(screen, state);
  if (run === undefined) return [];
  const { flowName, forkedFrom } = run.state.origin.spec;
  const older = state.runs.slice(state.runs.indexOf(run) + 1);
  const before = older.find((one) => one.state.origin.spec.flowName === flowName);
  const others = [screen.markedRun, forkedFrom, before?.runId].filter(
    (id) => id != null && id !== run.runId && state.runs.some(({ runId }) => runId === id),
  );
  const runs = [...new Set(others)].flatMap((left): readonly Comparison[] =>
    left == null ? [] : [{ kind: "runs", left, right: run.runId }],
  );
  const attempts = screen.focus === "runs" ? [] : attemptsOf(screen, state);
  const marked = runs.filter((one) => one.kind === "runs" && one.left === screen.markedRun);
  return [...marked, ...attempts, ...runs.filter((one) => !marked.includes(one))];
}

/** The last two attempts of the selected step. */
function attemptsOf(screen: Screen, state: ConsoleState): readonly Comparison[] {
  const selected = selectedStep(screen, state);
  const [left, right] = (selected?.step.attempts ?? []).slice(-2).map(({ attempt }) => attempt);
  if (selected === undefined || left === undefined || right === undefined) return [];
  const { run, key: stepKey } = selected;
  return [{ kind: "attempts", runId: run.runId, stepKey, left, right }];
}

/** A comparison carried out. */
export interface Compared {
  readonly left: RunView;
  readonly right: RunView;
  readonly difference: RunDifference;
  /** The charts of both sides; undefined where there is none. */
  readonly charts: readonly [VizOutput | undefined, VizOutput | undefined];
}

/** What comes of a comparison; undefined when one of the two is gone. */
export function comparedBy(
  comparison: Comparison,
  { runs }: Pick<ConsoleState, "runs">,
): Compared | undefined {
  const [leftId, rightId] =
    comparison.kind === "runs"
      ? [comparison.left, comparison.right]
      : [comparison.runId, comparison.runId];
  const left = runs.find(({ runId }) => runId === leftId);
  const right = runs.find(({ runId }) => runId === rightId);
  if (left === undefined || right === undefined) return undefined;
  if (comparison.kind === "runs") {
    const charts = [chartOfRun(left.state), chartOfRun(right.state)] as const;
    return { left, right, difference: differenceOf(left.state, right.state), charts };
  }
  const { stepKey } = comparison;
  const step = left.state.steps[stepKey] ?? FRESH_STEP;
  const steps = [compareAttempts(stepKey, step, [comparison.left, comparison.right])];
  const charts = [
    chartOfAttempt(step, comparison.left),
    chartOfAttempt(step, comparison.right),
  ] as const;
  return { left, right, difference: { sameFlow: true, parameters: [], steps }, charts };
}

const differences = new WeakMap<RunState, WeakMap<RunState, RunDifference>>();

/** Compared once per pair of states: the screen asks again with every key. */
function differenceOf(left: RunState, right: RunState): RunDifference {
  const known = differences.get(left) ?? new WeakMap<RunState, RunDifference>();
  differences.set(left, known);
  const before = known.get(right);
  if (before !== undefined) return before;
  const difference = compareRuns(left, right);
  known.set(right, difference);
  return difference;
}

function chartOfRun(state: RunState): VizOutput | undefined {
  for (const step of Object.values(state.steps)) {
    const chart = chartIn(lastAttempt(step)?.result);
    if (chart !== undefined) return chart;
  }
  return undefined;
}

function chartOfAttempt({ attempts }: StepState, number: number): VizOutput | undefined {
  return chartIn(attempts.find(({ attempt }) => attempt === number)?.result);
}

const charts = new WeakMap<object, VizOutput | null>();

/** The chart in a result; each output is looked at once. */
function chartIn(result: StepState["attempts"][number]["result"] | undefined) {
  if (result?.status !== "succeeded") return undefined;
  const output: JsonValue = result.output;
  if (output === null || typeof output !== "object") return undefined;
  const known = charts.get(output);
  if (known !== undefined) return known ?? undefined;
  const parsed = vizOutputSchema.safeParse(output);
  charts.set(output, parsed.success ? parsed.data : null);
  return parsed.success ? parsed.data : undefined;
}

/** The names of all lines of both charts, in the order of the left one. */
export function overlayNames([left, right]: Compared["charts"]): readonly string[] {
  return [...new Set([...(left?.series ?? []), ...(right?.series ?? [])].map(({ name }) => name))];
}

/** The lines of both charts of the given names in one chart, side by side: `infectious A`, `… B`. */
export function overlaid(
  [left, right]: Compared["charts"],
  names: readonly string[],
): readonly ChartSeries[] {
  const lineOf = (
    chart: VizOutput | undefined,
    name: string,
    side: string,
  ): readonly ChartSeries[] =>
    (chart?.series ?? [])
      .filter((one) => one.name === name)
      .map((one) => ({ ...one, name: `${name} ${side}` }));
  return names.flatMap((name) => [...lineOf(left, name, "A"), ...lineOf(right, name, "B")]);
}
