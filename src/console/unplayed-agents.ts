/** Which agents a run waits for although nobody plays them. Pure. */
import type { RunState } from "../orchestrator/state.ts";
import { hasEnded, lastAttempt } from "../orchestrator/state.ts";
import { definitionOf, entriesOf } from "../orchestrator/step-access.ts";
import type { AgentName } from "../protocol/ids.ts";
import type { ConsoleState, WorkerView } from "./console-state.ts";

/** How long a worker may take to be heard of before it is missed, milliseconds. */
const MISSED_AFTER_MS = 3000;

/** The run waited for: since when, and its state when anything of it was heard. */
export interface AwaitedRun {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly state: RunState | undefined;
}

/** Whether somebody plays an agent, or is about to. */
export function isPlayed(agent: AgentName, workers: readonly WorkerView[]): boolean {
  return workers.some(
    (worker) =>
      worker.agent === agent &&
      worker.status !== "lost" &&
      worker.status !== "stopped" &&
      worker.status !== "given-up",
  );
}

/** The agents that have been missed for a while: the orchestrator, and those of dispatched steps. */
export function unplayedAgents(
  { since, state }: AwaitedRun,
  { workers, now }: Pick<ConsoleState, "workers" | "now">,
): readonly AgentName[] {
  if (state !== undefined && hasEnded(state.status)) return [];
  const latest = now - MISSED_AFTER_MS;
  const leader: readonly AgentName[] = since <= latest ? ["orchestrator"] : [];
  const wanted = [...leader, ...(state === undefined ? [] : awaitedAgents(state, latest))];
  return [...new Set(wanted)].filter((agent) => !isPlayed(agent, workers));
}

/** The agents of the steps that were dispatched by then. */
function awaitedAgents(state: RunState, latest: number): readonly AgentName[] {
  return entriesOf(state).flatMap(([key, step]) => {
    const agent = definitionOf(state, key)?.agent;
    const dispatchedAt = lastAttempt(step)?.dispatchedAt ?? Number.POSITIVE_INFINITY;
    const isAwaited = step.progress.status === "dispatched" && dispatchedAt <= latest;
    return isAwaited && agent !== undefined ? [agent] : [];
  });
}
