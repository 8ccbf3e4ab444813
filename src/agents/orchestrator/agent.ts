/**
 * The orchestrator: reads results, commands and due timers, decides, and stores each decision with
 * everything that follows from it in one script.
 *
 * O1 It keeps no state of its own: a run is read, decided on and committed at its version.
 * O2 It decides while it holds the lease; a decision of one that has lost it is refused, and what it
 *    had read is decided on by the next one. A commit that came too late is decided again from the
 *    present version.
 * O3 An entry leaves its stream only with the commit it led to, or to the dead letters.
 * O4 What changes nothing is still recorded, where the operator should see it (late results,
 *    refused commands).
 */
import { errorMessage } from "../../base/error-message.ts";
import { settleEntry } from "../../bus/dead-letters.ts";
import { runScript } from "../../bus/run-script.ts";
import { commitRun, loadRun } from "../../bus/run-store.ts";
import { takeDueScript } from "../../bus/scripts/take-due.ts";
import type { StreamEntry } from "../../bus/stream-reader.ts";
import { entriesOf, readStreams } from "../../bus/stream-reader.ts";
import { decodeRun } from "../../orchestrator/codec.ts";
import { ignoreReason, reduce, rerunRefusal } from "../../orchestrator/reduce.ts";
import type { RunState } from "../../orchestrator/state.ts";
import { ORCHESTRATOR_GROUP } from "../../protocol/names.ts";
import type { RunEvent } from "../../protocol/run-events.ts";
import { reachFailpoint } from "../runtime/failpoint.ts";
import type { WorkerContext } from "../runtime/worker-context.ts";
import { adoptForeignMessages } from "./adoption.ts";
import type { Incoming } from "./inbox.ts";
import { readCommand, readResult, readTimer } from "./inbox.ts";
import type { Leadership } from "./leadership.ts";
import { takeTurns } from "./leadership.ts";
import { commitOf } from "./outbox.ts";

/** How often due timers are looked for, milliseconds. */
const TIMER_EVERY_MS = 100;

/** Timers moved at a time. */
const TIMERS_AT_ONCE = 100;

/** How often entries that others have read and not decided on are looked for, milliseconds. */
const LOOK_FOR_ABANDONED_EVERY_MS = 1000;

/** Longest read, milliseconds: shorter than the lease, so that one who is paused takes nothing. */
const READ_FOR_MS = 1000;

/** How often a decision is made anew when others keep committing first. */
const MAXIMUM_CONFLICTS = 20;

/** Does the orchestrator's work until it is drained. */
export async function orchestrate(context: WorkerContext): Promise<void> {
  adoptForeignMessages(context).catch((cause: unknown) =>
    context.log("warning", errorMessage(cause)),
  );
  context.setActivity("ready", null);
  await takeTurns(context, (leadership) => lead({ ...context, leadership }));
}

/** A worker while it decides. */
interface Leader extends WorkerContext {
  readonly leadership: Leadership;
}

async function lead(context: Leader): Promise<void> {
  const { names } = context;
  const stopTimers = startTimers(context);
  let lookedAt = 0;
  await readStreams({
    blocking: context.blocking,
    streams: [names.commandStream, names.resultStream],
    group: ORCHESTRATOR_GROUP,
    consumer: context.config.slot,
    count: 50,
    signal: context.leadership.over,
    blockMs: () => READ_FOR_MS,
    onEntry: (entry) => handle(context, entry),
    async onIdle() {
      if (Date.now() - lookedAt < LOOK_FOR_ABANDONED_EVERY_MS) return;
      lookedAt = Date.now();
      await takeOver(context);
    },
    onProblem: (cause) => context.log("warning", errorMessage(cause)),
  });
  stopTimers();
}

/**
 * Takes over what an orchestrator before us had read and not decided on (O2): whoever leads may take
 * everything.
 */
async function takeOver(context: Leader): Promise<void> {
  const { command, names, config } = context;
  for (const stream of [names.commandStream, names.resultStream]) {
    const claimed: unknown = await command.call(
      "XAUTOCLAIM",
      stream,
      ORCHESTRATOR_GROUP,
      config.slot,
      "0",
      "0-0",
      "COUNT",
      "50",
    );
    const entries: unknown = Array.isArray(claimed) ? claimed[1] : [];
    for (const entry of entriesOf([[stream, entries]])) await handle(context, entry);
  }
}

async function handle(context: Leader, entry: StreamEntry): Promise<void> {
  try {
    const incoming = read(context, entry, Date.now());
    if (incoming.ok) await decide(context, entry, incoming.value);
    else await discard(context, entry, incoming.error);
  } catch (cause) {
    // O3: the entry stays pending and is read again when the connection is back.
    context.log("error", `could not decide on ${entry.id}: ${errorMessage(cause)}`);
    if (!isConnectionProblem(cause)) await discard(context, entry, errorMessage(cause));
    else throw cause;
  }
}

