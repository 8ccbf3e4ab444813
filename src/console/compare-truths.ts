/**
 * Compares at intervals what this console knows with what Redis has: a message may be lost without
 * a trace, and so may Redis's data, wholly or its tail.
 *
 * P1 Redis has more of a run than is known here: it is read. Of a run that is shown, events were
 *    missed: that is a gap.
 * P2 Redis has less of an unfinished run than the local store: it is committed again. Versions only
 *    grow, so nothing but a loss of data explains it.
 * P3 The epoch is set by the first console that finds none; when it is gone or another, also since
 *    the last time a console ran, the data was lost, and the sessions are copied again.
 * P4 A request of which no event was ever heard is sent again; where it has arrived that changes
 *    nothing. One that is older than Redis remembers runs that have ended is not: it may have been
 *    done.
 * P5 Runs that were asked of this bus here are looked after, whether they are shown or not; one that
 *    another store asked for only when it is shown, and after its owner has had time to do it.
 *    Consoles of one store commit the same, and each version is let in once.
 * P6 What neither Redis nor the local store can tell the beginning of ends as `bus-data-lost`.
 * P7 Redis may have gone on before its lost events came back: where its state is not what the events
 *    kept here amount to, its log takes their place. Runs that have ended are looked at once more, and
 *    once after each reconnection: the loss of their end would go unnoticed.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { errorMessage } from "../base/error-message.ts";
import { sendCommand } from "../bus/commands.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { isConnectionProblem } from "../bus/passing-problem.ts";
import { loadRunEvents } from "../bus/run-store.ts";
import { KEPT_SECONDS } from "../bus/scripts/kept.ts";
import { hasEnded } from "../orchestrator/state.ts";
import { commandSchema } from "../protocol/commands.ts";
import type { RunId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { parseBoundedJson, parseMessage } from "../protocol/parse-message.ts";
import { runEventDataSchema } from "../protocol/run-events.ts";
import type { Mirror } from "../session/mirror.ts";
import type { OwnRun } from "../session/run-table.ts";
import type { SessionStore } from "../session/store.ts";
import type { ConsoleBooks } from "./console-books.ts";
import type { RunView } from "./console-state.ts";
import type { DivergedStore } from "./diverged-log.ts";
import { compareStates, takeTheirLog } from "./diverged-log.ts";
import type { LostRun, RestoredStore } from "./restore-run.ts";
import { endAsLost, restoreRun } from "./restore-run.ts";

/** Runs that are not shown and are compared at a time; of more, the next ones the next time. */
const OWN_RUNS_AT_ONCE = 200;

/** Comparisons for which the owner of a lost run is waited for, before others give it back. */
const PATIENCE_COMPARISONS = 5;

/** How long Redis remembers a run that has ended, milliseconds. */
const REMEMBERED_MS = KEPT_SECONDS * 1000;

/** How long after its end a lost run is given back all the same, milliseconds: its request may return. */
const RECENT_MS = 600_000;

/** Runs of which it is remembered that Redis has the same; from more on, all are looked at again. */
const REMEMBERED_RUNS = 5000;

/** How long an event that Redis has may still be on its way, milliseconds. */
const ON_ITS_WAY_MS = 250;

/** What is compared, and what is done about a difference. */
export interface ComparisonScope {
  readonly command: RedisConnection;
  readonly names: Names;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly store: RestoredStore &
    DivergedStore &
    Pick<SessionStore, "epoch" | "keepEpoch" | "ownRuns" | "isOwn">;
  readonly books: Pick<
    ConsoleBooks,
    "runs" | "lookUp" | "fillGap" | "tell" | "sessionId" | "showSession" | "store"
  >;
  readonly mirror: Pick<Mirror, "copyAgain">;
}

/** What is remembered from one comparison to the next. */
interface Memory {
  epoch: string | undefined;
  /** What the next own runs to compare come after. */
  place: string;
  /** How often each lost run was left to its owner. */
  readonly patience: Map<RunId, number>;
  /** The version up to which Redis is known to have what is kept here, since it was last away. */
  readonly agreed: Map<RunId, number>;
}

/** Does the work of one run; a problem of it does not keep the others from being compared. */
type ForEachRun = (work: () => Promise<void>) => Promise<void>;

