/** Asks for trust in the operator's own programs, and gives it: models, agents, tool servers. */
import { errorMessage } from "../base/error-message.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { CatalogueFolders } from "../console/catalogue.ts";
import type {
  ProgramTrust,
  TrustAnswer,
  TrustRequest,
  WishProblem,
} from "../console/program-trust.ts";
import type { TrustedCommand } from "../engines/command-model/trust.ts";
import { filesOf, showCommand, trustModel, wholeCommand } from "../engines/command-model/trust.ts";
import { MANIFEST } from "../engines/custom-agent/manifest.ts";
import { isBuiltIn } from "../protocol/ids.ts";
import type { McpServer } from "../protocol/mcp-servers.ts";
import { TOOL_SEPARATOR } from "../protocol/mcp-servers.ts";
import { ASKED_CHARACTERS, findTrustedModel, modelWanted, trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";
import type { FoundAgent } from "./custom-agents.ts";
import { customAgents, untrustedAgent } from "./custom-agents.ts";
import type { DefinedServer } from "./mcp-servers.ts";
import { mcpFileOf, readServerEntries } from "./mcp-servers.ts";

/** What of the configuration bears on trust. */
export type TrustConfig = Pick<
  Config,
  "agents" | "configFolder" | "environment" | "external" | "stateFolder"
>;

/** A program as it is now, and what is shown of it. */
interface Candidate {
  readonly request: TrustRequest;
  readonly trusted: TrustedCommand;
}

/** Trust in what this configuration finds; everything is read again at every question. */
export function programTrust(
  config: TrustConfig,
  folders: Pick<CatalogueFolders, "models">,
): ProgramTrust {
  const trustFile = trustFileOf(config);
  return {
    wanted: (model) => modelWanted(trustFile, model),
    refusal({ agent, input }) {
      if (config.external.value.includes(agent)) return undefined; // Its program is not run here.
      if (agent === "mcp") return refusalOfTool(input["tool"], config);
      return isBuiltIn(agent) ? undefined : refusalOfAgent(agent, config);
    },
    give(answer) {
      const now = candidate(answer, config, folders);
      return now?.request.fingerprint === answer.fingerprint
        ? keep(trustFile, now.trusted)
        : err(changed(answer));
    },
  };
}

function candidate(
  { kind, name }: TrustAnswer,
  config: TrustConfig,
  folders: Pick<CatalogueFolders, "models">,
): Candidate | undefined {
  switch (kind) {
    case "model":
      return findTrustedModel(folders, name);
    case "agent": {
      const found = customAgents(config).find((one) => one.name === name);
      return found === undefined ? undefined : agentCandidate(found);
    }
    case "server": {
      const entry = readServerEntries(config).find((one) => one.name === name);
      return entry?.defined.ok === true ? serverCandidate(entry.defined.value, config) : undefined;
    }
  }
}

/** Servers of workers that are not ours are trusted where those run. */
function refusalOfTool(tool: unknown, config: TrustConfig): WishProblem | undefined {
  if (typeof tool !== "string" || config.agents.value === "none") return undefined;
  const [server] = tool.split(TOOL_SEPARATOR);
  const entry = readServerEntries(config).find(({ name }) => name === server);
  if (entry?.defined.ok !== true || entry.defined.value.trusted) return undefined;
  const { command } = entry.defined.value;
  return asked(serverCandidate(entry.defined.value, config), {
    message: `the tool server ${entry.name} is one that you have not trusted yet: ${showCommand({ command })}`,
    nextStep: `look at it; then aimie-console trust --mcp ${entry.name}`,
  });
}

function refusalOfAgent(agent: string, config: TrustConfig): WishProblem | undefined {
  const found = customAgents(config).find(({ name }) => name === agent);
  const problem = found === undefined ? undefined : untrustedAgent(found);
  if (found === undefined || problem === undefined) return undefined;
  const { message, remedy } = problem;
  return asked(agentCandidate(found), { message, nextStep: remedy });
}

/** A command that cannot be seen whole on a screen is not asked about there. */
function asked(now: Candidate | undefined, told: WishProblem): WishProblem {
  if (now === undefined || now.request.command.length > ASKED_CHARACTERS) return told;
  return { ...told, trust: now.request };
}

function agentCandidate({ name, opened }: FoundAgent): Candidate | undefined {
  if (opened === undefined) return undefined;
  const { manifest, folder, fingerprint } = opened;
  return {
    request: {
      ...{ kind: "agent", name, title: manifest.description, folder, fingerprint },
      command: wholeCommand(manifest),
      files: [MANIFEST, ...filesOf(manifest, folder)],
    },
    trusted: { fingerprint, model: manifest },
  };
}

function serverCandidate(defined: DefinedServer, config: TrustConfig): Candidate {
  const { server, command, written, fingerprint } = defined;
  return {
    request: {
      ...{ kind: "server", name: server.name, title: titleOf(server), folder: null, fingerprint },
      command: [wholeCommand({ command }), ...written].join("  "),
      files: [`its definition in ${mcpFileOf(config)}`],
    },
    trusted: { fingerprint, model: { command: [...command] } },
  };
}

function titleOf({ kind }: McpServer): string {
  return kind === "http" ? "a tool server that is called over HTTP" : "a tool server";
}

function keep(trustFile: string, trusted: TrustedCommand): Result<void, WishProblem> {
  try {
    trustModel(trustFile, trusted);
    return ok(undefined);
  } catch (cause) {
    const message = `cannot write ${trustFile}: ${errorMessage(cause)}`;
    return err({ message, nextStep: "make the state folder writable" });
  }
}

function changed({ kind, name }: TrustAnswer): WishProblem {
  const message = `the ${kind} ${name} has changed since it was shown`;
  return { message, nextStep: "start the run again and look at what it is now" };
}
