import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import { isTrusted, showCommand } from "../../engines/command-model/trust.ts";
import { openCustomAgent } from "../../engines/custom-agent/manifest.ts";
import type { WorkerConfig } from "../../protocol/control.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { TaskAgent } from "../runtime/task-agent.ts";
import type { AgentProgram } from "./program-session.ts";

/** An agent of the user's own, ready to be played. */
export interface OpenedDefinition {
  readonly definition: TaskAgent<Readonly<Record<string, unknown>>>;
  readonly program: AgentProgram;
}

/** Reads the manifest; a program that is not trusted is refused. */
export function openDefinition(config: WorkerConfig): Result<OpenedDefinition, Failure> {
  const opened = openCustomAgent(config.customAgent?.manifest ?? "");
  if (!opened.ok) return opened;
  const { name, file, folder, manifest, fingerprint, inputSchema, outputSchema } = opened.value;
  const { command, concurrency } = manifest;
  const { trustFile, environment } = config.commandModels;
  if (!isTrusted(trustFile, { fingerprint })) {
    return err({
      kind: "invalid-input",
      message: `The agent ${name} runs a program that is not trusted: ${showCommand({ command })}.`,
      nextStep: `Look at the program; then aimie-console trust ${file}`,
    });
  }
  const [program = "", ...words] = command.map((word) =>
    word.replaceAll("{folder}", folder).replaceAll("{node}", process.execPath),
  );
  return ok({
    program: { program, words, folder, environment, vet: () => distrust(config, fingerprint) },
    definition: {
      ...{ agent: name, inputSchema, outputSchema, tasksAtOnce: concurrency },
      toolConfig: () => ({}),
      toolCall: (input) => ({ tool: name, arguments: input }),
    },
  });
}

/** Why the agent is no longer the one that was opened, or no longer trusted. */
function distrust(
  { customAgent, commandModels }: WorkerConfig,
  fingerprint: string,
): Failure | undefined {
  const now = openCustomAgent(customAgent?.manifest ?? "");
  const isSame = now.ok && now.value.fingerprint === fingerprint;
  if (isSame && isTrusted(commandModels.trustFile, { fingerprint })) return undefined;
  return {
    kind: "invalid-input",
    message: "the agent's program or manifest has changed since its worker was started",
    nextStep: "look at it, trust it as it is now, and restart its worker (`s` in the agents pane)",
  };
}
