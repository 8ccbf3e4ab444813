/** Which chart suits the data: a pure choice, with the reason to tell the reader. */
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { ChartKind } from "../../protocol/agent-data.ts";
import type { Failure } from "../../protocol/failure.ts";

/** How the rows of a table follow each other. */
export type RowOrder =
  /** One row for each moment, in order. */
  | "course"
  /** Moments come again, as in a table of many runs. */
  | "many"
  /** All rows belong to one moment, or there is only one. */
  | "moment";

/** One variable as far as the choice depends on it. */
export interface ChartSubject {
  readonly unit: string;
  readonly minimum: number;
  readonly maximum: number;
  /** How often its course turns from rising to falling or back. */
  readonly turns: number;
}

/** All that the choice depends on. */
export interface ChartFacts {
  readonly wish: ChartKind | undefined;
  readonly order: RowOrder;
  readonly subjects: readonly ChartSubject[];
  /** Whether the variables were asked for by name. */
  readonly named: boolean;
  readonly hasBands: boolean;
  readonly hasSensitivity: boolean;
  readonly isCompared: boolean;
}

/** A kind and why it was chosen. */
export interface ChartChoice {
  readonly kind: ChartKind;
  readonly reason: string;
}

/** Variables of one unit whose heights differ by more than this cannot share an axis. */
const WIDE = 25;
/** More panels above each other than this are too flat: they are put side by side. */
const MOST_STACKED = 3;
/** A course that turns so often goes round in its phase plane. */
const TURNS_OF_A_CYCLE = 6;
const MOST_HISTOGRAMS = 4;

/** The chart to draw, or why the one that was asked for cannot be drawn. */
export function chooseChart(facts: ChartFacts): Result<ChartChoice, Failure> {
  const { wish } = facts;
  if (wish === undefined) return ok(choiceFor(facts));
  const problem = problemOf(wish, facts);
  return problem === undefined
    ? ok({ kind: wish, reason: "it was asked for" })
    : err({ kind: "invalid-input", ...problem });
}

function choiceFor(facts: ChartFacts): ChartChoice {
  const { isCompared } = facts;
  return (
    (isCompared ? undefined : (ensembleChoice(facts) ?? planeChoice(facts))) ?? overTime(facts)
  );
}

function ensembleChoice({ hasBands, hasSensitivity, named }: ChartFacts): ChartChoice | undefined {
  if (hasBands) return { kind: "band", reason: "there are quantiles of many runs" };
  if (!hasSensitivity || named) return undefined;
  return { kind: "tornado", reason: "there are rank correlations of parameters" };
}

function planeChoice({ order, subjects, named }: ChartFacts): ChartChoice | undefined {
  if (order !== "course") {
    const rows = order === "many" ? "moments come again in its rows" : "it is of one moment";
    return subjects.length === 2
      ? { kind: "scatter", reason: `${rows}, and two variables are drawn` }
      : { kind: "histogram", reason: rows };
  }
  if (!named || !isCycle(subjects)) return undefined;
  return { kind: "phase", reason: "two variables were named and both go round" };
}

function overTime({ subjects }: ChartFacts): ChartChoice {
  if (new Set(subjects.map(({ unit }) => unit)).size > MOST_STACKED) {
    return { kind: "small-multiples", reason: "the variables have many units" };
  }
  if (differWidely(subjects)) {
    return { kind: "small-multiples", reason: "the variables differ widely in size" };
  }
  return { kind: "line", reason: "the variables change over time" };
}

function isCycle(subjects: readonly ChartSubject[]): boolean {
  return subjects.length === 2 && subjects.every(({ turns }) => turns >= TURNS_OF_A_CYCLE);
}

/** Whether some variable would be flat beside another of its unit. */
function differWidely(subjects: readonly ChartSubject[]): boolean {
  const units = new Map<string, number[]>();
  for (const { unit, minimum, maximum } of subjects) {
    const height = Math.max(Math.abs(minimum), Math.abs(maximum));
    if (height > 0) units.set(unit, [...(units.get(unit) ?? []), height]);
  }
  return [...units.values()].some((heights) => Math.max(...heights) > WIDE * Math.min(...heights));
}

type Problem = Pick<Failure, "message" | "nextStep">;

function problemOf(wish: ChartKind, facts: ChartFacts): Problem | undefined {
  const isOverTime = wish === "line" || wish === "small-multiples";
  if (facts.isCompared && !isOverTime) {
    return {
      message: `Two runs are drawn over each other as lines, not as a chart of kind ${wish}.`,
      nextStep: "Leave `compareWith` or `chart` out.",
    };
  }
  return ensembleProblem(wish, facts) ?? countProblem(wish, facts.subjects.length);
}

function ensembleProblem(wish: ChartKind, facts: ChartFacts): Problem | undefined {
  if (wish === "band" && !facts.hasBands) {
    return {
      message: "A band chart needs a table of quantiles; a single run has none.",
      nextStep: "Simulate an ensemble and give its `bands`, or leave `chart` out.",
    };
  }
  if (wish !== "tornado" || facts.hasSensitivity) return undefined;
  return {
    message: "A tornado chart needs a table of rank correlations; a single run has none.",
    nextStep: "Simulate an ensemble and give its `sensitivity`, or leave `chart` out.",
  };
}

function countProblem(wish: ChartKind, count: number): Problem | undefined {
  if ((wish === "phase" || wish === "scatter") && count !== 2) {
    const drawn = wish === "phase" ? "phase plot" : "scatter chart";
    return {
      message: `A ${drawn} draws one variable over another; ${count} would be drawn.`,
      nextStep: "Name two: variables: [first, second].",
    };
  }
  if (wish !== "histogram" || count <= MOST_HISTOGRAMS) return undefined;
  return {
    message: `Histograms are drawn of at most ${MOST_HISTOGRAMS} variables; ${count} would be.`,
    nextStep: "Name the variables to draw.",
  };
}

/** How often a course turns; wiggles below a hundredth of its height do not count. */
export function turnsOf(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  const highest = finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const lowest = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const noise = (highest - lowest) / 100;
  let [extreme = 0] = finite;
  let direction = 0;
  let turns = -1;
  for (const value of finite) {
    const change = value - extreme;
    const isAhead = change * direction > 0;
    if (!isAhead && Math.abs(change) <= noise) continue;
    turns += isAhead ? 0 : 1;
    direction = Math.sign(change);
    extreme = value;
  }
  return Math.max(0, turns);
}
