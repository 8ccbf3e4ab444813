/**
 * The orchestrator: reads results, commands and due timers, decides, and stores each decision with
 * everything that follows from it in one script.
 *
 * O1 It owns no state: what it remembers of a run is only used at the version it was committed at.
 * O2 It decides while it holds the lease; a decision of one that has lost it is refused, and what it
 *    had read is decided on by the next one. A commit that came too late is decided again from the
 *    present version.
 * O3 An entry leaves its stream only with the commit it led to, or to the dead letters.
 * O4 Events of one run are decided on one after the other, those of different runs side by side;
 *    more is read while decisions are being stored. What is pending is read again only when nothing
 *    is in hand, so that no entry is decided on twice.
 * O5 What changes nothing is still recorded, where the operator should see it (late results,
 *    refused commands).
 */
import { errorMessage } from "../../base/error-message.ts";
import { settleEntry } from "../../bus/dead-letters.ts";
import { isPassingProblem } from "../../bus/passing-problem.ts";
import { runScript } from "../../bus/run-script.ts";
import { commitTogether, loadRun } from "../../bus/run-store.ts";
import { takeDueScript } from "../../bus/scripts/take-due.ts";
import type { StreamEntry } from "../../bus/stream-reader.ts";
import { entriesOf, readStreams } from "../../bus/stream-reader.ts";
import { decodeRun } from "../../orchestrator/codec.ts";
import { refusalOf } from "../../orchestrator/orders.ts";
import { ignoreReason, reduce } from "../../orchestrator/reduce.ts";
import type { RunState } from "../../orchestrator/state.ts";
import { hasEnded } from "../../orchestrator/state.ts";
import type { RunId } from "../../protocol/ids.ts";
import { ORCHESTRATOR_GROUP } from "../../protocol/names.ts";
import type { RunEvent } from "../../protocol/run-events.ts";
import { reachFailpoint } from "../runtime/failpoint.ts";
import { logProblem } from "../runtime/log-problem.ts";
import type { WorkerContext } from "../runtime/worker-context.ts";
import { adoptForeignMessages } from "./adoption.ts";
import type { EntriesInHand } from "./entries-in-hand.ts";
import { holdEntries } from "./entries-in-hand.ts";
import type { Incoming } from "./inbox.ts";
import { readCommand, readResult, readTimer } from "./inbox.ts";
import type { Leadership } from "./leadership.ts";
import { takeTurns } from "./leadership.ts";
import { lookUp } from "./look-up.ts";
import { commitOf } from "./outbox.ts";
import type { KnownRun, RunCache } from "./run-cache.ts";
import { openRunCache } from "./run-cache.ts";

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

/** Entries in hand at a time. */
const ENTRIES_AT_ONCE = 128;

/** Does the orchestrator's work until it is drained. */
export async function orchestrate(context: WorkerContext): Promise<void> {
  // What is published as soon as somebody is ready must not go unheard.
  await adoptForeignMessages(context).catch((cause: unknown) => logProblem(context, cause));
  context.setActivity("ready", null);
  const { command, names } = context;
  await takeTurns(context, (leadership) =>
    lead({
      ...context,
      leadership,
      cache: openRunCache(),
      commit: commitTogether(command, names, leadership.fence),
      inHand: holdEntries(ENTRIES_AT_ONCE),
    }),
  );
}

/** A worker while it decides. */
interface Leader extends WorkerContext {
  readonly leadership: Leadership;
  readonly cache: RunCache;
  readonly commit: ReturnType<typeof commitTogether>;
  readonly inHand: EntriesInHand;
}

async function lead(context: Leader): Promise<void> {
  const { names, command, cache, inHand, leadership } = context;
  const forget = (): void => cache.clear();
  command.on("ready", forget);
  const stopTimers = startTimers(context);
  let lookedAt = 0;
  await readStreams({
    blocking: context.blocking,
    streams: [names.commandStream, names.resultStream],
    group: ORCHESTRATOR_GROUP,
    consumer: context.config.slot,
    count: () => inHand.room(),
    signal: leadership.over,
    blockMs: () => READ_FOR_MS,
    async onEntries(entries) {
      for (const entry of entries) take(context, entry);
      await inHand.untilRoom();
    },
    beforeReplay: () => inHand.untilIdle(), // O4
    async onIdle() {
      if (Date.now() - lookedAt < LOOK_FOR_ABANDONED_EVERY_MS) return;
      lookedAt = Date.now();
      await takeOver(context);
    },
    onProblem: (cause) => logProblem(context, cause),
  });
  // What failed now is decided on by the next one, who reads it again.
  await inHand.untilIdle().catch(() => undefined);
  stopTimers();
  command.off("ready", forget);
}