/** Makes the comparison; a call while one is under way does nothing. Never rejects. */
export function createComparison(scope: ComparisonScope): () => Promise<void> {
  const memory: Memory = {
    ...{ epoch: undefined, place: "" },
    ...{ patience: new Map(), agreed: new Map() },
  };
  scope.command.on("ready", () => memory.agreed.clear()); // P7
  let busy = false;
  let told = "";
  const compare = async (): Promise<void> => {
    await compareEpoch(scope, memory);
    const problems: unknown[] = [];
    const each: ForEachRun = async (work) => {
      await work().catch((cause: unknown) => {
        if (isConnectionProblem(cause)) throw cause;
        problems.push(cause);
      });
    };
    for (const run of scope.books.runs.values()) {
      const isSettled = hasEnded(run.state.status) && memory.agreed.get(run.runId) === run.seq; // P7
      if (!isSettled) await each(() => compareShown(scope, memory, run));
    }
    await compareOwn(scope, memory, each);
    if (problems.length > 0) throw problems[0];
  };
  return async () => {
    if (busy || scope.command.status !== "ready") return;
    busy = true;
    try {
      await compare();
      told = "";
    } catch (cause) {
      const problem = errorMessage(cause);
      // That Redis is away is told by its connection.
      if (problem !== told && !isConnectionProblem(cause)) {
        scope.books.tell("warning", "bus", problem);
      }
      told = problem;
    } finally {
      busy = false;
    }
  };
}

/** P3 */
async function compareEpoch(
  { command, names, store, books, mirror }: ComparisonScope,
  memory: Memory,
): Promise<void> {
  await command.set(names.epochKey, randomUUID(), "NX");
  const present = await command.get(names.epochKey);
  if (present === null) return; // Lost again just now.
  const bus = busOf(books);
  const known = memory.epoch ?? store.epoch(bus);
  if (known !== undefined && known !== present) {
    books.tell("warning", "bus", "Redis has lost its data; unfinished runs are restored");
    mirror.copyAgain();
  }
  memory.epoch = present; // Before it is stored: a full disk must not make it lost again and again.
  if (known !== present) store.keepEpoch(bus, present);
}

async function versionOf({ command, names }: ComparisonScope, runId: RunId): Promise<number> {
  return Number((await command.hget(names.runHash(runId), "ver")) ?? 0);
}

async function compareShown(scope: ComparisonScope, memory: Memory, run: RunView): Promise<void> {
  const { store, books } = scope;
  const { runId, sessionId } = run;
  const version = await versionOf(scope, runId);
  if (version === 0 && isOver(scope, run)) {
    memory.agreed.set(runId, run.seq);
    return;
  }
  if (version > run.seq) await readMissed(scope, runId, version); // P1
  if (await hasDiverged(scope, memory, run, version)) return; // P7
  if (version >= run.seq) memory.patience.delete(runId);
  if (version >= run.seq || waitsForOwner(scope, memory, runId)) return;
  const lost = `Redis has ${version} of its ${run.seq} events; the others are committed again`;
  books.tell("warning", "bus", lost, runId);
  const { flowName } = run.state.origin.spec;
  const outcome = await giveBack(scope, { runId, sessionId, flowName });
  // A damaged log was shortened: what is shown goes back to where the run goes on from.
  const isShorter = outcome === "lost" || store.runState(runId).seq < run.seq;
  if (isShorter && sessionId === books.sessionId) books.showSession(sessionId);
}

/** Whether a run that Redis does not know has ended and may be left to this store alone. */
function isOver({ clock, store, books }: ComparisonScope, { runId, state }: RunView): boolean {
  if (state.finishedAt === null) return false;
  return clock.now() - state.finishedAt > RECENT_MS || !store.isOwn(runId, busOf(books));
}

/** P7: whether Redis went on in another way; then its log is taken over. */
async function hasDiverged(
  scope: ComparisonScope,
  { agreed }: Memory,
  { runId, sessionId }: Pick<LostRun, "runId" | "sessionId">,
  version: number,
): Promise<boolean> {
  if (version === 0 || agreed.get(runId) === version) return false;
  const comparison = await compareStates(scope, runId);
  const place =
    comparison === "differs" ? await takeTheirLog(scope, { runId, sessionId }) : undefined;
  if (place === undefined) {
    if (agreed.size > REMEMBERED_RUNS) agreed.clear();
    if (comparison !== "unknown") agreed.set(runId, version);
    return false;
  }
  const { books } = scope;
  const text = `Redis lost events of it and went on in another way from event ${place} on; its log counts`;
  books.tell("warning", "bus", text, runId);
  if (sessionId === books.sessionId) books.showSession(sessionId);
  return true;
}

