import type { QueuedTask } from "../../bus/task-queue.ts";
import { completeTask, MAXIMUM_DELIVERIES } from "../../bus/task-queue.ts";
import type { Envelope, Message } from "../../protocol/envelope.ts";
import type { TaskAgentName, TaskId } from "../../protocol/ids.ts";
import type { ResultData, TaskData } from "../../protocol/tasks.ts";
import { createEnvelope } from "./create-envelope.ts";
import { reachFailpoint } from "./failpoint.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Why a task that ends its workers is among the dead letters. */
export const GIVEN_UP = `delivered ${MAXIMUM_DELIVERIES} times without a result`;

/** A task's end. */
export interface TaskEnd {
  readonly agent: TaskAgentName;
  readonly task: QueuedTask;
  readonly message: Message<TaskData>;
  readonly taskId: TaskId;
  readonly result: ResultData;
  /** Why it is also set aside for the operator. */
  readonly givenUp?: string;
}

/** Hands in a task's result; one that no longer counts is told of and forgotten. */
export async function handIn(context: WorkerContext, end: TaskEnd): Promise<void> {
  const { agent, task, message, taskId, result, givenUp } = end;
  const envelope = createEnvelope(context, "result", result, {
    ...contextOf(message),
    id: `${taskId}.result`,
    causationid: message.id,
    via: "stream",
  });
  reachFailpoint(context.config, "before-complete");
  const { names, command, config } = context;
  const taken = await completeTask(
    { names, agent, slot: config.slot, command },
    {
      entryId: task.entryId,
      taskId,
      result: JSON.stringify(envelope),
      awaited: message.runid !== undefined,
      ...(givenUp === undefined ? {} : { givenUp: { reason: givenUp, text: task.text } }),
    },
  );
  if (taken) reachFailpoint(context.config, "after-complete");
  else context.log("warning", `${taskId} was already done elsewhere`);
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
