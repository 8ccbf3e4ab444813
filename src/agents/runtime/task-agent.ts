/**
 * A worker that carries out tasks, from the queue to the result.
 *
 * A1 Whatever happens to a task, it ends in exactly one result, succeeded or failed with a kind.
 * A2 A message that is not a task is set aside with the reason, never retried for ever.
 * A3 Cancel, deadline and a lost lease all reach the tool call through one signal.
 */
import type { z } from "zod";
import type { JsonValue } from "../../base/json-value.ts";
import { isJsonValue, toJsonValue } from "../../base/json-value.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import { createEnvelope } from "../../bus/create-envelope.ts";
import { settleEntry } from "../../bus/dead-letters.ts";
import { startLeaseKeeper } from "../../bus/lease-keeper.ts";
import { subscribe } from "../../bus/pubsub.ts";
import type { QueuedTask } from "../../bus/task-queue.ts";
import { consumeTasks, MAXIMUM_DELIVERIES } from "../../bus/task-queue.ts";
import type { WorkerConfig } from "../../protocol/control.ts";
import type { Message } from "../../protocol/envelope.ts";
import { MAXIMUM_MESSAGE_BYTES } from "../../protocol/envelope.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { TaskAgentName, TaskId } from "../../protocol/ids.ts";
import { taskIdSchema } from "../../protocol/ids.ts";
import { TASK_GROUP } from "../../protocol/names.ts";
import { describeIssues, parseMessage } from "../../protocol/parse-message.ts";
import type { ResultData, TaskData } from "../../protocol/tasks.ts";
import { taskDataSchema } from "../../protocol/tasks.ts";
import type { ProgressData } from "../../protocol/telemetry.ts";
import { controlDataSchema } from "../../protocol/telemetry.ts";
import { withFiles } from "./bring-files.ts";
import type { CarryOut } from "./carry-out.ts";
import { reachFailpoint } from "./failpoint.ts";
import { contextOf, GIVEN_UP, handIn } from "./hand-in.ts";
import { logProblem } from "./log-problem.ts";
import type { ToolSession } from "./tool-session.ts";
import { openToolSession } from "./tool-session.ts";
import type { WorkerContext } from "./worker-context.ts";
import { runWorkerProcess } from "./worker-context.ts";

/** What makes one agent differ from another. */
export interface TaskAgent<Input> {
  readonly agent: TaskAgentName;
  readonly inputSchema: z.ZodType<Input>;
  readonly outputSchema: z.ZodType<object>;
  /** How many tasks a worker takes at once; 1 unless told. */
  readonly tasksAtOnce?: number;
  /** What its tool server is told at start. */
  toolConfig(config: WorkerConfig): Readonly<Record<string, unknown>>;
  /** The tool call that carries out a task. */
  toolCall(input: Input): {
    readonly tool: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  };
  /** A way of its own to carry out tasks with this configuration; undefined: by `toolCall`. */
  ownWay?(config: WorkerConfig, log: WorkerContext["log"]): OwnWay<Input> | undefined;
}

/** A way to carry out tasks that is more than one call of a tool. */
export interface OwnWay<Input> {
  readonly carryOut: CarryOut<Input>;
  /** Called when the last task is done. */
  close(): Promise<void>;
}

/** How long a task without a deadline may take. */
const DEFAULT_DEADLINE_MS = 10 * 60_000;

/** The longest time a timer of Node can wait, milliseconds. */
const MAXIMUM_TIMER_MS = 2 ** 31 - 10_000;

/** Shortest time between two progress messages of a task. */
const PROGRESS_EVERY_MS = 50;

/** Nothing is told of a task that took less than this, milliseconds: its result says it all. */
const TOLD_AFTER_MS = 2;

/** Cancelled tasks that have not come to this worker yet, remembered up to this many. */
const REMEMBERED_CANCELS = 1000;

/** What a task agent works through. */
export interface TaskAgentPorts {
  readonly openTools: typeof openToolSession;
  readonly keepLeases: typeof startLeaseKeeper;
}

const PORTS: TaskAgentPorts = { openTools: openToolSession, keepLeases: startLeaseKeeper };

/** Runs a task agent's worker process to its end. */
export async function runTaskAgent<Input>(
  definition: TaskAgent<Input>,
  ports: Partial<TaskAgentPorts> = {},
): Promise<void> {
  await runWorkerProcess(
    (context) => workOnTasks(definition, context, { ...PORTS, ...ports }),
    (context) => context.command.xlen(context.names.taskStream(definition.agent)),
  );
}

/** A task while it is being carried out. */
interface Work<Input> {
  readonly definition: TaskAgent<Input>;
  readonly context: WorkerContext;
  readonly tools: ToolSession;
  readonly cancelled: Map<TaskId, string>;
  readonly carryOut: CarryOut<Input>;
  /** The tasks in hand. */
  readonly current: Map<TaskId, AbortController>;
}

