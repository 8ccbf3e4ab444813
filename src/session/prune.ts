/**
 * Retention: old sessions go, with their mirror and the files no other session needs.
 *
 * P1 A session with a run under way stays.
 * P2 A file stays as long as any session that stays points to it, and all stay while that cannot be
 *    known because events of such a session cannot be read.
 */
import { hasEnded } from "../orchestrator/state.ts";
import type { Artifact } from "../protocol/artifact.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { artifactsIn } from "./core/artifacts-of.ts";
import type { SessionRow } from "./session-table.ts";
import type { SessionStore } from "./store.ts";

/** What would go. */
export interface PrunePlan {
  readonly sessions: readonly SessionRow[];
  readonly artifacts: readonly Artifact[];
  readonly bytes: number;
}

/** What goes when sessions unchanged since `before` (milliseconds since the epoch) do. */
export function planPrune(
  store: Pick<SessionStore, "listSessions" | "listRuns" | "runEvents">,
  before: number,
): PrunePlan {
  const all = store.listSessions();
  const old = all.filter((one) => one.changedAt < before && !hasRunUnderWay(store, one)); // P1
  const staying = all.filter((one) => !old.includes(one));
  const kept = new Set(staying.flatMap((one) => hashes(store, one)));
  const isKnown = staying.every((one) => isWhole(store, one));
  const going = new Map(
    old
      .flatMap((one) => artifactsOfSession(store, one))
      .filter(({ sha256 }) => isKnown && !kept.has(sha256)) // P2
      .map((artifact) => [`${artifact.sha256} ${artifact.mediaType}`, artifact]),
  );
  const artifacts = [...going.values()];
  return { sessions: old, artifacts, bytes: artifacts.reduce((sum, one) => sum + one.bytes, 0) };
}

/** Carries a plan out; the mirror follows when it is next in reach. */
export async function applyPrune(
  store: Pick<SessionStore, "record" | "purge">,
  artifacts: Pick<ArtifactStore, "remove">,
  plan: PrunePlan,
): Promise<void> {
  for (const { sessionId } of plan.sessions) {
    store.record(sessionId, { type: "session-deleted" });
    store.purge(sessionId);
  }
  for (const artifact of plan.artifacts) await artifacts.remove(artifact);
}

function hasRunUnderWay(store: Pick<SessionStore, "listRuns">, { sessionId }: SessionRow): boolean {
  return store.listRuns(sessionId).some(({ status }) => status !== "pending" && !hasEnded(status));
}

function artifactsOfSession(
  store: Pick<SessionStore, "listRuns" | "runEvents">,
  { sessionId }: SessionRow,
): readonly Artifact[] {
  return store.listRuns(sessionId).flatMap(({ runId }) => artifactsIn(store.runEvents(runId)));
}

/** Whether every event of a session's runs can be read, so that all they point to is known. */
function isWhole(
  store: Pick<SessionStore, "listRuns" | "runEvents">,
  { sessionId }: SessionRow,
): boolean {
  return store.listRuns(sessionId).every(({ runId }) => store.runEvents(runId).damage.length === 0);
}

function hashes(
  store: Pick<SessionStore, "listRuns" | "runEvents">,
  session: SessionRow,
): readonly string[] {
  return artifactsOfSession(store, session).map(({ sha256 }) => sha256);
}
