/**
 * Compares at intervals what this console knows with what Redis has: a message may be lost without
 * a trace, and so may Redis's data, wholly or its tail.
 *
 * P1 Redis has more of a run than is shown: it is read (an event was missed).
 * P2 Redis has less of an unfinished run than the local store: it is committed again. Versions only
 *    grow, so nothing but a loss of data explains it.
 * P3 The epoch is set by the first console that finds none; when it is gone or another, the data
 *    was lost, and the sessions are copied again.
 * P4 A request of which no event was ever heard is sent again; where it has arrived that changes
 *    nothing. One that cannot be read is left alone.
 */
import { randomUUID } from "node:crypto";
import { errorMessage } from "../base/error-message.ts";
import { sendCommand } from "../bus/commands.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { hasEnded } from "../orchestrator/state.ts";
import { commandSchema } from "../protocol/commands.ts";
import type { Names } from "../protocol/names.ts";
import { parseBoundedJson } from "../protocol/parse-message.ts";
import type { Mirror } from "../session/mirror.ts";
import type { SessionStore } from "../session/store.ts";
import type { ConsoleBooks } from "./console-books.ts";
import type { RunView } from "./console-state.ts";
import type { RestoredStore } from "./restore-run.ts";
import { restoreRun } from "./restore-run.ts";

/** What is compared, and what is done about a difference. */
export interface ComparisonScope {
  readonly command: RedisConnection;
  readonly names: Names;
  readonly store: RestoredStore & Pick<SessionStore, "openRequests" | "runState">;
  readonly books: Pick<ConsoleBooks, "runs" | "follow" | "tell" | "showSession" | "store">;
  readonly mirror: Pick<Mirror, "copyAgain">;
}

/** Makes the comparison; a call while one is under way does nothing. Never rejects. */
export function createComparison(scope: ComparisonScope): () => Promise<void> {
  let busy = false;
  let epoch: string | undefined;
  let told = "";
  const compare = async (): Promise<void> => {
    const present = await epochOf(scope);
    if (epoch !== undefined && present !== epoch) {
      scope.books.tell("warning", "bus", "Redis has lost its data; unfinished runs are restored");
      scope.mirror.copyAgain(); // P3
    }
    epoch = present;
    for (const run of scope.books.runs.values()) {
      if (!hasEnded(run.state.status)) await compareRun(scope, run);
    }
    for (const text of scope.store.openRequests(busOf(scope.books))) await sendAgain(scope, text); // P4
  };
  return async () => {
    if (busy || scope.command.status !== "ready") return;
    busy = true;
    try {
      await compare();
      told = "";
    } catch (cause) {
      const problem = errorMessage(cause);
      if (problem !== told) scope.books.tell("warning", "bus", problem);
      told = problem;
    } finally {
      busy = false;
    }
  };
}

async function epochOf({ command, names }: ComparisonScope): Promise<string> {
  await command.set(names.epochKey, randomUUID(), "NX");
  return (await command.get(names.epochKey)) ?? "";
}

async function compareRun(scope: ComparisonScope, run: RunView): Promise<void> {
  const { command, names, store, books } = scope;
  const version = Number((await command.hget(names.runHash(run.runId), "ver")) ?? 0);
  if (version > run.seq) await books.follow(run.runId); // P1
  if (version >= run.seq) return;
  const lost = `Redis has ${version} of its ${run.seq} events; the others are committed again`;
  books.tell("warning", "bus", lost, run.runId);
  await restoreRun(command, names, store, run.runId); // P2
  // A damaged log was shortened: what is shown goes back to where the run goes on from.
  if (store.runState(run.runId).seq < run.seq) books.showSession(run.sessionId);
}

/** What a request is kept under: a store may serve consoles of several buses. */
export function busOf({ store }: Pick<ConsoleBooks, "store">): string {
  const { address, namespace } = store.getState().bus;
  return `${address} ${namespace}`;
}

async function sendAgain({ command, names }: ComparisonScope, text: string): Promise<void> {
  const json = parseBoundedJson(text);
  const parsed = commandSchema.safeParse(json.ok ? json.value : undefined);
  if (!parsed.success || parsed.data.type !== "start-run") return;
  await sendCommand(command, names, parsed.data);
}
