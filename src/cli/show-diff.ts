/** `diff`: two runs, or two attempts of a step, side by side. */
import { OperatorError } from "../base/operator-error.ts";
import type { RunView } from "../console/console-state.ts";
import type { Regression, RunDifference } from "../console/run-differences.ts";
import {
  compareAttempts,
  compareRuns,
  placeIn,
  regressionsIn,
} from "../console/run-differences.ts";
import { FRESH_STEP } from "../orchestrator/state.ts";
import type { StepKey } from "../protocol/ids.ts";
import type { DiffFlags } from "./diff-flags.ts";
import { diffLines, regressionLine } from "./diff-text.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { stepOf } from "./rerun-wish.ts";
import { readRun } from "./show-run.ts";
import type { VerbContext } from "./verb.ts";

/** Prints how two runs or attempts differ; resolves with the exit code. */
export async function showDiff(context: VerbContext<DiffFlags>): Promise<number> {
  const { flags, output } = context;
  if (flags.value.length > 0 && flags.failOver === undefined) {
    throw usage("--value says what counts for --fail-over", "give both, or neither");
  }
  const sides = await sidesOf(context);
  const compared = compare(sides);
  const verdict = judge(compared, flags);
  const json = diffJson(sides, compared, verdict);
  if (flags.output === "text")
    for (const line of textOf(sides, compared, verdict)) output.out(line);
  else if (flags.output === "json") output.out(JSON.stringify(json, null, 2));
  else output.out(JSON.stringify({ type: "diff", ...json }));
  return verdict.regressions.length === 0 ? EXIT_CODES.succeeded : EXIT_CODES["run-failed"];
}

/** What a comparison amounts to. */
interface DiffVerdict {
  readonly same: boolean;
  readonly failOver: number | null;
  readonly regressions: readonly Regression[];
}

function judge(compared: RunDifference, { failOver, value }: DiffFlags): DiffVerdict {
  const { sameFlow, parameters, steps } = compared;
  return {
    same: sameFlow && parameters.length === 0 && steps.every((step) => step.same),
    failOver: failOver ?? null,
    regressions:
      failOver === undefined
        ? []
        : regressionsIn(steps, failOver / 100, countedBy(value, compared)),
  };
}

function textOf(
  sides: Sides,
  compared: RunDifference,
  { same, regressions }: DiffVerdict,
): readonly string[] {
  const title = `${titleOf(sides, 0)} → ${titleOf(sides, 1)}${same ? "  the same" : ""}`;
  return [title, ...diffLines(compared), ...regressions.map(regressionLine)];
}

/** What is compared: two runs, or with `attempts` two attempts of a step of one. */
interface Sides {
  readonly runs: readonly [left: RunView, right: RunView];
  readonly step: StepKey | undefined;
  readonly attempts: readonly [left: number, right: number] | undefined;
}

async function sidesOf({
  config,
  flags,
  operands,
  output,
}: VerbContext<DiffFlags>): Promise<Sides> {
  const [first = "", second] = operands;
  const run = await readRun(config, first, output);
  const { attempts } = flags;
  if (attempts !== undefined && (second !== undefined || flags.step === undefined)) {
    throw usage("--attempts are those of one step of one run", "give one RUN and --step STEP");
  }
  const step = flags.step === undefined ? undefined : stepOf(run.state, flags.step);
  if (second !== undefined) {
    return { runs: [run, await readRun(config, second, output)], step, attempts: undefined };
  }
  const wanted = attempts ?? lastTwo(run, step);
  if (step !== undefined && wanted !== undefined) {
    for (const number of wanted) requireAttempt(run, step, number);
    return { runs: [run, run], step, attempts: wanted };
  }
  const { forkedFrom } = run.state.origin.spec;
  if (forkedFrom === undefined) {
    throw usage(
      `run ${run.runId} was not forked from another`,
      "name a second run, or a step that was done twice with --step",
    );
  }
  return { runs: [await readRun(config, forkedFrom, output), run], step, attempts: undefined };
}

function lastTwo({ state }: RunView, step: StepKey | undefined): Sides["attempts"] {
  const numbers = step === undefined ? [] : (state.steps[step]?.attempts ?? []);
  const [before, last] = numbers.slice(-2).map(({ attempt }) => attempt);
  return before === undefined || last === undefined ? undefined : [before, last];
}

function requireAttempt({ state }: RunView, step: StepKey, number: number): void {
  const made = (state.steps[step]?.attempts ?? []).map(({ attempt }) => attempt);
  if (made.includes(number)) return;
  const known = made.length === 0 ? "none was made" : `there are ${made.join(", ")}`;
  throw usage(`${step} has no attempt ${number}`, known);
}

function compare({ runs: [left, right], step, attempts }: Sides): RunDifference {
  if (step === undefined || attempts === undefined) {
    return compareRuns(left.state, right.state, step);
  }
  const state = left.state.steps[step] ?? FRESH_STEP;
  return { sameFlow: true, parameters: [], steps: [compareAttempts(step, state, attempts)] };
}

/**
 * Which numbers count for a regression.
 * @throws OperatorError `usage` for a pattern that no number of either side has.
 */
function countedBy(
  patterns: readonly string[],
  { steps }: RunDifference,
): (path: string) => boolean {
  if (patterns.length === 0) return () => true;
  const places = steps.flatMap(({ step, numbers }) => numbers.map((path) => placeIn(step, path)));
  const tests = patterns.map((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const test = new RegExp(`^${parts.join(".*")}$`);
    if (places.some((place) => test.test(place))) return test;
    throw usage(
      `no output has a number ${pattern}`,
      places.length === 0 ? "there are no numbers to compare" : `there is ${places[0]}, for one`,
    );
  });
  return (path) => tests.some((test) => test.test(path));
}

function titleOf({ runs, step, attempts }: Sides, side: 0 | 1): string {
  const { runId, state } = runs[side];
  return attempts === undefined
    ? `run ${runId} ${state.status}`
    : `run ${runId} ${step} attempt ${attempts[side]}`;
}

function diffJson(
  { runs, attempts }: Sides,
  { sameFlow, parameters, steps }: RunDifference,
  { same, failOver, regressions }: DiffVerdict,
): object {
  const side = (at: 0 | 1): object => {
    const { runId, state } = runs[at];
    const { flowName, forkedFrom = null } = state.origin.spec;
    const attempt = attempts === undefined ? null : attempts[at];
    return { run: runId, flow: flowName, status: state.status, forkedFrom, attempt };
  };
  return {
    version: 1,
    left: side(0),
    right: side(1),
    same,
    sameFlow,
    parameters,
    steps: steps.map(({ numbers: _, ...step }) => step),
    failOver,
    regressions,
  };
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
