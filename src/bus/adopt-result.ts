import type { TaskAgentName, TaskId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { TASK_GROUP } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { runScript } from "./run-script.ts";
import { adoptScript } from "./scripts/adopt.ts";

/** A result that was only published. */
export interface PublishedResult {
  readonly agent: TaskAgentName;
  readonly messageId: string;
  readonly taskId: TaskId;
  readonly text: string;
}

/** Takes a published result in, once however often and by whomever; its task leaves the queue. */
export async function adoptResult(
  connection: RedisConnection,
  names: Names,
  { agent, messageId, taskId, text }: PublishedResult,
): Promise<void> {
  const keys = [
    names.seenKey(messageId),
    names.resultStream,
    names.openTasks(agent),
    names.taskStream(agent),
  ];
  await runScript(connection, adoptScript, keys, [text, taskId, TASK_GROUP]);
}
