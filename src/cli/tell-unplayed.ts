/** Says once that an agent a run waits for is played by nobody, and how to start it. */
import type { ConsoleHandle } from "../console/console-handle.ts";
import { unplayedAgents } from "../console/unplayed-agents.ts";
import type { AgentName, RunId } from "../protocol/ids.ts";
import type { Output } from "./output.ts";

/** Tells on the error stream until it is stopped; again when an agent came and went. */
export function tellUnplayed(
  { store }: Pick<ConsoleHandle, "store">,
  runId: RunId,
  output: Pick<Output, "err">,
): () => void {
  const since = store.getState().now;
  let told: readonly AgentName[] = [];
  return store.subscribe((state) => {
    if (state.bus.health !== "live") return; // Nobody can be heard then, and that is told.
    const run = state.runs.find((one) => one.runId === runId);
    const missed = unplayedAgents({ since, state: run?.state }, state);
    for (const agent of missed.filter((one) => !told.includes(one))) {
      output.err(
        `no ${agent} worker is alive, so run ${runId} waits: start one with ` +
          `aimie-console agent ${agent}, or all with aimie-console up`,
      );
    }
    told = missed;
  });
}
