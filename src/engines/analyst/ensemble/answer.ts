/** Answers questions about an ensemble of runs from what it holds. */
import { ok, type Result } from "../../../base/result.ts";
import type { EnsembleOutput, RankCorrelation, Spread } from "../../../protocol/ensemble-data.ts";
import { identifier } from "../../sql-text.ts";
import type { Answer, RunQuery } from "../analyst.ts";
import { formatNumber, quoted } from "../format-number.ts";
import type { Row } from "../phrase-parts.ts";
import { amount, moment, numberIn } from "../phrase-parts.ts";
import type { AnalystTable } from "../table.ts";
import { TABLE_NAME, TIME_COLUMN } from "../table.ts";
import type { EnsembleIntent, EnsembleReading } from "./read-question.ts";
import { readEnsembleQuestion } from "./read-question.ts";
import type { Measure, Statistic } from "./vocabulary.ts";

/** What an ensemble came to, without where its tables lie. */
export type EnsembleSummary = Omit<EnsembleOutput, "rows" | "bands" | "sensitivity">;

/**
 * Answers a question about an ensemble; undefined when it is not about one. `runQuery` asks the
 * table of bands.
 */
export async function answerAboutEnsemble<Problem>(
  question: string,
  { ensemble, table }: { readonly ensemble: EnsembleSummary; readonly table: AnalystTable },
  runQuery: RunQuery<Problem>,
): Promise<Result<Answer, Problem> | undefined> {
  const reading = read(question, ensemble, table);
  if (reading.status === "other") return undefined;
  if (reading.status === "abstained") return ok(abstention(reading.reason));
  const { intent } = reading;
  switch (intent.type) {
    case "runs":
      return ok(runsAnswer(ensemble));
    case "influence":
      return ok(influenceAnswer(intent, ensemble, table));
    case "statistic": {
      if (typeof intent.at === "string") {
        return ok(spreadAnswer(intent, intent.at, ensemble));
      }
      const sql = bandSql(intent.variable.name, intent.at.time);
      const row = await runQuery(sql);
      return row.ok ? ok(bandAnswer(intent, row.value, { ensemble, table, sql })) : row;
    }
  }
}

function read(
  question: string,
  { spreads, parameters }: EnsembleSummary,
  table: AnalystTable,
): EnsembleReading {
  const kept = new Set(spreads.map(({ variable }) => variable));
  return readEnsembleQuestion(question, {
    variables: table.subjects.filter(({ name }) => kept.has(name)),
    parameters: parameters.map(({ name }) => name),
    timeUnit: table.timeUnit,
    startTime: table.startTime,
    stopTime: table.stopTime,
  });
}

function abstention(reason: string): Answer {
  return { status: "abstained", answer: `I can't answer that. ${reason}`, reason };
}

function runsAnswer({ runs, runsDone, stopReason, sampling, seed }: EnsembleSummary): Answer {
  const early = stopReason === undefined ? "" : ` It ended early: ${stopReason}.`;
  return {
    status: "answered",
    answer: `The ensemble has ${formatNumber(runsDone)} runs of ${formatNumber(runs)}.${early}`,
    value: runsDone,
    unit: null,
    how: `Counted; drawn by ${sampling} with seed ${seed}.`,
    sql: null,
  };
}

type Influence = Extract<EnsembleIntent, { type: "influence" }>;

/** Parameters named in an answer. */
const NAMED = 4;

function influenceAnswer(
  { variable, parameter, measure }: Influence,
  { correlations, runsDone }: EnsembleSummary,
  table: AnalystTable,
): Answer {
  const about = correlations.filter(
    (one) =>
      (variable === null || one.variable === variable.name) &&
      (parameter === null || one.parameter === parameter) &&
      (measure === null || one.measure === measure),
  );
  const ranked = strengths(about);
  const [first] = ranked;
  if (first === undefined) {
    return abstention("Nothing that varies was seen to move that, or it does not change.");
  }
  const labels = new Map(table.subjects.map(({ name, label }) => [name, label]));
  const what = subjectOf(variable?.label ?? null, measure);
  const told = ranked.slice(0, NAMED).map((one) => `${nameOf(one, labels)} ${signed(one)}`);
  const isClear = first.strength > clearFrom(runsDone);
  const sentence =
    parameter !== null
      ? `${quoted(labels.get(parameter) ?? parameter)} moves ${what} with a rank correlation of ${signed(first)}.`
      : isClear
        ? `${quoted(labels.get(first.parameter) ?? first.parameter)} matters most for ${what}: ${told.join(", ")}.`
        : `No parameter clearly matters for ${what}: ${told.join(", ")}.`;
  return {
    status: "answered",
    answer: sentence,
    value: first.rho ?? first.strength,
    unit: null,
    how: howOfInfluence(about, runsDone, ranked),
    sql: null,
  };
}

function howOfInfluence(
  about: readonly RankCorrelation[],
  runsDone: number,
  ranked: readonly Strength[],
): string {
  const over = `Spearman's rank correlation over ${formatNumber(runsDone)} runs`;
  const several = ranked.some(({ rho }) => rho === null);
  return several
    ? `${over}, its size averaged over ${formatNumber(new Set(about.map(({ variable, measure }) => `${variable} ${measure}`)).size)} measures (final and peak of the main variables). Name a variable and “at its peak” or “at the end” for one of them.`
    : `${over}; 1 or -1 is the strongest.`;
}

