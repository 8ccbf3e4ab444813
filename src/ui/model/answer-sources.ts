/**
 * Where the numbers of an answer come from: the lines of the simulation's summary and the rows of
 * its table that hold them. Pure.
 *
 * A1 A number is traced only to a value that prints like it; one that is not found says so.
 * A2 What the answer, its query or the question names goes first, then what the query gave.
 */
import type { RunView } from "../../console/console-state.ts";
import { lastAttempt, outputOf } from "../../orchestrator/state.ts";
import type { QnaInput, SimulationOutput, VariableSummary } from "../../protocol/agent-data.ts";
import { qnaInputSchema, qnaOutputSchema } from "../../protocol/agent-data.ts";
import type { Artifact } from "../../protocol/artifact.ts";
import type { RunId, StepKey } from "../../protocol/ids.ts";
import { stepKeySchema } from "../../protocol/ids.ts";
import type { SelectedStep } from "./selection.ts";
import { artifactOf } from "./selection.ts";

/** One number of an answer. */
export interface NumberSource {
  /** The number as the answer prints it. */
  readonly shown: string;
  /** Where it is from, in words. */
  readonly says: string;
  /** The row of the summary it stands in. */
  readonly variable?: string;
}

/** The numbers of an answer, and the table they are from. */
export interface AnswerSources {
  readonly numbers: readonly NumberSource[];
  readonly data: Artifact;
}

/** Each output is looked through once; null where it is no answer. */
const traced = new WeakMap<object, AnswerSources | null>();

/** The sources of the selected step's answer; undefined when it is no answer. */
export function answerSources({ step }: SelectedStep): AnswerSources | undefined {
  const output = outputOf(step);
  if (typeof output !== "object" || output === null) return undefined;
  const known = traced.get(output);
  if (known !== undefined) return known ?? undefined;
  const answer = qnaOutputSchema.safeParse(output);
  const input = qnaInputSchema.safeParse(lastAttempt(step)?.input);
  const sources =
    answer.success && input.success
      ? { numbers: numbersOf(answer.data, input.data), data: input.data.simulation.data }
      : null;
  traced.set(output, sources);
  return sources ?? undefined;
}

/** A step of a run. */
export interface StepPlace {
  readonly runId: RunId;
  readonly stepKey: StepKey;
}

/** The step that made the table; undefined when its run is not in the picture. */
export function makerOf(
  { data }: AnswerSources,
  { run }: SelectedStep,
  runs: readonly RunView[],
): StepPlace | undefined {
  const { basedOn } = run.state.origin.spec;
  for (const { runId, state } of [run, ...runs.filter((one) => one.runId === basedOn)]) {
    const made = Object.entries(state.steps).find(
      ([, step]) => artifactOf(step)?.sha256 === data.sha256,
    );
    if (made !== undefined) return { runId, stepKey: stepKeySchema.parse(made[0]) };
  }
  return undefined;
}

/** Thousands are set apart by a comma or a blank; a digit inside a word is no number. */
const NUMBER =
  /(?<![\w.])[-−]?(?:\d{1,3}(?:[, \u00A0\u202F]\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])/giu;

interface Printed {
  readonly shown: string;
  readonly value: number;
  /** How far a value may be off and still print like this. */
  readonly slack: number;
}

function printedNumbers(text: string): readonly Printed[] {
  return [...text.matchAll(NUMBER)].map(([shown]) => {
    const plain = shown.replace(/[, \u00A0\u202F]/gu, "").replace("−", "-");
    const [mantissa = "", exponent = "0"] = plain.toLowerCase().split("e");
    const [whole = "", fraction = ""] = mantissa.split(".");
    // Three digits always count: 12,000 may be rounded to hundreds, never 100 to 95.
    const zeros = /0*$/.exec(whole)?.[0].length ?? 0;
    const digits = whole.replace("-", "").length;
    const rounded = fraction === "" ? Math.max(0, Math.min(zeros, digits - 3)) : -fraction.length;
    return { shown, value: Number(plain), slack: 0.5001 * 10 ** (rounded + Number(exponent)) };
  });
}

/** A value of the run, with its place. */
interface Known {
  readonly value: number;
  readonly says: string;
  readonly variable?: string;
  readonly rank: number;
}

function numbersOf(
  answer: {
    readonly answer: string;
    readonly value: number | null;
    readonly sql: string | null;
  },
  { simulation, question }: QnaInput,
): readonly NumberSource[] {
  const named = `${answer.answer} ${answer.sql ?? ""} ${question}`.toLowerCase();
  const known = [
    ...simulation.variables.flatMap((one) => valuesOf(one, simulation, named)),
    ...settingsOf(simulation),
    ...(answer.value === null
      ? []
      : [{ value: answer.value, says: "what the query gave", rank: 1 }]),
    ...printedNumbers(question).map(({ value }) => ({
      value,
      says: "the question itself",
      rank: 4,
    })),
  ].toSorted((left, right) => left.rank - right.rank); // A2
  return printedNumbers(answer.answer).map(({ shown, value, slack }) => {
    const found = known.find((one) => Math.abs(one.value - value) <= slack); // A1
    if (found === undefined) return { shown, says: "worked out from the table, not found as such" };
    const { says, variable } = found;
    return { shown, says, ...(variable === undefined ? {} : { variable }) };
  });
}

function valuesOf(
  variable: VariableSummary,
  simulation: SimulationOutput,
  named: string,
): readonly Known[] {
  const { name, label, initial, final, minimum, minimumTime, maximum, maximumTime } = variable;
  const isNamed = [name, label].some((word) => named.includes(word.toLowerCase()));
  const rank = isNamed ? 0 : 3;
  const at = (time: number): string =>
    `${time} ${simulation.model.timeUnit}${rowOf(simulation, time)}`;
  const values: readonly (readonly [number, string])[] = [
    [maximum, `maximum of ${label}, at ${at(maximumTime)}`],
    [maximumTime, `when ${label} is at its maximum${rowOf(simulation, maximumTime)}`],
    [minimum, `minimum of ${label}, at ${at(minimumTime)}`],
    [minimumTime, `when ${label} is at its minimum${rowOf(simulation, minimumTime)}`],
    [final, `${label} at the end, ${at(simulation.stopTime)}`],
    [initial, `${label} at the start, ${at(simulation.startTime)}`],
  ];
  return values.map(([value, says]) => ({ value, says, variable: name, rank }));
}

function settingsOf(simulation: SimulationOutput): readonly Known[] {
  const { startTime, stopTime, timeStep, parameters } = simulation;
  return [
    ...Object.entries(parameters).map(([name, value]) => ({
      value,
      says: `the parameter ${name}`,
      rank: 2,
    })),
    { value: stopTime, says: "when the simulation ends", rank: 3 },
    { value: startTime, says: "when the simulation begins", rank: 3 },
    { value: timeStep, says: "the time between two rows", rank: 3 },
  ];
}

/** The row of the table that a moment is in; nothing where rows and time steps do not go together. */
function rowOf({ data, startTime, stopTime, timeStep }: SimulationOutput, time: number): string {
  const steps = Math.round((stopTime - startTime) / timeStep);
  const row = Math.round((time - startTime) / timeStep) + 1;
  return data.rows === steps + 1 ? `, row ${row} of ${data.rows}` : "";
}
