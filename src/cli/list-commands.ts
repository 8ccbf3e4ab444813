/** The verbs that only look: flows, sessions, show, config, broker. */
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { maskAddress } from "../bus/address.ts";
import { listFlows, listModels } from "../console/catalogue.ts";
import type { RunView } from "../console/console-state.ts";
import type { Parameter } from "../orchestrator/flow.ts";
import { folderArtifactStore } from "../session/artifact-store.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { CommandLine } from "./arguments.ts";
import type { Config } from "./config.ts";
import { describeConfig } from "./config.ts";
import { report } from "./headless.ts";
import { catalogueFolders, openBus, openStore } from "./open-console.ts";
import type { Output } from "./output.ts";
import { readFlowFile } from "./run-command.ts";

/** Lists the flows, or validates a file. */
export function flowsCommand(
  config: Config,
  { operands, flags }: CommandLine,
  output: Output,
): void {
  const [verb, file] = operands;
  if (verb === "validate") {
    if (file === undefined) throw usage("which file?", "aimie-console flows validate FILE");
    const { flow } = readFlowFile(file);
    const agents = flow.steps.map((step) => `${step.id} (${step.agent})`).join(", ");
    output.out(flags.output === "text" ? `${file} is valid: ${agents}` : JSON.stringify(flow));
    return;
  }
  if (verb !== undefined)
    throw usage(`unknown: flows ${verb}`, "aimie-console flows [validate FILE]");
  const folders = catalogueFolders(config);
  const flows = listFlows(folders, (path, problems) => {
    for (const { line, message, remedy } of problems) {
      output.err(`${path}:${line}: ${message} — ${remedy}`);
    }
  });
  if (flags.output !== "text") {
    output.out(JSON.stringify(flows.map(({ flow, source }) => ({ source, ...flow }))));
    return;
  }
  for (const { flow, source } of flows) {
    output.out(`${flow.name}  (${source})`);
    output.out(`  ${flow.description}`);
    for (const [name, parameter] of Object.entries(flow.parameters)) {
      output.out(`  --set ${name}=…  ${describeParameter(parameter)}`);
    }
  }
  output.out(`models: ${listModels(folders).join(", ")}`);
}

function describeParameter(parameter: Parameter): string {
  const value =
    parameter.default === undefined ? "required" : `default ${JSON.stringify(parameter.default)}`;
  return `${parameter.type}, ${value}. ${parameter.description ?? ""}`.trim();
}

/** Lists the saved sessions. */
export function sessionsCommand(config: Config, { flags }: CommandLine, output: Output): void {
  const store = openTold(config, output);
  const sessions = store.listSessions();
  if (flags.output === "text") {
    if (sessions.length === 0) output.out("no sessions yet; aimie-console run starts one");
    for (const { sessionId, name, runCount, changedAt } of sessions) {
      const changed = new Date(changedAt).toISOString().slice(0, 19).replace("T", " ");
      output.out(
        `${sessionId}  ${changed}  ${String(runCount).padStart(4)} runs  ${escapeText(name)}`,
      );
    }
  } else output.out(JSON.stringify(sessions));
  store.close();
}

/** Shows a run from the local store. */
export function showCommand(
  config: Config,
  { operands, flags }: CommandLine,
  output: Output,
): void {
  const [wanted] = operands;
  if (wanted === undefined) throw usage("which run?", "aimie-console show RUN, or show @latest");
  const store = openTold(config, output);
  const found = store.findRun(wanted.replace(/^@/, ""));
  if (found.status !== "unique") {
    store.close();
    const several = found.status === "ambiguous";
    throw usage(
      several ? `${wanted} means ${found.candidates.length} runs` : `there is no run ${wanted}`,
      several ? "give more of its id" : "aimie-console show @latest shows the last one",
    );
  }
  const { runId, sessionId } = found.value;
  const { state, seq } = store.runState(runId);
  const logs = store.logLines(runId);
  store.close();
  if (state === undefined)
    throw usage(`nothing is known yet of run ${runId}`, "try again in a moment");
  const run: RunView = { runId, sessionId, seq, state, progress: {}, logs };
  const artifacts = folderArtifactStore(join(config.stateFolder.value, "artifacts"));
  report({ artifactPath: (artifact) => artifacts.pathOf(artifact) }, run, flags.output, output);
}

/** Prints every setting with its source. */
export function configCommand(config: Config, { flags }: CommandLine, output: Output): void {
  const settings = describeConfig(config);
  if (flags.output !== "text") {
    output.out(JSON.stringify(settings));
    return;
  }
  const width = Math.max(...settings.map(({ name }) => name.length));
  const valueWidth = Math.max(...settings.map(({ value }) => value.length));
  for (const { name, value, source } of settings) {
    output.out(`${name.padEnd(width)}  ${value.padEnd(valueWidth)}  (${source})`);
  }
}

/** Starts the private broker, or finds the running one, and prints where it listens. */
export async function brokerCommand(
  config: Config,
  { flags }: CommandLine,
  output: Output,
  until: AbortSignal,
): Promise<void> {
  const bus = await openBus(config, (message) => output.err(message));
  const address = maskAddress(bus.address);
  output.out(flags.output === "text" ? address : JSON.stringify({ kind: bus.kind, address }));
  if (bus.kind === "given") return;
  if (bus.address.kind === "unix" && flags.output === "text") {
    output.err(`look around with: redis-cli -s ${bus.address.path}; ctrl-c lets the broker go`);
  }
  // A client of ours keeps the broker until this command ends.
  const { openConnection } = await import("../bus/connection.ts");
  const connection = openConnection(bus.address, "command");
  if (!until.aborted) {
    await new Promise<void>((resolve) => until.addEventListener("abort", () => resolve()));
  }
  connection.disconnect();
}

/** Opens the local store; a damaged one that had to be moved aside is told of. */
function openTold(config: Config, output: Output): ReturnType<typeof openStore> {
  const store = openStore(config);
  if (store.damage !== null) {
    output.err(`aimie-console: ${store.damage.message}; kept as ${store.damage.movedTo}`);
  }
  return store;
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
