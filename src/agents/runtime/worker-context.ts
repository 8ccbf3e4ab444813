/**
 * What every worker does, whatever its agent: greet, connect, beat, drain, leave.
 *
 * W1 A worker is ready when it can take work; its tool server may still be starting.
 * W2 Draining takes nothing new and ends when the work in hand has ended or the deadline is over.
 * W3 A configuration that cannot be used ends the worker with the exit code that asks for no other.
 */

import { writeSync } from "node:fs";
import type { BusAddress } from "../../bus/address.ts";
import { parseBusAddress } from "../../bus/address.ts";
import type { RedisConnection } from "../../bus/connection.ts";
import { openConnection } from "../../bus/connection.ts";
import { createEnvelope } from "../../bus/create-envelope.ts";
import { beat, farewell, HEARTBEAT_MS } from "../../bus/presence.ts";
import { publish } from "../../bus/pubsub.ts";
import type { WorkerConfig } from "../../protocol/control.ts";
import { WORKER_EXIT_CONFIG } from "../../protocol/control.ts";
import type { TaskId } from "../../protocol/ids.ts";
import { MAXIMUM_TELLS } from "../../protocol/limits.ts";
import type { Names } from "../../protocol/names.ts";
import { namesOf } from "../../protocol/names.ts";
import type { RegistryData, WorkerActivity } from "../../protocol/telemetry.ts";
import { openComplaints } from "./complaints.ts";
import { holdLifeline } from "./lifeline.ts";
import { openParentChannel } from "./parent-channel.ts";
import { openVitals } from "./vitals.ts";

/** What a worker's own part is given. */
export interface WorkerContext {
  readonly config: WorkerConfig;
  readonly names: Names;
  readonly address: BusAddress;
  readonly command: RedisConnection;
  readonly blocking: RedisConnection;
  readonly subscriber: RedisConnection;
  /** Fires when nothing new is to be taken. */
  readonly draining: AbortSignal;
  /** Says what the worker is doing; `task` names the work in hand. */
  setActivity(activity: WorkerActivity, task: TaskId | null): void;
  log(level: "info" | "warning" | "error", text: string): void;
  /** Publishes a message that may be lost; when the bus is slow or away, it is. */
  tell(topic: string, text: string): void;
}

/** Changes of a worker's activity are told at most this often, milliseconds; the last one always is. */
const TELL_ACTIVITY_EVERY_MS = 100;

/** Runs a worker process to its end; `work` resolves when the drained work is done. */
export async function runWorkerProcess(
  work: (context: WorkerContext) => Promise<void>,
  queueDepth: (context: WorkerContext) => Promise<number>,
): Promise<void> {
  holdLifeline();
  const parent = openParentChannel();
  const config = await parent.configured();
  const names = namesOf(config.namespace);
  const address = addressOf(config);
  const log: WorkerContext["log"] = (level, text) => parent.send({ type: "log", level, text });
  const listener = {
    onUp: () => undefined,
    onDown: (cause: Error) => log("info", `lost the bus: ${cause.message}; reconnecting`),
  };
  const command = openConnection(address, "command", listener);
  const blocking = openConnection(address, "blocking");
  const subscriber = openConnection(address, "subscriber");
  const drain = new AbortController();
  let isRestarting = false;
  let hasLeft = false;
  drain.signal.addEventListener("abort", () => blocking.disconnect());
  parent.onDrain((restarting) => {
    isRestarting = restarting;
    drain.abort();
  });
  let activity: WorkerActivity = "starting";
  let currentTask: TaskId | null = null;
  const { complain, answered } = openComplaints(log, () => Date.now());
  const tell = boundedTeller(complain);
  const context: WorkerContext = {
    config,
    names,
    address,
    command,
    blocking,
    subscriber,
    draining: drain.signal,
    log,
    setActivity(next, task) {
      activity = next;
      currentTask = task;
      tellActivity();
    },
    tell: (topic, text) => tell(() => publish(command, names, { topic, text })),
  };
  const announce = (type: "registry" | "heartbeat", data: object): void =>
    context.tell(`agent.${type}`, JSON.stringify(createEnvelope(config.slot, type, data)));
  const readVitals = openVitals();
  const register = (): RegistryData => ({
    slot: config.slot,
    agent: config.agent,
    pid: process.pid,
    host: config.host,
    version: config.version,
    activity,
  });
  const report = async (): Promise<void> => {
    const heartbeat = {
      ...register(),
      ...readVitals(),
      currentTask,
      queueDepth: await queueDepth(context),
    };
    if (hasLeft) return; // What was under way must not bring the key back.
    await beat(command, names, heartbeat);
    announce("heartbeat", heartbeat);
  };
  const tellActivity = atMostEvery(TELL_ACTIVITY_EVERY_MS, () => {
    parent.send({ type: "activity", activity });
    report().then(answered, complain);
  });
  const heart = setInterval(() => report().then(answered, complain), HEARTBEAT_MS);
  announce("registry", register());
  await untilDrained(context, work(context));
  clearInterval(heart);
  hasLeft = true;
  if (!isRestarting) {
    activity = "stopped";
    announce("heartbeat", { ...register(), ...readVitals(), currentTask: null, queueDepth: 0 });
    await farewell(command, names, config.slot).catch(complain);
  }
  for (const connection of [command, blocking, subscriber]) connection.disconnect();
  process.exit(0);
}

/** Ends the worker for good, with what is wrong with its configuration. W3 */
export function refuseConfig(problem: string): never {
  writeSync(process.stderr.fd, `${problem}\n`); // At once: the process ends with the next line.
  process.exit(WORKER_EXIT_CONFIG);
}

/** W2 */
async function untilDrained(context: WorkerContext, work: Promise<void>): Promise<void> {
  const deadline = new Promise<void>((resolve) => {
    const begin = (): void => {
      context.setActivity("draining", null);
      setTimeout(resolve, context.config.drainDeadlineMs).unref();
    };
    if (context.draining.aborted) begin();
    else context.draining.addEventListener("abort", begin);
  });
  await Promise.race([work, deadline]);
}

function addressOf({ busAddress }: WorkerConfig): BusAddress {
  const address = parseBusAddress(busAddress);
  if (!address.ok) return refuseConfig(`the address of the bus: ${address.error}`);
  return address.value;
}

/** Sends what may be lost, a bounded number of messages at a time; the rest is lost. */
function boundedTeller(complain: (cause: unknown) => void): (send: () => Promise<unknown>) => void {
  let telling = 0;
  return (send) => {
    if (telling >= MAXIMUM_TELLS) return;
    telling += 1;
    send()
      .catch(complain)
      .finally(() => {
        telling -= 1;
      });
  };
}

/** Calls at once, then no sooner than a pause after the last call; what comes in between is one. */
function atMostEvery(pauseMs: number, call: () => void): () => void {
  let calledAt = Number.NEGATIVE_INFINITY;
  let isWaiting = false;
  const callNow = (): void => {
    isWaiting = false;
    calledAt = performance.now();
    call();
  };
  return () => {
    if (isWaiting) return;
    const leftMs = calledAt + pauseMs - performance.now();
    if (leftMs <= 0) {
      callNow();
      return;
    }
    isWaiting = true;
    setTimeout(callNow, leftMs).unref();
  };
}
