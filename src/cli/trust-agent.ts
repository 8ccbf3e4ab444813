/** `trust` for the manifest of an agent of the user's own. */
import { basename, resolve } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { filesOf } from "../engines/command-model/trust.ts";
import { MANIFEST, openCustomAgent } from "../engines/custom-agent/manifest.ts";
import type { Config } from "./config.ts";
import { customAgents } from "./custom-agents.ts";
import type { OutputForm } from "./flag.ts";
import { keepTrust, tellTrust } from "./give-trust.ts";
import type { Output } from "./output.ts";

/** The manifest that a path or a name means; undefined when it means none. */
export function manifestOf(wanted: string, config: Config): string | undefined {
  if (basename(wanted) === MANIFEST) return resolve(wanted);
  return customAgents(config).find(({ name }) => name === wanted)?.file;
}

/**
 * Trusts an agent's program as it is now.
 * @throws OperatorError `usage` for a file that is no manifest, or a state folder that cannot be
 * written.
 */
export function trustAgent(file: string, form: OutputForm, config: Config, output: Output): void {
  const opened = openCustomAgent(file);
  if (!opened.ok) {
    const { message, nextStep = "correct the file" } = opened.error;
    throw new OperatorError({ code: "usage", message: `${file}: ${message}`, nextStep });
  }
  const { name, folder, manifest, fingerprint } = opened.value;
  keepTrust(config, { model: manifest, fingerprint });
  if (form !== "text") {
    const { command } = manifest;
    const files = filesOf(manifest, folder);
    output.out(JSON.stringify({ agent: name, command, folder, files, fingerprint }));
    return;
  }
  const what = `agent ${name}  ${manifest.description}`;
  tellTrust(output, { what, file: MANIFEST, folder, command: manifest.command });
}
