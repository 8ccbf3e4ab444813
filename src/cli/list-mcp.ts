/** `mcp`, `mcp tools` and `trust --mcp`: the operator's own tool servers. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { json as readJson } from "node:stream/consumers";
import { z } from "zod";
import { OperatorError } from "../base/operator-error.ts";
import { showCommand, wholeCommand } from "../engines/command-model/trust.ts";
import type { McpServer } from "../protocol/mcp-servers.ts";
import { TOOL_SEPARATOR } from "../protocol/mcp-servers.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { keepTrust } from "./give-trust.ts";
import type { DefinedServer } from "./mcp-servers.ts";
import { mcpFileOf, readServerEntries } from "./mcp-servers.ts";
import type { Output } from "./output.ts";
import { findPackagePaths } from "./package-paths.ts";

/** How long a server may take to say what it has, milliseconds. */
const LIST_TIMEOUT_MS = 30_000;

/** Lists the servers of `mcp.json`; starts none. */
export function listServers(form: OutputForm, config: Config, output: Output): void {
  const servers = readServerEntries(config).map(({ name, defined }) => {
    if (!defined.ok) return { name, status: "refused", command: null, problem: defined.error };
    const { trusted, command } = defined.value;
    return { name, status: trusted ? "trusted" : "not-trusted", command, problem: null };
  });
  if (form === "json") output.out(JSON.stringify({ version: 1, servers }));
  else if (form === "jsonl") for (const server of servers) output.out(JSON.stringify(server));
  else if (servers.length === 0) output.out(`no servers are defined in ${mcpFileOf(config)}`);
  else {
    for (const { name, status, command, problem } of servers) {
      const what = command === null ? (problem ?? "") : showCommand({ command });
      output.out(escapeText(`${name.padEnd(20)}  ${status.padEnd(11)}  ${what}`));
    }
  }
}

/**
 * Trusts a server as it is defined now, and shows what that means.
 * @throws OperatorError `usage` for a server that is not defined or cannot be used.
 */
export function trustServer(name: string, form: OutputForm, config: Config, output: Output): void {
  const { command, written, fingerprint, server } = definedServer(name, config);
  keepTrust(config, { fingerprint, model: { command: [...command] } });
  if (form !== "text") {
    output.out(JSON.stringify({ name, command, written, fingerprint }));
    return;
  }
  output.out(`trusted: ${name}`);
  const verb = server.kind === "http" ? "calls" : "runs";
  output.out(escapeText(`  ${verb}: ${wholeCommand({ command })}`));
  if (written.length > 0) output.out(escapeText(`  with: ${written.join("  ")}`));
  output.out(`  until its definition in ${mcpFileOf(config)} changes`);
}

const listedSchema = z.union([
  z.object({
    tools: z.array(
      z.object({ name: z.string(), description: z.string(), isReadOnly: z.boolean() }),
    ),
  }),
  z.object({ problem: z.string() }),
]);

/**
 * Starts a trusted server and lists its tools.
 * @throws OperatorError `usage` for one that is not trusted, `run-failed` for one that does not work.
 */
export async function listTools(
  name: string,
  form: OutputForm,
  config: Config,
  output: Output,
): Promise<void> {
  const { server, trusted, command } = definedServer(name, config);
  if (!trusted) {
    const message = `you have not trusted ${name} yet: ${showCommand({ command })}`;
    throw usage(message, `look at it; then aimie-console trust --mcp ${name}`);
  }
  const listed = await askServer(server, config);
  if ("problem" in listed) {
    const nextStep = "run its command by hand, or correct it in mcp.json";
    const message = escapeText(`${name}: ${listed.problem}`);
    throw new OperatorError({ code: "run-failed", message, nextStep });
  }
  const tools = listed.tools.map((tool) => ({
    ...tool,
    name: `${name}${TOOL_SEPARATOR}${tool.name}`,
  }));
  if (form === "json") output.out(JSON.stringify({ version: 1, tools }));
  else for (const tool of tools) output.out(form === "text" ? lineOf(tool) : JSON.stringify(tool));
}

function lineOf(tool: {
  readonly name: string;
  readonly description: string;
  readonly isReadOnly: boolean;
}): string {
  const first = tool.description.split("\n")[0]?.slice(0, 200) ?? "";
  const reads = tool.isReadOnly ? "reads only" : "may write ";
  return escapeText(`${tool.name.padEnd(30)}  ${reads}  ${first}`);
}

/** Asks by a process of its own, which takes the server along when it ends. */
async function askServer(
  server: McpServer,
  { environment }: Config,
): Promise<z.infer<typeof listedSchema>> {
  const program = join(findPackagePaths().programs, "mcp-list.js");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...environment.forWorkers },
  });
  child.stdin.on("error", () => undefined); // It has ended before it has read; its answer tells.
  child.stdin.end(JSON.stringify(server));
  const timer = setTimeout(() => endGroup(child.pid), LIST_TIMEOUT_MS);
  try {
    return listedSchema.parse(await readJson(child.stdout));
  } catch {
    return { problem: `it did not answer within ${LIST_TIMEOUT_MS / 1000} s` };
  } finally {
    clearTimeout(timer);
    endGroup(child.pid);
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

function definedServer(name: string, config: Config): DefinedServer {
  const entries = readServerEntries(config);
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) {
    const names = entries.map((one) => one.name).join(", ") || "none";
    const message = `no server ${name} is defined in ${mcpFileOf(config)}`;
    throw usage(message, `define it there; it has: ${names}`);
  }
  if (!entry.defined.ok) {
    throw usage(`the server ${name} cannot be used: ${entry.defined.error}`, "correct mcp.json");
  }
  return entry.defined.value;
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message: escapeText(message), nextStep });
}