/**
 * Takes over what an orchestrator before us had read and not decided on (O2): whoever leads may take
 * everything.
 */
async function takeOver(context: Leader): Promise<void> {
  const { command, names, config, inHand } = context;
  await inHand.untilIdle(); // O4: what is in hand is among what is claimed.
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
    for (const entry of entriesOf([[stream, entries]])) take(context, entry);
    await inHand.untilIdle();
  }
}

/** O4 */
function take(context: Leader, entry: StreamEntry): void {
  const incoming = read(context, entry, Date.now());
  if (incoming.ok) {
    const { value } = incoming;
    context.inHand.take(value.runId, () => handle(context, entry, value));
  } else context.inHand.take(entry.id, () => discard(context, entry, incoming.error));
}

async function handle(context: Leader, entry: StreamEntry, incoming: Incoming): Promise<void> {
  try {
    await decide(context, entry, incoming);
  } catch (cause) {
    context.cache.drop(incoming.runId);
    // O3: the entry stays pending and is read again when the connection is back.
    logProblem(context, cause, `could not decide on ${entry.id}`, "error");
    if (!isPassingProblem(cause)) await discard(context, entry, errorMessage(cause));
    else throw cause;
  }
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
  let known = context.cache.get(incoming.runId);
  // A request is taken for new until its commit says otherwise.
  const isNew = incoming.event.type === "run-requested";
  if (known === undefined && !isNew) known = await load(context, incoming.runId);
  for (let conflicts = 0; conflicts < MAXIMUM_CONFLICTS; conflicts += 1) {
    const outcome = await decideOnce(context, { entry, incoming, known });
    if (outcome === "settled") return;
    known = await load(context, incoming.runId); // O2: somebody else committed first.
  }
  throw new Error(`gave up on ${incoming.runId} after ${MAXIMUM_CONFLICTS} conflicts`);
}

/** O1 */
async function load({ command, names }: Leader, runId: RunId): Promise<KnownRun | undefined> {
  const stored = await loadRun(command, names, runId);
  return stored && { version: stored.version, state: decodeRun(stored) };
}

async function decideOnce(
  context: Leader,
  about: {
    readonly entry: StreamEntry;
    readonly incoming: Incoming;
    readonly known: KnownRun | undefined;
  },
): Promise<"settled" | "conflict"> {
  const { cache, leadership } = context;
  const { entry, known } = about;
  const { runId, event } = about.incoming;
  if (known === undefined && event.type !== "run-requested") {
    await discard(context, entry, `there is no run ${runId}`);
    return "settled";
  }
  const recorded =
    event.type === "look-up-due"
      ? await lookUp(context, known?.state, event)
      : recordedAs(known?.state, event);
  const decision = recorded === undefined ? undefined : reduce(known?.state, recorded);
  if (recorded === undefined || decision === undefined) {
    await settle(context, entry);
    return "settled";
  }
  const [state, effects] = decision;
  const commit = commitOf(context, {
    runId,
    version: known?.version ?? 0,
    event: recorded,
    state,
    effects,
    source: { stream: entry.stream, entryId: entry.id },
  });
  reachFailpoint(context.config, "before-commit");
  const outcome = await context.commit(commit);
  if (outcome.committed) {
    reachFailpoint(context.config, "after-commit");
    if (hasEnded(state.status)) cache.drop(runId);
    else cache.keep(runId, { version: outcome.version, state });
    return "settled";
  }
  if (!outcome.fenced) return "conflict";
  leadership.giveUp(); // O2
  return "settled";
}

/** O5: the event as the log will have it; undefined when nobody needs to know of it. */
function recordedAs(state: RunState | undefined, event: RunEvent): RunEvent | undefined {
  if (state === undefined) return event;
  switch (event.type) {
    case "run-requested":
    case "run-lost":
      return undefined;
    case "result-received": {
      const reason = ignoreReason(state, event);
      if (reason === undefined) return event;
      return { type: "result-ignored", at: event.at, taskId: event.taskId, reason };
    }
    case "rerun-requested":
    case "plan-applied":
    case "cancel-requested":
    case "pause-requested":
    case "resume-requested":
    case "verdict-given": {
      const refused = refusalOf(state, event);
      if (refused === undefined) return event;
      return { type: "command-refused", at: event.at, commandId: event.commandId, ...refused };
    }
    case "retry-due":
    case "timeout-reached":
    case "result-reused":
    case "reuse-declined":
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
