/** Decides which workers this console starts, and in which slots. */
import { join } from "node:path";
import type { WorkerOrder } from "../agents/supervisor/supervised-slot.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { farewell, livingWorkers, reserveSlot } from "../bus/presence.ts";
import type { WorkerConfig } from "../protocol/control.ts";
import type { AgentName, CustomAgentName, TaskAgentName, WorkerSlot } from "../protocol/ids.ts";
import { AGENT_NAMES, workerSlotSchema } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import type { HeartbeatData } from "../protocol/telemetry.ts";
import { definitionHashes } from "./definition-hashes.ts";

/** What all workers of a console have in common. */
export interface WorkerSettings {
  readonly version: string;
  readonly host: string;
  readonly busAddress: string;
  readonly namespace: string;
  readonly leaseMs: number;
  readonly drainDeadlineMs: number;
  readonly artifactFolder: string;
  readonly modelFolders: readonly string[];
  readonly commandModels: WorkerConfig["commandModels"];
  /** Only qna workers are told of it: it holds a key. */
  readonly languageModel?: WorkerConfig["languageModel"];
  /** Only the workers that call them are told: they may hold secrets. */
  readonly mcpServers?: WorkerConfig["mcpServers"];
  readonly compileCacheFolder: string;
  /** Where the built programs are. */
  readonly programFolder: string;
  /** Agents that foreign programs play: their slots are filled by dispatchers. */
  readonly external: readonly TaskAgentName[];
  /** Agents of the user's own that may be started, each with its manifest. */
  readonly customAgents?: readonly { readonly name: CustomAgentName; readonly file: string }[];
  readonly failpoint?: WorkerConfig["failpoint"];
}

/** Slots tried before giving up: more workers of one agent on one host than this is a mistake. */
const MAXIMUM_SLOTS = 100;

/**
 * The workers that live on this bus. Those of this host whose process is gone are taken off the
 * list at once instead of after their last heartbeat's expiry.
 */
export async function findWorkers(
  connection: RedisConnection,
  names: Names,
  host: string,
): Promise<readonly HeartbeatData[]> {
  const living = await livingWorkers(connection, names);
  const gone = living.filter((worker) => worker.host === host && !isRunning(worker.pid));
  for (const worker of gone) await farewell(connection, names, worker.slot);
  return living.filter((worker) => !gone.includes(worker));
}

/** The agents to start workers for. */
export function agentsToStart(
  choice: "auto" | "own" | "none",
  living: readonly HeartbeatData[],
  custom: readonly AgentName[] = [],
): readonly AgentName[] {
  if (choice === "none") return [];
  const all = [...AGENT_NAMES, ...custom];
  if (choice === "own") return all;
  return all.filter((agent) => !living.some((worker) => worker.agent === agent));
}

/** Whether a crew plays an agent without being told to: mcp only where there are servers for it. */
export function isPlayedByAll(
  agent: AgentName,
  { mcpServers }: Pick<WorkerSettings, "mcpServers">,
): boolean {
  return agent !== "mcp" || mcpServers !== undefined;
}

/** The order for one more worker of an agent, in the first slot that nobody holds. */
export async function orderWorker(
  connection: RedisConnection,
  names: Names,
  agent: AgentName,
  settings: WorkerSettings,
): Promise<WorkerOrder> {
  const { programFolder, modelFolders, external, customAgents = [], ...others } = settings;
  const { languageModel: _, mcpServers: __, ...shared } = others;
  const custom = customAgents.find(({ name }) => name === agent);
  const isForeign = external.some((name) => name === agent);
  const hasNone = agent === "orchestrator" || agent === "mcp" || custom !== undefined;
  const hasTools = !hasNone && !isForeign;
  const role = isForeign ? "dispatcher" : custom === undefined ? agent : "custom";
  const slot = await freeSlot(connection, names, agent, settings.host);
  return {
    program: join(programFolder, `${role}-worker.js`),
    config: {
      ...shared,
      modelFolders: [...modelFolders],
      slot,
      agent,
      definitionHashes: definitionHashes(settings),
      ...(custom === undefined || isForeign ? {} : { customAgent: { manifest: custom.file } }),
      ...(isForeign ? {} : helpersOf(agent, settings)), // A dispatcher calls nothing itself.
      toolServerProgram: hasTools ? join(programFolder, `${agent}-tools.js`) : "",
    },
  };
}

/** Whom a worker may turn to, with the secrets for it: qna to a language model, both to foreign tools. */
function helpersOf(
  agent: AgentName,
  { languageModel, mcpServers }: WorkerSettings,
): Pick<WorkerConfig, "languageModel" | "mcpServers"> {
  const tools = mcpServers === undefined ? {} : { mcpServers };
  if (agent === "mcp") return tools;
  return agent === "qna" && languageModel !== undefined ? { languageModel, ...tools } : {};
}

async function freeSlot(
  connection: RedisConnection,
  names: Names,
  agent: AgentName,
  host: string,
): Promise<WorkerSlot> {
  for (let number = 0; number < MAXIMUM_SLOTS; number += 1) {
    const slot = workerSlotSchema.parse(`${host}:${agent}:${number}`);
    if (await reserveSlot(connection, names, slot)) return slot;
  }
  throw new Error(`all ${MAXIMUM_SLOTS} slots of ${agent} on ${host} are taken`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
