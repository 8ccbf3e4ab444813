/**
 * Exit codes a script may rely on; each name says why the process ended.
 * `run-failed` 1, `usage` 2, `bus-unreachable` 3, `timeout` 4, `waiting` 5, `conflict` 6,
 * `worker-lost` 7, `cancelled` 8, `bug` 70.
 */
export type ErrorCode =
  | "run-failed"
  | "usage"
  | "bus-unreachable"
  | "timeout"
  | "waiting"
  | "conflict"
  | "worker-lost"
  | "cancelled"
  | "bug";

/** One of several things that are wrong with a file. */
export interface PlacedProblem {
  /** The file and the line: `flow.yaml:4`. */
  readonly place: string;
  readonly message: string;
  readonly remedy: string;
}

/** Something only the operator can mend: says what happened and what to do next. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly code: ErrorCode;
  readonly nextStep: string;
  /** Every problem of a file that has several; the message names the first. */
  readonly problems: readonly PlacedProblem[];

  constructor(
    problem: {
      readonly code: ErrorCode;
      readonly message: string;
      readonly nextStep: string;
      readonly problems?: readonly PlacedProblem[];
    },
    options?: { readonly cause: unknown },
  ) {
    super(problem.message, options);
    this.code = problem.code;
    this.nextStep = problem.nextStep;
    this.problems = problem.problems ?? [];
  }
}
