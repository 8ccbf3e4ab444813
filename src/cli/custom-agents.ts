/** The agents of the user's own: found in the project's and the user's folder. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { isTrusted, showCommand } from "../engines/command-model/trust.ts";
import type { OpenedAgent } from "../engines/custom-agent/manifest.ts";
import { MANIFEST, openCustomAgent } from "../engines/custom-agent/manifest.ts";
import type { CustomAgent } from "../orchestrator/custom-agent.ts";
import type { CustomAgentName } from "../protocol/ids.ts";
import { trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";

/** What was found in one folder of an agent. */
export interface FoundAgent extends CustomAgent {
  readonly file: string;
  /** What its manifest says, when it can be read. */
  readonly opened: OpenedAgent | undefined;
}

const found = new WeakMap<Config, readonly FoundAgent[]>();

/** Every agent folder with a manifest; an earlier folder wins. Read once. */
export function customAgents(config: Config): readonly FoundAgent[] {
  const known = found.get(config);
  if (known !== undefined) return known;
  const agents = new Map<string, FoundAgent>();
  for (const folder of [resolve("agents"), join(config.configFolder.value, "agents")]) {
    for (const name of namesIn(folder)) {
      if (!agents.has(name)) agents.set(name, judge(name, join(folder, name, MANIFEST), config));
    }
  }
  const all = [...agents.values()];
  found.set(config, all);
  return all;
}

/** The agents that can be started here: their manifest is valid and their program trusted. */
export function startableAgents(
  config: Config,
): readonly { readonly name: CustomAgentName; readonly file: string }[] {
  return customAgents(config).flatMap(({ opened, problem, file }) =>
    opened === undefined || problem !== undefined ? [] : [{ name: opened.name, file }],
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, MANIFEST)))
      .sort();
  } catch {
    return []; // There is no such folder.
  }
}

function judge(name: string, file: string, config: Config): FoundAgent {
  const opened = openCustomAgent(file);
  if (!opened.ok) {
    const { message, nextStep = "correct the file" } = opened.error;
    const problem = { message: `agent ${name}: ${file}: ${message}`, remedy: nextStep };
    return { name, file, opened: undefined, inputs: undefined, required: [], problem };
  }
  const { manifest, fingerprint } = opened.value;
  const { properties, required = [], additionalProperties } = manifest.input;
  const known = additionalProperties === false ? Object.keys(properties ?? {}) : undefined;
  const agent = { name, file, opened: opened.value, inputs: known, required };
  if (isTrusted(trustFileOf(config), { fingerprint })) return agent;
  const message = `agent ${name} runs a program that you have not trusted yet: ${showCommand(manifest)}`;
  const remedy = `look at the program; then aimie-console trust ${file}`;
  return { ...agent, problem: { message, remedy } };
}
