import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";

/** Why a model was refused or a simulation stopped. */
export type ProblemCode =
  | "malformed"
  | "invalid-model"
  | "not-supported"
  | "invalid-parameter"
  | "too-large"
  | "not-finite"
  | "cancelled";

/** What is wrong with a model or a simulation, for the person who can mend it. */
export interface ModelProblem {
  readonly code: ProblemCode;
  /** Says where (variable, line) and what. */
  readonly message: string;
  /** The name of the variable at fault, as the model writes it. */
  readonly variable?: string;
  /** The line of the model's text, from 1. */
  readonly line?: number;
  readonly nextStep: string;
}

/** Where in the model's text something stands. */
export interface Place {
  /** The variable's name as the model writes it. */
  readonly variable?: string | undefined;
  readonly line?: number | undefined;
}

/** Interrupts the reading of a model; never leaves the engine, see `attempt`. */
class ModelFault extends Error {
  override readonly name = "ModelFault";
  readonly problem: ModelProblem;

  constructor(problem: ModelProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const MAX_MESSAGE_LENGTH = 1000;
const MAX_NAME_LENGTH = 100;

/** Ends the current `attempt` with a problem at `place`. */
export function refuse(
  code: ProblemCode,
  place: Place,
  message: string,
  nextStep = "Correct the model and try again.",
): never {
  const where = [
    ...(place.variable === undefined ? [] : [`variable ${shorten(place.variable)}`]),
    ...(place.line === undefined ? [] : [`line ${place.line}`]),
  ].join(", ");
  const text = where === "" ? message : `${message} (${where})`;
  throw new ModelFault({
    code,
    message: text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text,
    nextStep,
    ...(place.variable === undefined ? {} : { variable: place.variable }),
    ...(place.line === undefined ? {} : { line: place.line }),
  });
}

/** Runs `work`; a refusal inside becomes its error, bugs are thrown on. */
export function attempt<Value>(work: () => Value): Result<Value, ModelProblem> {
  try {
    return ok(work());
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

/** The asynchronous `attempt`. */
export async function attemptAsync<Value>(
  work: () => Promise<Value>,
): Promise<Result<Value, ModelProblem>> {
  try {
    return ok(await work());
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

function refusalOf(thrown: unknown): Result<never, ModelProblem> {
  if (thrown instanceof ModelFault) return err(thrown.problem);
  throw thrown;
}

/** A name short enough for a message. */
export function shorten(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
}
