import type { BackoffPolicy } from "../../base/backoff.ts";
import { backoffDelayMs } from "../../base/backoff.ts";
import { systemRandom } from "../../base/random.ts";
import { createEnvelope } from "../../bus/create-envelope.ts";
import { isPassingProblem } from "../../bus/passing-problem.ts";
import { pause } from "../../bus/stream-reader.ts";
import type { QueuedTask } from "../../bus/task-queue.ts";
import { MAXIMUM_DELIVERIES } from "../../bus/task-queue.ts";
import type { Envelope, Message } from "../../protocol/envelope.ts";
import type { TaskId } from "../../protocol/ids.ts";
import type { ResultData, TaskData } from "../../protocol/tasks.ts";
import { reachFailpoint } from "./failpoint.ts";
import { logProblem } from "./log-problem.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Pauses between two attempts to hand in, milliseconds. */
const RETRY: BackoffPolicy = { initialMs: 50, factor: 2, maximumMs: 1000, jitter: 0.2 };

/** Why a task that ends its workers is among the dead letters. */
export const GIVEN_UP = `delivered ${MAXIMUM_DELIVERIES} times without a result`;

/** A task's end. */
export interface TaskEnd {
  readonly task: QueuedTask;
  readonly message: Message<TaskData>;
  readonly taskId: TaskId;
  readonly result: ResultData;
  /** Why it is also set aside for the operator. */
  readonly givenUp?: string;
}

/** Hands in a task's result; one that no longer counts is told of and forgotten. */
export async function handIn(context: WorkerContext, end: TaskEnd): Promise<void> {
  const { task, message, taskId, result, givenUp } = end;
  const envelope = createEnvelope(context.config.slot, "result", result, {
    ...contextOf(message),
    id: `${taskId}.result`,
    causationid: message.id,
    via: "stream",
  });
  reachFailpoint(context.config, "before-complete");
  const ready = {
    taskId,
    result: JSON.stringify(envelope),
    awaited: message.runid !== undefined,
    ...(givenUp === undefined ? {} : { givenUp: { reason: givenUp, text: task.text } }),
  };
  const taken = await untilAnswered(context, task, () => task.complete(ready));
  if (taken === undefined) return;
  if (taken) reachFailpoint(context.config, "after-complete");
  else context.log("warning", `${taskId} was already done elsewhere`);
}

/**
 * Asks again after a problem that passes, as long as the task is ours: its lease would otherwise
 * have to end before anybody hands in what is done. Undefined when the task was lost meanwhile.
 */
async function untilAnswered(
  context: WorkerContext,
  { lost }: QueuedTask,
  ask: () => Promise<boolean>,
): Promise<boolean | undefined> {
  for (let failures = 0; !lost.aborted; failures += 1) {
    try {
      return await ask();
    } catch (cause) {
      if (!isPassingProblem(cause)) throw cause;
      if (failures === 0) logProblem(context, cause, "a result waits");
      await pause(backoffDelayMs(RETRY, Math.min(failures, 10), systemRandom), lost);
    }
  }
  return undefined;
}

/** The attributes a message about a task takes over from the order. */
export function contextOf(message: Message<TaskData>): Partial<Envelope> {
  const {
    subject,
    runid,
    stepid,
    attempt: number,
    sessionid,
    correlationid,
    traceparent,
  } = message;
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(runid === undefined ? {} : { runid }),
    ...(stepid === undefined ? {} : { stepid }),
    ...(number === undefined ? {} : { attempt: number }),
    ...(sessionid === undefined ? {} : { sessionid }),
    ...(correlationid === undefined ? {} : { correlationid }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
