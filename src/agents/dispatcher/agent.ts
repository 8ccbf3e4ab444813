/**
 * Stands in the queue for foreign agents: holds each task's lease, publishes the task again until
 * its result has been taken in, and fails it visibly when nobody answers.
 *
 * X1 A task is with the foreign agents until it leaves the queue: by an adopted result, by its
 *    deadline, by a cancel, or after its last publication.
 * X2 When to publish again is decided in `attend.ts`.
 */
import { adoptResult } from "../../bus/adopt-result.ts";
import { settleEntry } from "../../bus/dead-letters.ts";
import { startLeaseKeeper } from "../../bus/lease-keeper.ts";
import { subscribe } from "../../bus/pubsub.ts";
import type { QueuedTask } from "../../bus/task-queue.ts";
import { consumeTasks, MAXIMUM_DELIVERIES } from "../../bus/task-queue.ts";
import type { Message } from "../../protocol/envelope.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { TaskAgentName, TaskId } from "../../protocol/ids.ts";
import { taskAgentNameSchema, taskIdSchema } from "../../protocol/ids.ts";
import { MAXIMUM_DISPATCHED } from "../../protocol/limits.ts";
import { TASK_GROUP } from "../../protocol/names.ts";
import { parseMessage } from "../../protocol/parse-message.ts";
import type { TaskData } from "../../protocol/tasks.ts";
import { resultDataSchema, taskDataSchema } from "../../protocol/tasks.ts";
import { controlDataSchema, progressDataSchema } from "../../protocol/telemetry.ts";
import { handIn } from "../runtime/hand-in.ts";
import { logProblem } from "../runtime/log-problem.ts";
import type { WorkerContext } from "../runtime/worker-context.ts";
import type { AttendedTask } from "./attend.ts";
import { attend } from "./attend.ts";

/** How often the listeners and the tasks are looked at, milliseconds. */
const LOOK_EVERY_MS = 250;

/** A task that is taken this soon was published just now, milliseconds. */
const FRESH_MS = 1000;

/** How long a task without a deadline is kept, milliseconds. */
const DEFAULT_DEADLINE_MS = 10 * 60_000;

/** A task with what is needed to end it. */
interface Open {
  readonly queued: QueuedTask;
  readonly message: Message<TaskData>;
  readonly taskId: TaskId;
  readonly startedAt: number;
  task: AttendedTask;
  /** Lets the queue have its place back. */
  readonly close: () => void;
}

interface Dispatcher {
  readonly context: WorkerContext;
  readonly agent: TaskAgentName;
  readonly open: Map<TaskId, Open>;
  listeners: number;
}

/** Does a dispatcher's work until it is drained. */
export async function dispatchToForeigners(context: WorkerContext): Promise<void> {
  const { config, names } = context;
  const agent = taskAgentNameSchema.parse(config.agent);
  const dispatcher: Dispatcher = { context, agent, open: new Map(), listeners: 0 };
  const complain = (cause: unknown): void => logProblem(context, cause);
  const topics = ["result", "progress", "control"].map((family) => `${family}.${agent}`);
  // What is published as soon as somebody is ready must not go unheard.
  await subscribe(context.subscriber, names, topics, ({ topic, text }) =>
    hear(dispatcher, topic, text).catch(complain),
  ).catch(complain);
  const { leaseMs } = config;
  const leases = startLeaseKeeper(
    context,
    { group: TASK_GROUP, consumer: config.slot, leaseMs },
    complain,
  );
  const looking = setInterval(() => void look(dispatcher).catch(complain), LOOK_EVERY_MS);
  context.draining.addEventListener("abort", () => {
    for (const one of dispatcher.open.values()) one.close(); // They stay in the queue.
  });
  context.setActivity("ready", null);
  await consumeTasks({
    names,
    agent,
    slot: config.slot,
    command: context.command,
    blocking: context.blocking,
    leases,
    leaseMs,
    atOnce: MAXIMUM_DISPATCHED,
    signal: context.draining,
    onTask: (task) => take(dispatcher, task),
    onProblem: complain,
  });
  clearInterval(looking);
  await leases.close();
}

/** Takes a task in; resolves when it is no longer with the foreign agents. X1 */
async function take(dispatcher: Dispatcher, queued: QueuedTask): Promise<void> {
  const { context, agent, open } = dispatcher;
  const message = parseMessage(queued.text, taskDataSchema);
  const taskId = message.ok ? taskIdSchema.safeParse(message.value.subject) : undefined;
  if (!message.ok || taskId?.success !== true) {
    const reason = message.ok ? "a task needs a subject: its task id" : message.error;
    const holder = { group: TASK_GROUP, consumer: context.config.slot };
    const entry = { stream: context.names.taskStream(agent), id: queued.entryId };
    await settleEntry(context.command, context.names, holder, entry, {
      reason,
      text: queued.text,
    });
    return;
  }
  const now = Date.now();
  const { deadline } = message.value;
  await countListeners(dispatcher);
  await new Promise<void>((resolve) => {
    open.set(taskId.data, {
      queued,
      message: message.value,
      taskId: taskId.data,
      startedAt: now,
      task: {
        publications: queued.deliveries,
        lastSignAt: now,
        deadlineAt: deadline === undefined ? now + DEFAULT_DEADLINE_MS : Date.parse(deadline),
        // What has waited in the queue was published before those who listen now may have come.
        heard: dispatcher.listeners > 0 && now - timeOf(queued.entryId) < FRESH_MS,
      },
      close: resolve,
    });
    queued.lost.addEventListener("abort", () => resolve());
    if (context.draining.aborted || queued.lost.aborted) resolve();
    tell(dispatcher);
  });
  open.delete(taskId.data);
  tell(dispatcher);
}