/** Carries out tasks until it is drained; resolves when those in hand are done. */
export async function workOnTasks<Input>(
  definition: TaskAgent<Input>,
  context: WorkerContext,
  ports: TaskAgentPorts,
): Promise<void> {
  const { config } = context;
  const tools = ports.openTools({
    program: config.toolServerProgram,
    config: definition.toolConfig(config),
    clientName: `aimie-${definition.agent}`,
    version: config.version,
    compileCacheFolder: config.compileCacheFolder,
    onErrorLine: (line) => context.log("warning", `tool server: ${line}`),
  });
  const way = definition.ownWay?.(config, context.log);
  const state: Work<Input> = {
    definition,
    context,
    tools,
    carryOut: withFiles(context, way?.carryOut ?? byToolCall(definition)),
    cancelled: new Map(),
    current: new Map(),
  };
  subscribe(context.subscriber, context.names, [`control.${definition.agent}`], ({ text }) =>
    obey(state, text),
  ).catch((cause: unknown) => logProblem(context, cause));
  const { slot: consumer, leaseMs } = config;
  const leases = ports.keepLeases(context, { group: TASK_GROUP, consumer, leaseMs }, (cause) =>
    logProblem(context, cause, "lease"),
  );
  context.setActivity("ready", null);
  await consumeTasks({
    names: context.names,
    agent: definition.agent,
    slot: config.slot,
    command: context.command,
    blocking: context.blocking,
    leases,
    leaseMs,
    atOnce: definition.tasksAtOnce ?? 1,
    signal: context.draining,
    onTask: (task) => carryOut(state, task),
    onProblem: (cause) => logProblem(context, cause),
  });
  await leases.close();
  await Promise.all([tools.close(), way?.close()]);
}

function obey<Input>(state: Work<Input>, text: string): void {
  const message = parseMessage(text, controlDataSchema);
  if (!message.ok) return;
  const { taskId, reason } = message.value.data;
  const stop = state.current.get(taskId);
  if (stop !== undefined) {
    stop.abort(new Error(reason));
    return;
  }
  state.cancelled.set(taskId, reason);
  const oldest = state.cancelled.keys().next();
  if (state.cancelled.size > REMEMBERED_CANCELS && !oldest.done) {
    state.cancelled.delete(oldest.value);
  }
}

async function carryOut<Input>(state: Work<Input>, task: QueuedTask): Promise<void> {
  const { context, definition } = state;
  reachFailpoint(context.config, "after-read");
  const message = parseMessage(task.text, taskDataSchema);
  const taskId = message.ok ? taskIdSchema.safeParse(message.value.subject) : undefined;
  if (!message.ok || taskId?.success !== true) {
    const reason = message.ok ? "a task needs a subject: its task id" : message.error;
    await discard(state, task, reason); // A2
    return;
  }
  const stop = new AbortController();
  state.current.set(taskId.data, stop);
  context.setActivity("busy", taskId.data);
  const startedAt = Date.now();
  const outcome = await attempt(state, task, message.value, stop);
  reachFailpoint(context.config, "after-effect");
  const times = { worker: context.config.slot, startedAt, finishedAt: Date.now() };
  const result: ResultData = outcome.ok
    ? { status: "succeeded", output: outcome.value, ...times, ...saidOf(context, message.value) }
    : { status: "failed", failure: outcome.error, ...times };
  state.current.delete(taskId.data);
  if (!task.lost.aborted) {
    await handIn(context, {
      task,
      message: message.value,
      taskId: taskId.data,
      result,
      ...(isGivenUp(task) ? { givenUp: GIVEN_UP } : {}),
    }); // A1
  }
  showActivity(state);
  const tookMs = times.finishedAt - startedAt;
  if (outcome.ok && tookMs < TOLD_AFTER_MS) return;
  context.log("info", `${taskId.data} ${result.status} in ${tookMs} ms (${definition.agent})`);
}

function showActivity<Input>({ context, current }: Work<Input>): void {
  const [task] = current.keys();
  if (task !== undefined) context.setActivity("busy", task);
  else context.setActivity(context.draining.aborted ? "draining" : "ready", null);
}

async function discard<Input>(
  { context, definition }: Work<Input>,
  task: QueuedTask,
  reason: string,
): Promise<void> {
  const stream = context.names.taskStream(definition.agent);
  context.log("warning", `set aside a message on ${stream}: ${reason}`);
  await settleEntry(
    context.command,
    context.names,
    { group: TASK_GROUP, consumer: context.config.slot },
    { stream, id: task.entryId },
    { reason, text: task.text },
  );
}

async function attempt<Input>(
  state: Work<Input>,
  task: QueuedTask,
  message: Message<TaskData>,
  stop: AbortController,
): Promise<Result<JsonValue, Failure>> {
  const { definition, cancelled } = state;
  if (isGivenUp(task)) {
    return err({
      kind: "worker-lost",
      message: `the worker ended ${task.deliveries - 1} times while doing this task`,
      nextStep: "look at the agent's log for what ends it",
    });
  }
  const known = cancelled.get(message.subject as TaskId);
  if (known !== undefined) return err({ kind: "cancelled", message: `stopped: ${known}` });
  const input = definition.inputSchema.safeParse(message.data.input);
  if (!input.success) {
    return err({ kind: "invalid-input", message: describeIssues(input.error) });
  }
  const leftMs = remainingMs(message);
  if (leftMs <= 0) return err({ kind: "timeout", message: "its deadline passed in the queue" });
  return await work(state, message, { input: input.data, leftMs, stop, lost: task.lost });
}