/** Reads events that were missed; those that are only on their way are let come. */
async function readMissed(
  { books, clock }: ComparisonScope,
  runId: RunId,
  version: number,
): Promise<void> {
  await new Promise<void>((resolve) => clock.after(ON_ITS_WAY_MS, resolve));
  if ((books.runs.get(runId)?.seq ?? version) < version) await books.fillGap(runId);
}

/** P5 */
function waitsForOwner({ store, books }: ComparisonScope, memory: Memory, runId: RunId): boolean {
  if (store.isOwn(runId, busOf(books))) return false;
  const waited = memory.patience.get(runId) ?? 0;
  if (waited < PATIENCE_COMPARISONS) memory.patience.set(runId, waited + 1);
  else memory.patience.delete(runId);
  return waited < PATIENCE_COMPARISONS;
}

/** P5: the runs that are not shown. */
async function compareOwn(scope: ComparisonScope, memory: Memory, each: ForEachRun): Promise<void> {
  const { store, books } = scope;
  const page = store.ownRuns(busOf(books), memory.place, OWN_RUNS_AT_ONCE);
  memory.place = page.next;
  const hidden = page.runs.filter((run) => !books.runs.has(run.runId));
  const versions = await Promise.allSettled(hidden.map((run) => versionOf(scope, run.runId)));
  for (const [index, run] of hidden.entries()) {
    await each(async () => {
      const version = versions[index];
      if (version?.status === "rejected") throw version.reason;
      await compareHidden(scope, memory, run, version?.value ?? 0);
    });
  }
}

async function compareHidden(
  scope: ComparisonScope,
  memory: Memory,
  run: OwnRun,
  version: number,
): Promise<void> {
  const { store, books } = scope;
  const { runId, sessionId } = run;
  const { seq } = store.runState(runId);
  if (version > seq) {
    await takeIn(scope, run); // P1
    if (sessionId === books.sessionId) await books.lookUp(runId);
  }
  if (await hasDiverged(scope, memory, run, version)) return; // P7
  if (version >= seq && version > 0) return;
  const isFresh = scope.clock.now() - run.requestedAt < REMEMBERED_MS;
  if (isFresh && run.request !== "" && (await sendAgain(scope, run.request))) return; // P4
  books.tell("info", "bus", `run ${runId}: Redis has ${version} of its ${seq} events`, runId);
  await giveBack(scope, run);
  if (sessionId === books.sessionId) await books.lookUp(runId);
}

/** Keeps what Redis has of a run beyond the unbroken beginning of its log. */
async function takeIn({ command, names, store }: ComparisonScope, run: LostRun): Promise<void> {
  const { runId, sessionId } = run;
  const { seq, damage } = store.runState(runId);
  if (damage.length > 0) store.cutRun(runId, seq); // What is intact takes its place.
  for (const text of await loadRunEvents(command, names, runId, seq + 1)) {
    const message = parseMessage(text, runEventDataSchema);
    if (message.ok) store.recordRunEvent(message.value.data, sessionId);
  }
}

async function giveBack(scope: ComparisonScope, run: LostRun): Promise<"restored" | "lost"> {
  const { command, names, clock, store } = scope;
  if (await restoreRun(command, names, store, run.runId)) return "restored"; // P2
  await endAsLost(command, names, store, { ...run, at: clock.now() }); // P6
  return "lost";
}

/** What a request is kept under: a store may serve consoles of several buses. */
export function busOf({ store }: Pick<ConsoleBooks, "store">): string {
  const { address, namespace } = store.getState().bus;
  return `${address} ${namespace}`;
}

/** Sends a request again; false when it cannot be read. */
async function sendAgain({ command, names }: ComparisonScope, text: string): Promise<boolean> {
  const json = parseBoundedJson(text);
  const parsed = commandSchema.safeParse(json.ok ? json.value : undefined);
  if (!parsed.success || parsed.data.type !== "start-run") return false;
  await sendCommand(command, names, parsed.data);
  return true;
}
