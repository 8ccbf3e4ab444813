/** Files that a task points to and that another machine has made: brought here before it is done. */
import { stat } from "node:fs/promises";
import { systemClock } from "../../base/clock.ts";
import type { ArtifactExchange } from "../../bus/artifact-exchange.ts";
import { fetchArtifact } from "../../bus/artifact-exchange.ts";
import type { Artifact } from "../../protocol/artifact.ts";
import { artifactsIn } from "../../protocol/artifact.ts";
import { folderArtifactStore } from "../../session/artifact-store.ts";
import type { CarryOut } from "./carry-out.ts";
import type { WorkerContext } from "./worker-context.ts";

/**
 * The same work, with the files of its input in the worker's folder. One that nobody has is left to
 * the tool, which says what it lacks; so is one that is here and damaged.
 */
export function withFiles<Input>(
  { config, command, log }: Pick<WorkerContext, "command" | "config" | "log">,
  carryOut: CarryOut<Input>,
): CarryOut<Input> {
  const artifacts = folderArtifactStore(config.artifactFolder);
  const exchange = { artifacts, namespace: config.namespace, clock: systemClock, log };
  return async (input, hands) => {
    const { signal, tell } = hands;
    for (const artifact of await missingOf(exchange, artifactsIn(input))) {
      if (signal.aborted) break;
      const message = `fetching ${artifact.name} from another machine`;
      tell({ kind: "advanced", fraction: null, message });
      const onProgress = (fraction: number): void => tell({ kind: "advanced", fraction, message });
      const path = await fetchArtifact(exchange, command, artifact, { signal, onProgress });
      if (path !== undefined) log("info", `fetched ${artifact.name} from another machine`);
    }
    return await carryOut(input, hands);
  };
}

/** By their size alone: the tool that reads a file looks at all of it. */
async function missingOf(
  { artifacts }: ArtifactExchange,
  wanted: readonly Artifact[],
): Promise<readonly Artifact[]> {
  const missing: Artifact[] = [];
  for (const artifact of wanted) {
    const found = await stat(artifacts.pathOf(artifact)).catch(() => undefined);
    if (found?.size !== artifact.bytes) missing.push(artifact);
  }
  return missing;
}