/** How strongly a parameter moves what is asked about; `rho` when that is one measure. */
interface Strength {
  readonly parameter: string;
  readonly strength: number;
  readonly rho: number | null;
}

function strengths(about: readonly RankCorrelation[]): readonly Strength[] {
  return [...new Set(about.map(({ parameter }) => parameter))]
    .map((parameter) => {
      const all = about.filter((one) => one.parameter === parameter);
      const strength = all.reduce((sum, { rho }) => sum + Math.abs(rho), 0) / all.length;
      return { parameter, strength, rho: all.length === 1 ? (all[0]?.rho ?? null) : null };
    })
    .sort((left, right) => right.strength - left.strength);
}

/** Below this, chance alone gives such a correlation in one of twenty ensembles. */
function clearFrom(runs: number): number {
  return 1.96 / Math.sqrt(Math.max(1, runs - 1));
}

function nameOf({ parameter }: Strength, labels: ReadonlyMap<string, string>): string {
  return quoted(labels.get(parameter) ?? parameter);
}

function signed({ rho, strength }: Strength): string {
  return String(Number((rho ?? strength).toFixed(2)));
}

const MEASURE_WORDS: Readonly<Record<Measure, string>> = {
  peak: "the peak of",
  final: "the final value of",
};

function subjectOf(label: string | null, measure: Measure | null): string {
  const name = label === null ? "the main variables" : quoted(label);
  return measure === null ? name : `${MEASURE_WORDS[measure]} ${name}`;
}

type StatisticIntent = Extract<EnsembleIntent, { type: "statistic" }>;
type Numbers = Readonly<Record<Exclude<Statistic, "middle-90" | "middle-50">, number>>;

function spreadAnswer(
  intent: StatisticIntent,
  measure: Measure,
  ensemble: EnsembleSummary,
): Answer {
  const spread = ensemble.spreads.find(
    (one): one is Spread => one.variable === intent.variable.name && one.measure === measure,
  );
  if (spread === undefined) return abstention("The ensemble has not kept that variable.");
  const when = measure === "peak" ? "at its peak" : "at the end";
  return statisticAnswer(intent, spread, { when, runs: ensemble.runsDone, sql: null });
}

/** The row of bands whose time is nearest. */
function bandSql(name: string, time: number): string {
  const columns = ["q05", "q25", "q50", "q75", "q95", "mean"]
    .map((one) => `${identifier(`${name} ${one}`)} AS ${one}`)
    .join(", ");
  const clock = identifier(TIME_COLUMN);
  return `SELECT ${clock} AS at_time, ${columns} FROM ${TABLE_NAME} ORDER BY abs(${clock} - ${time}), ${clock} LIMIT 1`;
}

function bandAnswer(
  intent: StatisticIntent,
  row: Row,
  { ensemble, table, sql }: { ensemble: EnsembleSummary; table: AnalystTable; sql: string },
): Answer {
  const at = numberIn(row, "at_time");
  const [q05, q25, q50, q75, q95, mean] = ["q05", "q25", "q50", "q75", "q95", "mean"].map((one) =>
    numberIn(row, one),
  );
  const isWhole = q05 !== undefined && q25 !== undefined && q50 !== undefined && q75 !== undefined;
  if (at === undefined || !isWhole || q95 === undefined || mean === undefined) {
    return abstention("The ensemble holds no finite numbers for that time.");
  }
  const when = `at ${moment(at, table)}`;
  const numbers = { q05, q25, q50, q75, q95, mean };
  return statisticAnswer(intent, numbers, { when, runs: ensemble.runsDone, sql });
}

function statisticAnswer(
  { statistic, variable }: StatisticIntent,
  numbers: Numbers,
  {
    when,
    runs,
    sql,
  }: { readonly when: string; readonly runs: number; readonly sql: string | null },
): Answer {
  const of = `${quoted(variable.label)} ${when}`;
  const how = `Over ${formatNumber(runs)} runs; quantiles between neighbouring runs in proportion.`;
  const rest = { unit: variable.unit, how, sql, status: "answered" } as const;
  if (statistic === "middle-90" || statistic === "middle-50") {
    const [low, high] =
      statistic === "middle-90" ? [numbers.q05, numbers.q95] : [numbers.q25, numbers.q75];
    const share = statistic === "middle-90" ? 90 : 50;
    const range = `${formatNumber(low)} and ${amount(high, variable)}`;
    const answer = `In the middle ${share} % of the runs ${of} lies between ${range}.`;
    return { ...rest, answer, value: null };
  }
  const value = numbers[statistic];
  const answer = `${STATISTIC_WORDS[statistic]} of ${of} is ${amount(value, variable)}.`;
  return { ...rest, answer, value };
}

const STATISTIC_WORDS = {
  q05: "The 5th percentile",
  q25: "The 25th percentile",
  q50: "The median",
  q75: "The 75th percentile",
  q95: "The 95th percentile",
  mean: "The mean over the runs",
} as const;

/** Questions an ensemble answers, the most telling first. */
export function suggestOfEnsemble(
  { spreads, parameters }: EnsembleSummary,
  table: AnalystTable,
): readonly string[] {
  const [first] = spreads;
  const label = table.subjects.find(({ name }) => name === first?.variable)?.label;
  const about =
    label === undefined
      ? []
      : [
          `What is the 90% range of ${label} at its peak?`,
          `What is the median of ${label} at the end?`,
        ];
  return parameters.length > 1 ? ["Which parameter matters most?", ...about] : about;
}
