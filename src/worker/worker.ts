/**
 * The worker runtime for agents of your own: `import { runAgent } from "aimie-console/worker"`.
 *
 * The console's worker takes tasks from the queue, checks them by your manifest, renews their lease
 * and hands in their results; this program only carries them out. Both talk in lines of JSON on
 * standard input and output; whatever else is printed goes to the agent's log.
 */
import { createInterface } from "node:readline";

/** What a task is carried out with. */
export interface TaskContext {
  /** Fires when the task is cancelled, or its time is over; then its output is of no use. */
  readonly signal: AbortSignal;
  /** Tells how far the task is, from 0 to 1; null when that is not known. */
  progress(fraction: number | null, message?: string): void;
}

/** Carries out one task: takes what the manifest calls input, gives what it calls output. */
export type CarryOut<Input, Output> = (
  input: Input,
  context: TaskContext,
) => Output | Promise<Output>;

/** Thrown by whoever carries out a task, to say what is to be done about its failure. */
export class TaskFailure extends Error {
  /** What whoever reads of the failure may do. */
  readonly nextStep: string;

  constructor(message: string, nextStep: string) {
    super(message);
    this.name = "TaskFailure";
    this.nextStep = nextStep;
  }
}

/** Carries out tasks until the console's worker lets the program go. */
export async function runAgent<Input, Output>(carryOut: CarryOut<Input, Output>): Promise<void> {
  const underWay = new Map<number, AbortController>();
  for await (const line of createInterface({ input: process.stdin })) {
    const order: Order<Input> = JSON.parse(line);
    if (order.type === "cancel") {
      underWay.get(order.id)?.abort(new Error("the task was cancelled"));
      continue;
    }
    const stop = new AbortController();
    underWay.set(order.id, stop);
    void answer(order, carryOut, stop.signal).finally(() => underWay.delete(order.id));
  }
}

type Order<Input> =
  | { readonly type: "task"; readonly id: number; readonly input: Input }
  | { readonly type: "cancel"; readonly id: number };

async function answer<Input, Output>(
  { id, input }: { readonly id: number; readonly input: Input },
  carryOut: CarryOut<Input, Output>,
  signal: AbortSignal,
): Promise<void> {
  const progress: TaskContext["progress"] = (fraction, message = "") =>
    write({ type: "progress", id, fraction, message });
  try {
    write({ type: "result", id, output: (await carryOut(input, { signal, progress })) ?? {} });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const told = cause instanceof TaskFailure ? { nextStep: cause.nextStep } : {};
    write({ type: "failure", id, message, ...told });
  }
}

function write(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
