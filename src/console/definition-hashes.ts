/** What agents work with besides their input, as one hash each: work is the same only if it is. */
import { createHash } from "node:crypto";
import type { WorkerConfig } from "../protocol/control.ts";
import type { TaskAgentName } from "../protocol/ids.ts";

/** What bears on it. */
interface Settings extends Pick<WorkerConfig, "version" | "languageModel" | "mcpServers"> {
  /** Agents that foreign programs play. */
  readonly external: readonly TaskAgentName[];
}

/**
 * By agent, a hash of its version and its settings, keys left out. None of an agent that works with
 * more than is known here: one that foreign programs play, foreign tools, programs of the user's own.
 */
export function definitionHashes(settings: Settings): Record<string, string> {
  const { version, external, languageModel: model, mcpServers } = settings;
  const hasForeignTools = (mcpServers?.usable.length ?? 0) > 0;
  const known: readonly (readonly [TaskAgentName, object | null])[] = [
    ["simulation", null],
    ["viz", null],
    ...(model === undefined ? ([["qna", null]] as const) : []),
    ...(model === undefined || hasForeignTools ? [] : ([["qna", definitionOf(model)]] as const)),
  ];
  return Object.fromEntries(
    known
      .filter(([agent]) => !external.includes(agent))
      .map(([agent, definition]) => [agent, hashOf([version, definition])]),
  );
}

/** Who answers and how much it may do for it; not the key, the price or the patience. */
function definitionOf({
  provider,
  url,
  name,
  maximumSteps,
  maximumTokens,
}: NonNullable<Settings["languageModel"]>): object {
  return { provider, url, name, maximumSteps, maximumTokens };
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
