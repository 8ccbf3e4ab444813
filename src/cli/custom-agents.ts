/** The agents of the user's own: found in the project's and the user's folder. */
import { isTrusted, showCommand } from "../engines/command-model/trust.ts";
import type { OpenedAgent } from "../engines/custom-agent/manifest.ts";
import { openCustomAgent } from "../engines/custom-agent/manifest.ts";
import type { CustomAgent } from "../orchestrator/custom-agent.ts";
import type { CustomAgentName } from "../protocol/ids.ts";
import { agentFiles } from "./agent-folders.ts";
import { trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";

/** What was found in one folder of an agent. */
export interface FoundAgent extends CustomAgent {
  readonly file: string;
  /** What its manifest says, when it can be read. */
  readonly opened: OpenedAgent | undefined;
  readonly trusted: boolean;
}

/** Every agent folder with a manifest, as it is now; an earlier folder wins. */
export function customAgents(
  config: Pick<Config, "configFolder" | "stateFolder">,
): readonly FoundAgent[] {
  return [...agentFiles(config.configFolder.value)].map(([name, file]) =>
    judge(name, file, config),
  );
}

/**
 * The agents that can be played here: their manifest is valid, and their program is trusted or one
 * that foreign programs stand in for.
 */
export function playableAgents(
  config: Pick<Config, "configFolder" | "external" | "stateFolder">,
): readonly { readonly name: CustomAgentName; readonly file: string }[] {
  const isForeign = (agent: string): boolean => config.external.value.some((one) => one === agent);
  return customAgents(config).flatMap(({ name, opened, trusted, file }) =>
    opened === undefined || !(trusted || isForeign(name)) ? [] : [{ name: opened.name, file }],
  );
}

/** Why the program of an agent with a valid manifest may not run yet; undefined when it may. */
export function untrustedAgent({
  name,
  file,
  opened,
  trusted,
}: FoundAgent): CustomAgent["problem"] {
  if (opened === undefined || trusted) return undefined;
  const command = showCommand(opened.manifest);
  const message = `agent ${name} runs a program that you have not trusted yet: ${command}`;
  return { message, remedy: `look at the program; then aimie-console trust ${file}` };
}

function judge(name: string, file: string, config: Pick<Config, "stateFolder">): FoundAgent {
  const opened = openCustomAgent(file);
  if (!opened.ok) {
    const { message, nextStep = "correct the file" } = opened.error;
    const problem = { message: `agent ${name}: ${file}: ${message}`, remedy: nextStep };
    return {
      ...{ name, file, opened: undefined, trusted: false },
      ...{ inputs: undefined, required: [], problem },
    };
  }
  const { manifest, fingerprint } = opened.value;
  const { properties, required = [], additionalProperties } = manifest.input;
  const known = additionalProperties === false ? Object.keys(properties ?? {}) : undefined;
  const trusted = isTrusted(trustFileOf(config), { fingerprint });
  return { name, file, opened: opened.value, trusted, inputs: known, required };
}