/** When an entry was added, by the server's clock: an id begins with it. */
function timeOf(entryId: string): number {
  return Number(entryId.split("-")[0]);
}

function tell({ context, open }: Dispatcher): void {
  const [first] = open.keys();
  if (context.draining.aborted) return;
  context.setActivity(first === undefined ? "ready" : "busy", first ?? null);
}

async function hear(dispatcher: Dispatcher, topic: string, text: string): Promise<void> {
  if (topic.startsWith("result.")) return await hearResult(dispatcher, text);
  if (topic.startsWith("progress.")) {
    const message = parseMessage(text, progressDataSchema);
    const found = message.ok ? openTask(dispatcher, message.value.subject) : undefined;
    if (found !== undefined) found.task = { ...found.task, lastSignAt: Date.now(), heard: true };
    return;
  }
  const order = parseMessage(text, controlDataSchema);
  const found = order.ok ? openTask(dispatcher, order.value.data.taskId) : undefined;
  if (found === undefined || !order.ok) return;
  await end(dispatcher, found, {
    kind: "cancelled",
    message: `stopped: ${order.value.data.reason}`,
  });
}

/** The orchestrator adopts it too: whoever is first. */
async function hearResult({ context, agent, open }: Dispatcher, text: string): Promise<void> {
  const message = parseMessage(text, resultDataSchema);
  if (!message.ok) return;
  const { id, subject, runid, stepid, attempt } = message.value;
  const found = open.get(subject as TaskId);
  if (found === undefined) return;
  const order = found.message;
  if (order.runid !== undefined) {
    if (order.runid !== runid || order.stepid !== stepid || order.attempt !== attempt) return;
    const { taskId } = found;
    await adoptResult(context.command, context.names, { agent, messageId: id, taskId, text });
  } else {
    const holder = { group: TASK_GROUP, consumer: context.config.slot };
    const entry = { stream: context.names.taskStream(agent), id: found.queued.entryId };
    await settleEntry(context.command, context.names, holder, entry);
  }
  found.close();
}

function openTask({ open }: Dispatcher, id: string | undefined): Open | undefined {
  return id === undefined ? undefined : open.get(id as TaskId);
}

async function countListeners(dispatcher: Dispatcher): Promise<void> {
  const { context, agent } = dispatcher;
  const channel = context.names.channel(`task.${agent}`);
  const reply: unknown = await context.command.pubsub("NUMSUB", channel);
  dispatcher.listeners = Array.isArray(reply) ? Number(reply[1]) : 0;
}

async function look(dispatcher: Dispatcher): Promise<void> {
  const { context, agent, open } = dispatcher;
  if (open.size === 0) return;
  await countListeners(dispatcher);
  const moment = {
    now: Date.now(),
    listeners: dispatcher.listeners,
    leaseMs: context.config.leaseMs,
    maximumPublications: MAXIMUM_DELIVERIES,
  };
  for (const one of [...open.values()]) {
    const [task, step] = attend(one.task, moment); // X2
    one.task = task;
    if (step === "publish") {
      context.log("info", `publishes ${one.taskId} again (${task.publications})`);
      context.tell(`task.${agent}`, one.queued.text);
    }
    if (step === "give-up") await end(dispatcher, one, NOBODY, NOBODY.message);
    if (step === "time-out") await end(dispatcher, one, TOO_LATE);
  }
}

const NOBODY: Failure = {
  kind: "worker-lost",
  message: `published ${MAXIMUM_DELIVERIES} times without a result`,
  nextStep: "see that the foreign agent runs and answers",
};

const TOO_LATE: Failure = {
  kind: "timeout",
  message: "no foreign agent answered by the deadline",
  nextStep: "see that the foreign agent runs and answers",
};

/** Ends a task with a failure. */
async function end(
  { context }: Dispatcher,
  { queued, message, taskId, startedAt, close }: Open,
  failure: Failure,
  givenUp?: string,
): Promise<void> {
  const times = { worker: context.config.slot, startedAt, finishedAt: Date.now() };
  await handIn(context, {
    task: queued,
    message,
    taskId,
    result: { status: "failed", failure, ...times },
    ...(givenUp === undefined ? {} : { givenUp }),
  });
  close();
}
