/**
 * From a question to what it wants of an ensemble of runs.
 *
 * P1 No guess: a word that has no place here makes it another kind of question, and a quantile
 *    without a moment is an abstention.
 */
import { formatNumber, quoted } from "../format-number.ts";
import { matchSubject } from "../match-subject.ts";
import type { Subject } from "../table.ts";
import { calendarUnitOf } from "../time-unit.ts";
import type { Token } from "../tokenize.ts";
import { tokenize } from "../tokenize.ts";
import type { Measure, Statistic } from "./vocabulary.ts";
import { vocabularyOf } from "./vocabulary.ts";

/** A question about an ensemble. */
export type EnsembleIntent =
  | { readonly type: "runs" }
  | {
      readonly type: "influence";
      readonly variable: Subject | null;
      readonly parameter: string | null;
      readonly measure: Measure | null;
    }
  | {
      readonly type: "statistic";
      readonly statistic: Statistic;
      readonly variable: Subject;
      readonly at: Measure | { readonly time: number };
    };

/** What was understood; `other` is a question about a single run, or none at all. */
export type EnsembleReading =
  | { readonly status: "understood"; readonly intent: EnsembleIntent }
  | { readonly status: "abstained"; readonly reason: string }
  | { readonly status: "other" };

/** What can be asked about. */
export interface EnsembleSubjects {
  /** The variables the ensemble has kept. */
  readonly variables: readonly Subject[];
  /** The parameters that vary, by their names. */
  readonly parameters: readonly string[];
  readonly timeUnit: string;
  readonly startTime: number;
  readonly stopTime: number;
}

const OTHER: EnsembleReading = { status: "other" };

/** Reads a question; what is not about an ensemble is `other`. */
export function readEnsembleQuestion(question: string, about: EnsembleSubjects): EnsembleReading {
  const found = findPieces(tokenize(question), about);
  if (found === undefined || found.variables.size > 1 || found.parameters.size > 1) return OTHER;
  const [variable = null] = found.variables;
  const [parameter = null] = found.parameters;
  const [measure = null] = found.measures;
  if (found.measures.size > 1 || found.statistics.size > 1) return OTHER;
  if (found.signs.has("influence")) {
    return asksInfluence(found)
      ? understood({ type: "influence", variable, parameter, measure })
      : OTHER;
  }
  if (found.unheld !== undefined) return { status: "abstained", reason: found.unheld };
  const [statistic] = found.statistics;
  if (statistic !== undefined) return statisticOf({ statistic, variable, measure }, found, about);
  const isCount = found.signs.has("many") && found.signs.has("runs");
  return isCount && variable === null && parameter === null ? understood({ type: "runs" }) : OTHER;
}

/** Of one parameter, or which is the strongest. */
function asksInfluence({ signs, parameters, statistics, time }: Pieces): boolean {
  const isAsked = parameters.size > 0 || signs.has("most") || signs.has("parameter");
  return isAsked && statistics.size === 0 && time === undefined;
}

function understood(intent: EnsembleIntent): EnsembleReading {
  return { status: "understood", intent };
}

function statisticOf(
  asked: {
    readonly statistic: Statistic;
    readonly variable: Subject | null;
    readonly measure: Measure | null;
  },
  { time, signs, parameters }: Pieces,
  { startTime, stopTime, timeUnit, variables }: EnsembleSubjects,
): EnsembleReading {
  const { statistic, variable, measure } = asked;
  // Without a word of the runs, a mean is that of one course over time.
  if (statistic === "mean" && !signs.has("runs")) return OTHER;
  if (parameters.size > 0) return OTHER;
  if (variable === null) {
    const names = variables.slice(0, 4).map(({ label }) => quoted(label));
    return { status: "abstained", reason: `Name a variable: ${names.join(", ")}.` };
  }
  if (time !== undefined && measure !== null) return OTHER;
  if (time !== undefined && (time < startTime || time > stopTime)) {
    const span = `${formatNumber(startTime)} to ${formatNumber(stopTime)}`;
    return { status: "abstained", reason: `The runs go from ${span} only.` };
  }
  const at = time === undefined ? measure : { time };
  if (at === null) {
    const unit = calendarUnitOf(timeUnit) ?? "time";
    const middle = formatNumber((startTime + stopTime) / 2);
    const reason = `Say when: “at its peak”, “at the end”, or “at ${unit} ${middle}”.`;
    return { status: "abstained", reason };
  }
  return understood({ type: "statistic", statistic, variable, at });
}

/** What the words of a question are. */
interface Pieces {
  readonly variables: Set<Subject>;
  readonly parameters: Set<string>;
  readonly measures: Set<Measure>;
  readonly statistics: Set<Statistic>;
  readonly signs: Set<string>;
  time: number | undefined;
  /** Why a quantile that is asked for cannot be told. */
  unheld: string | undefined;
}

/** P1: undefined when a word has no place. */
function findPieces(tokens: readonly Token[], about: EnsembleSubjects): Pieces | undefined {
  const pieces: Pieces = {
    variables: new Set(),
    parameters: new Set(),
    measures: new Set(),
    statistics: new Set(),
    signs: new Set(),
    time: undefined,
    unheld: undefined,
  };
  for (let at = 0; at < tokens.length; ) {
    const taken = takeName(tokens, at, about, pieces) || takeWord(tokens, at, about, pieces);
    if (taken === 0) return undefined;
    at += taken;
  }
  return pieces;
}

function takeName(
  tokens: readonly Token[],
  at: number,
  { variables, parameters }: EnsembleSubjects,
  pieces: Pieces,
): number {
  const words: string[] = [];
  for (const token of tokens.slice(at)) {
    if (token.type !== "word") break;
    words.push(token.text);
  }
  const named = parameters.map((name) => parameterSubject(name));
  const match = matchSubject(words, [...variables, ...named]);
  if (match?.type !== "one") return 0;
  const { subject, length } = match;
  if (subject.kind === "parameter") pieces.parameters.add(subject.name);
  else pieces.variables.add(subject);
  return length;
}

function parameterSubject(name: string): Subject {
  return { name, label: name.replaceAll("_", " "), kind: "parameter", unit: null, constant: null };
}

function takeWord(
  tokens: readonly Token[],
  at: number,
  { timeUnit }: EnsembleSubjects,
  pieces: Pieces,
): number {
  const vocabulary = vocabularyOf(tokens.slice(at), calendarUnitOf(timeUnit) ?? "time");
  if (vocabulary === undefined) return 0;
  const { length, meaning } = vocabulary;
  switch (meaning.type) {
    case "filler":
      break;
    case "sign":
      pieces.signs.add(meaning.sign);
      break;
    case "measure":
      pieces.measures.add(meaning.measure);
      break;
    case "statistic":
      pieces.statistics.add(meaning.statistic);
      break;
    case "time":
      if (pieces.time !== undefined) return 0;
      pieces.time = meaning.time;
      break;
    case "unheld":
      pieces.unheld = meaning.reason;
      break;
  }
  return length;
}
