/**
 * Takes in what foreign programs publish: those that only know SUBSCRIBE and PUBLISH.
 *
 * F1 A result of a task of ours counts like any other: it enters the stream once, by its message
 *    id, and its task leaves the queue with it.
 * F2 A task of no run is done by our agents and answered on the topic. Only the orchestrator orders
 *    work for runs: a stranger's task that names a run is set aside.
 * F3 Copies of what is already durable carry `via` and are left alone.
 * F4 What cannot be used is set aside with its reason. What comes faster than it can be taken in is
 *    dropped and counted; the sender sends it again.
 */
import { adoptResult } from "../../bus/adopt-result.ts";
import type { RedisConnection } from "../../bus/connection.ts";
import { lodge } from "../../bus/dead-letters.ts";
import { subscribe } from "../../bus/pubsub.ts";
import { runScript } from "../../bus/run-script.ts";
import { enqueueScript } from "../../bus/scripts/enqueue.ts";
import type { TaskAgentName } from "../../protocol/ids.ts";
import { isBuiltIn, runIdSchema, taskAgentNameSchema } from "../../protocol/ids.ts";
import { MAXIMUM_ADOPTIONS } from "../../protocol/limits.ts";
import type { Names } from "../../protocol/names.ts";
import { parseMessage } from "../../protocol/parse-message.ts";
import { resultDataSchema, taskDataSchema } from "../../protocol/tasks.ts";
import { logProblem } from "../runtime/log-problem.ts";
import type { WorkerContext } from "../runtime/worker-context.ts";
import { readResult } from "./inbox.ts";

/** How often dropped messages are told of, milliseconds. */
const TELL_EVERY_MS = 5000;

/** Starts listening; every orchestrator does, also one that stands by. */
export async function adoptForeignMessages(context: WorkerContext): Promise<void> {
  let underWay = 0;
  let dropped = 0;
  const tell = setInterval(() => {
    if (dropped > 0) context.log("warning", `dropped ${dropped} published messages: too many`);
    dropped = 0;
  }, TELL_EVERY_MS);
  tell.unref();
  await subscribe(context.subscriber, context.names, ["result.*", "task.*"], ({ topic, text }) => {
    if (isCopy(text)) return; // F3
    if (underWay >= MAXIMUM_ADOPTIONS) {
      dropped += 1; // F4
      return;
    }
    underWay += 1;
    adopt(context, topic, text)
      .catch((cause: unknown) => logProblem(context, cause))
      .finally(() => {
        underWay -= 1;
      });
  });
}

/** Whether the attributes before `data` say so; ours are always written before it. */
function isCopy(text: string): boolean {
  const dataAt = text.indexOf('"data":');
  return dataAt > 0 && text.slice(0, dataAt).includes('"via":"stream"');
}

async function adopt(context: WorkerContext, topic: string, text: string): Promise<void> {
  const [kind, name] = topic.split(".");
  const agent = taskAgentNameSchema.safeParse(name);
  const reason = !(agent.success && (await isKnown(context, agent.data)))
    ? "no agent has this topic"
    : kind === "result"
      ? await takeResult(context, agent.data, text)
      : await takeTask(context, agent.data, text);
  if (reason === undefined) return;
  await lodge(context.command, context.names, { origin: topic, reason, text }); // F4
}

/** An agent of the user's own is known by its queue, which its worker has made. */
async function isKnown({ command, names }: WorkerContext, agent: TaskAgentName): Promise<boolean> {
  return isBuiltIn(agent) || (await command.exists(names.taskStream(agent))) === 1;
}

/** F1 */
async function takeResult(
  { command, names }: WorkerContext,
  agent: TaskAgentName,
  text: string,
): Promise<string | undefined> {
  const message = parseMessage(text, resultDataSchema);
  if (!message.ok) return message.error;
  const { id, via, runid, subject } = message.value;
  if (via === "stream") return undefined;
  if (runid === undefined && !(await isOfARun(command, names, subject))) return undefined;
  const result = readResult(text, 0);
  if (!result.ok) return result.error;
  if (result.value.event.type !== "result-received") return undefined;
  const { taskId } = result.value.event;
  await adoptResult(command, names, { agent, messageId: id, taskId, text });
  return undefined;
}

/** Whether a subject names a task of a run; an answer to a task of no run is its asker's concern. */
async function isOfARun(
  command: RedisConnection,
  names: Names,
  subject: string | undefined,
): Promise<boolean> {
  if (subject === undefined) return true; // It is nobody's answer: its sender is to be told why.
  const runId = runIdSchema.safeParse(subject.split(".").slice(0, -2).join("."));
  return runId.success && (await command.exists(names.runHash(runId.data))) === 1;
}

/** F2 */
async function takeTask(
  { command, names }: WorkerContext,
  agent: TaskAgentName,
  text: string,
): Promise<string | undefined> {
  const message = parseMessage(text, taskDataSchema);
  if (!message.ok) return message.error;
  const { id, via, runid, subject, data } = message.value;
  if (via === "stream") return undefined;
  if (runid !== undefined) return "only the orchestrator orders work for a run";
  if (subject === undefined) return "a task needs a subject: its task id";
  if (data.agent !== agent) return `it names the agent ${data.agent}`;
  await runScript(command, enqueueScript, [names.taskStream(agent), names.seenKey(id)], [text]);
  return undefined;
}
