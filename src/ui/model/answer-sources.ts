/**
 * Where the numbers of an answer come from: the lines of the simulation's summary and the rows of
 * its table that hold them. Pure.
 *
 * A1 A number is traced only to a value that prints like it; one that is not found says so.
 * A2 What the answer, its query or the question names goes first, then what the query gave.
 */
import type { RunView } from "../../console/console-state.ts";
import { printsAs } from "../../engines/grounding/ground.ts";
import { printedNumbers } from "../../engines/grounding/printed-numbers.ts";
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
  const names = simulation.variables.flatMap(({ name, label }) => [name, label]);
  return printedNumbers(answer.answer, names).map((printed) => {
    const { text: shown } = printed;
    const found = known.find(({ value }) => printsAs(printed, value)); // A1
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