/** What ioredis says when the connection, not the command, is at fault. */
const CONNECTION_PROBLEM =
  /^(Command timed out|Connection is closed\.?|Stream isn't writeable|Too many Cluster redirections|None of startup nodes|Failed to refresh slots|Cluster is ended)/;

/** What Redis says when it cannot do now what it can do later. */
const PASSING_REPLY =
  /^(LOADING|OOM|MISCONF|READONLY|CLUSTERDOWN|NOREPLICAS|MASTERDOWN|TRYAGAIN)\b/;

/** Whether an entry should be tried again: nothing is wrong with the entry itself. */
function isConnectionProblem(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ("code" in cause && typeof cause.code === "string") return cause.code.startsWith("E");
  return CONNECTION_PROBLEM.test(cause.message) || PASSING_REPLY.test(cause.message);
}

function read(
  { names }: WorkerContext,
  { stream, fields }: StreamEntry,
  at: number,
): ReturnType<typeof readResult> {
  const timer = fields.get("timer");
  if (timer !== undefined) return readTimer(timer, at);
  const text = fields.get("d") ?? "";
  return stream === names.resultStream ? readResult(text, at) : readCommand(text, at);
}

async function decide(context: Leader, entry: StreamEntry, incoming: Incoming): Promise<void> {
  for (let conflicts = 0; conflicts < MAXIMUM_CONFLICTS; conflicts += 1) {
    const outcome = await decideOnce(context, entry, incoming);
    if (outcome === "settled") return;
    // O2: somebody else committed first.
  }
  throw new Error(`gave up on ${incoming.runId} after ${MAXIMUM_CONFLICTS} conflicts`);
}

async function decideOnce(
  context: Leader,
  entry: StreamEntry,
  { runId, event }: Incoming,
): Promise<"settled" | "conflict"> {
  const { command, names, leadership } = context;
  const stored = await loadRun(command, names, runId); // O1
  const state = stored === undefined ? undefined : decodeRun(stored);
  if (state === undefined && event.type !== "run-requested") {
    await discard(context, entry, `there is no run ${runId}`);
    return "settled";
  }
  const recorded = recordedAs(state, event);
  const decision = recorded === undefined ? undefined : reduce(state, recorded);
  if (recorded === undefined || decision === undefined) {
    await settle(context, entry);
    return "settled";
  }
  const commit = commitOf(context, {
    runId,
    version: stored?.version ?? 0,
    event: recorded,
    state: decision[0],
    effects: decision[1],
    source: { stream: entry.stream, entryId: entry.id },
  });
  reachFailpoint(context.config, "before-commit");
  const outcome = await commitRun(command, names, commit, leadership.fence);
  if (outcome.committed) {
    reachFailpoint(context.config, "after-commit");
    return "settled";
  }
  if (!outcome.fenced) return "conflict";
  leadership.giveUp(); // O2
  return "settled";
}

/** O4: the event as the log will have it; undefined when nobody needs to know of it. */
function recordedAs(state: RunState | undefined, event: RunEvent): RunEvent | undefined {
  if (state === undefined) return event;
  switch (event.type) {
    case "run-requested":
      return undefined;
    case "result-received": {
      const reason = ignoreReason(state, event);
      if (reason === undefined) return event;
      return { type: "result-ignored", at: event.at, taskId: event.taskId, reason };
    }
    case "rerun-requested": {
      const reason = rerunRefusal(state, event.stepKey);
      if (reason === undefined) return event;
      return { type: "command-refused", at: event.at, commandId: event.commandId, reason };
    }
    case "cancel-requested":
      if (state.status === "running") return event;
      return {
        type: "command-refused",
        at: event.at,
        commandId: event.commandId,
        reason: { kind: "rejected", message: `the run is already ${state.status}` },
      };
    case "retry-due":
    case "timeout-reached":
    case "result-ignored":
    case "command-refused":
      return event;
  }
}

async function discard(context: Leader, entry: StreamEntry, reason: string): Promise<void> {
  context.log("warning", `set aside ${entry.id} of ${entry.stream}: ${reason.slice(0, 200)}`);
  const text = entry.fields.get("d") ?? entry.fields.get("timer") ?? "";
  await settle(context, entry, { reason, text });
}

async function settle(
  { command, names, config, leadership }: Leader,
  entry: StreamEntry,
  letter?: { readonly reason: string; readonly text: string },
): Promise<void> {
  const { fence } = leadership;
  const holder = { group: ORCHESTRATOR_GROUP, consumer: config.slot, fence };
  await settleEntry(command, names, holder, entry, letter);
}

function startTimers(context: WorkerContext): () => void {
  const { command, names } = context;
  const timer = setInterval(() => {
    runScript(command, takeDueScript, [names.dueSet, names.commandStream], [TIMERS_AT_ONCE]).catch(
      () => undefined, // The connection tells of its own trouble; due timers wait in Redis.
    );
  }, TIMER_EVERY_MS);
  return () => clearInterval(timer);
}