async function work<Input>(
  { context, definition, tools, carryOut: carry }: Work<Input>,
  message: Message<TaskData>,
  limits: {
    readonly input: Input;
    readonly leftMs: number;
    readonly stop: AbortController;
    readonly lost: AbortSignal;
  },
): Promise<Result<JsonValue, Failure>> {
  const { stop, lost, leftMs } = limits; // A3
  const tell = progressOf(context, definition.agent, message);
  let isOverdue = false;
  const deadline = setTimeout(() => {
    isOverdue = !stop.signal.aborted;
    stop.abort(new Error("its deadline has passed"));
  }, leftMs);
  if (lost.aborted) stop.abort(lost.reason);
  lost.addEventListener("abort", () => stop.abort(lost.reason));
  const began = Date.now();
  const begin = setTimeout(
    () => tell({ kind: "started", worker: context.config.slot }),
    TOLD_AFTER_MS,
  );
  const done = await carry(limits.input, { tools, leftMs, signal: stop.signal, tell });
  clearTimeout(begin);
  clearTimeout(deadline);
  if (done.ok) return checkOutput(definition, done.value);
  if (!isOverdue) return done;
  return err({
    kind: "timeout",
    message: `stopped at its deadline after ${Math.round((Date.now() - began) / 100) / 10} s`,
    nextStep: "give the step a longer timeout",
  });
}

/** The usual way: one call of one tool, of which is told what takes longer than a moment. */
function byToolCall<Input>(definition: TaskAgent<Input>): CarryOut<Input> {
  return async (input, { tools, leftMs, signal, tell }) => {
    const call = definition.toolCall(input);
    const began = Date.now();
    const begin = setTimeout(
      () => tell({ kind: "tool-called", tool: call.tool, outcome: "started", durationMs: null }),
      TOLD_AFTER_MS,
    );
    const called = await tools.call({
      ...call,
      timeoutMs: leftMs + 1000,
      signal,
      onProgress: throttled((fraction, text) =>
        tell({ kind: "advanced", fraction, message: text.slice(0, 500) }),
      ),
    });
    clearTimeout(begin);
    const durationMs = Date.now() - began;
    if (!called.ok || durationMs >= TOLD_AFTER_MS) {
      const outcome = called.ok ? "succeeded" : "failed";
      tell({ kind: "tool-called", tool: call.tool, outcome, durationMs });
    }
    return called;
  };
}

function checkOutput<Input>(
  definition: TaskAgent<Input>,
  value: unknown,
): Result<JsonValue, Failure> {
  const output = definition.outputSchema.safeParse(value);
  if (!output.success) {
    return err({
      kind: "invalid-result",
      message: `the tool's answer does not fit: ${describeIssues(output.error)}`,
    });
  }
  const json = isJsonValue(output.data) ? output.data : toJsonValue(output.data);
  const bytes = Buffer.byteLength(JSON.stringify(json));
  if (bytes > MAXIMUM_MESSAGE_BYTES - 8192) {
    return err({
      kind: "invalid-result",
      message: `the tool's answer has ${bytes} bytes, more than a message may carry`,
      nextStep: "store large data as an artifact",
    });
  }
  return ok(json);
}

/** What the attempt was made with, where the task wants to know. */
function saidOf(
  { config }: WorkerContext,
  { data }: Message<TaskData>,
): { readonly definition?: string } {
  const definition = data.cache === true ? config.definitionHashes[config.agent] : undefined;
  return definition === undefined ? {} : { definition };
}

/** A task that ends worker after worker is failed for good and set aside. */
function isGivenUp(task: QueuedTask): boolean {
  return task.deliveries > MAXIMUM_DELIVERIES;
}

function remainingMs(message: Message<TaskData>): number {
  if (message.deadline === undefined) return DEFAULT_DEADLINE_MS;
  return Math.min(Date.parse(message.deadline) - Date.now(), MAXIMUM_TIMER_MS);
}

function progressOf(
  context: WorkerContext,
  agent: TaskAgentName,
  message: Message<TaskData>,
): (data: ProgressData) => void {
  return (data) =>
    context.tell(
      `progress.${agent}`,
      JSON.stringify(createEnvelope(context.config.slot, "progress", data, contextOf(message))),
    );
}

function throttled(
  report: (fraction: number | null, text: string) => void,
): (fraction: number | null, text: string) => void {
  let lastAt = 0;
  return (fraction, text) => {
    const now = Date.now();
    if (fraction !== 1 && now - lastAt < PROGRESS_EVERY_MS) return;
    lastAt = now;
    report(fraction, text);
  };
}
