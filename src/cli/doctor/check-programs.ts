/** Checks the operator's own agents and tool servers; starts none of them. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { errorMessage } from "../../base/error-message.ts";
import { OperatorError } from "../../base/operator-error.ts";
import type { McpServer } from "../../protocol/mcp-servers.ts";
import type { Config } from "../config.ts";
import type { FoundAgent } from "../custom-agents.ts";
import { customAgents, untrustedAgent } from "../custom-agents.ts";
import type { ServerEntry } from "../mcp-servers.ts";
import { readServerEntries } from "../mcp-servers.ts";
import type { Finding } from "./finding.ts";
import { fail, fine, warn } from "./finding.ts";

/** What of the configuration bears on them. */
type ProgramConfig = Pick<Config, "configFolder" | "environment" | "external" | "stateFolder">;

/** Checks manifests, definitions, trust, and whether what they name can be started. */
export function checkPrograms(config: ProgramConfig): readonly Finding[] {
  const agents = customAgents(config).map((agent) => judgeAgent(agent, config));
  return [...agents, ...checkServers(config)];
}

function judgeAgent(agent: FoundAgent, { environment, external }: ProgramConfig): Finding {
  const { name, file, opened, problem = untrustedAgent(agent) } = agent;
  if (opened === undefined) {
    return fail("programs", problem?.message ?? `agent ${name}: ${file}`, problem?.remedy);
  }
  if (external.value.some((one) => one === name)) {
    return fine("programs", `agent ${name} is played by foreign programs`);
  }
  if (problem !== undefined) return warn("programs", problem.message, problem.remedy);
  const { manifest, folder } = opened;
  const [program = ""] = manifest.command.map((word) =>
    word.replaceAll("{folder}", folder).replaceAll("{node}", process.execPath),
  );
  return canStart(program, environment.searchPath, folder)
    ? fine("programs", `agent ${name} is trusted, and ${program} is there`)
    : fail("programs", `agent ${name}: there is no program ${program}`, "install it");
}

function checkServers(config: ProgramConfig): readonly Finding[] {
  try {
    return readServerEntries(config).map(judgeServer);
  } catch (cause) {
    const remedy = cause instanceof OperatorError ? cause.nextStep : "correct mcp.json";
    return [fail("programs", errorMessage(cause), remedy)];
  }
}

function judgeServer({ name, defined }: ServerEntry): Finding {
  if (!defined.ok) return fail("programs", `tool server ${name}: ${defined.error}`, "correct it");
  const { server, trusted, command } = defined.value;
  if (!trusted) {
    const text = `tool server ${name} is not trusted yet: ${command.join(" ").slice(0, 500)}`;
    return warn("programs", text, `look at it; then aimie-console trust --mcp ${name}`);
  }
  return judgeReach(server);
}

function judgeReach(server: McpServer): Finding {
  const { name } = server;
  if (server.kind === "http") return fine("programs", `tool server ${name} is trusted; not called`);
  const { command, env, cwd = "." } = server;
  return canStart(command, env["PATH"] ?? "", cwd)
    ? fine("programs", `tool server ${name} is trusted, and ${command} is there`)
    : fail("programs", `tool server ${name}: there is no program ${command}`, "install it");
}

/** Whether a program is there and may be run: by its path, or found on a search path. */
function canStart(program: string, searchPath: string, folder: string): boolean {
  const places = program.includes("/")
    ? [resolve(folder, program)]
    : searchPath.split(delimiter).flatMap((part) => (part === "" ? [] : [resolve(part, program)]));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}
