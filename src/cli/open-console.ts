/** The composition root: configuration in, a running console out. */
import { join, resolve } from "node:path";
import { monotonicFactory } from "ulid";
import { DRAIN_DEADLINE_MS } from "../agents/supervisor/deadlines.ts";
import type { ProcessRegistry } from "../agents/supervisor/process-registry.ts";
import { openProcessRegistry, registeringSpawner } from "../agents/supervisor/process-registry.ts";
import { processSpawner } from "../agents/supervisor/spawn.ts";
import { systemClock } from "../base/clock.ts";
import { errorMessage } from "../base/error-message.ts";
import { makeFolder } from "../base/make-folder.ts";
import { OperatorError } from "../base/operator-error.ts";
import { systemRandom } from "../base/random.ts";
import type { LocatedBus } from "../bus/locate-bus.ts";
import { findServer, locateBus } from "../bus/locate-bus.ts";
import type { CatalogueFolders } from "../console/catalogue.ts";
import type { ConsoleHandle, ConsoleReach } from "../console/console-handle.ts";
import type { ConsoleOptions } from "../console/console-options.ts";
import { damageTeller } from "../console/damage-teller.ts";
import { startConsole } from "../console/start-console.ts";
import type { WorkerConfig } from "../protocol/control.ts";
import type { ArtifactStore } from "../session/artifact-store.ts";
import { folderArtifactStore } from "../session/artifact-store.ts";
import { describeFileDamage } from "../session/open-database.ts";
import type { ReportDamage } from "../session/row-json.ts";
import type { SessionStore } from "../session/store.ts";
import { openSessionStore } from "../session/store.ts";
import { escapeText } from "../ui/escape-text.ts";
import { modelChecks, trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";
import { customAgents, playableAgents } from "./custom-agents.ts";
import type { LogFile } from "./log-file.ts";
import { openLogFile } from "./log-file.ts";
import { mcpSecrets, readMcpServers } from "./mcp-servers.ts";
import type { Output } from "./output.ts";
import { findPackagePaths } from "./package-paths.ts";
import { programTrust } from "./program-trust.ts";
import { VERSION } from "./version.ts";

/** A console with what it stands on. */
export interface OpenedConsole {
  readonly handle: ConsoleHandle & ConsoleReach;
  /** Resolves when the bus is followed; rejects with what the operator must mend. */
  readonly connected: Promise<void>;
  readonly log: LogFile;
  readonly store: SessionStore;
  /** Ends everything in order. */
  close(): Promise<void>;
}

/** The folders flows and models come from: the project's, the user's, the package's. */
export function catalogueFolders(config: Config): CatalogueFolders {
  const paths = findPackagePaths();
  const folder = config.configFolder.value;
  return {
    flows: [resolve("flows"), join(folder, "flows"), paths.flows],
    models: [resolve("models"), join(folder, "models"), paths.models],
    agents: () => customAgents(config),
  };
}

/** Finds or starts the bus. */
export async function openBus(
  config: Config,
  onProgress?: (message: string) => void,
): Promise<LocatedBus> {
  const folder = join(config.stateFolder.value, "broker");
  if (config.redis.value === undefined) requireFolder(folder);
  return await locateBus({
    url: config.redis.value,
    choice: config.broker.value,
    fsync: config.fsync.value,
    folder,
    searchPath: config.environment.searchPath,
    brokerProgram: join(findPackagePaths().programs, "broker.js"),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

/** The file of the local store. */
export function storePath(config: Config): string {
  return join(config.stateFolder.value, "sessions.db");
}

/** Opens the local store of sessions. */
export function openStore(config: Config): SessionStore {
  requireFolder(config.stateFolder.value);
  return openSessionStore({
    path: storePath(config),
    clock: systemClock,
    newUlid: monotonicFactory(),
  });
}

/** @throws OperatorError `usage` when the folder cannot be made. */
function requireFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    const message = `cannot write to the state folder ${folder}: ${errorMessage(cause)}`;
    const nextStep = "make it writable, or set XDG_STATE_HOME to a folder that is";
    throw new OperatorError({ code: "usage", message, nextStep }, { cause });
  }
}

/** The artifacts of this machine. */
export function openArtifacts(config: Config): ArtifactStore {
  return folderArtifactStore(join(config.stateFolder.value, "artifacts"));
}

/** Who tells an output of damaged rows: a verb may open the store several times. */
const tellers = new WeakMap<Output, ReportDamage>();

/** Opens the local store; a damaged file that had to be replaced and damaged rows are told of. */
export function openToldStore(config: Config, output: Output): SessionStore {
  const store = openStore(config);
  const say = (text: string): void => output.err(escapeText(`aimie-console: ${text}`));
  if (store.damage !== null) say(describeFileDamage(store.damage));
  const teller = tellers.get(output) ?? damageTeller((text) => say(`the session store: ${text}`));
  tellers.set(output, teller);
  store.onDamage(teller);
  return store;
}

/** What the workers of this configuration are, and how they are started. */
export function crewOptions(
  config: Config,
  folders: CatalogueFolders,
): Pick<ConsoleOptions, "agents" | "crewSizes" | "workers" | "spawner"> {
  const compileCacheFolder = compiledIn(config.cacheFolder.value, config.stateFolder.value);
  readMcpServers(config); // A file that cannot be used is told of now, not by a worker.
  const spawner = processSpawner({
    ...config.environment.forWorkers,
    NODE_COMPILE_CACHE: compileCacheFolder,
  });
  return {
    agents: config.agents.value,
    crewSizes: config.workers.value,
    workers: () => workerSettings(config, folders, compileCacheFolder),
    spawner: registeringSpawner(spawner, openRegistry(config)),
  };
}

function workerSettings(
  config: Config,
  folders: CatalogueFolders,
  compileCacheFolder: string,
): ReturnType<ConsoleOptions["workers"]> {
  const mcpServers = readMcpServers(config);
  return {
    version: VERSION,
    host: config.environment.host,
    namespace: config.namespace.value,
    leaseMs: config.lease.value,
    drainDeadlineMs: DRAIN_DEADLINE_MS,
    artifactFolder: artifactFolderOf(config),
    modelFolders: folders.models,
    commandModels: {
      trustFile: trustFileOf(config),
      environment: { ...config.environment.forWorkers },
    },
    ...(config.llm.value === undefined ? {} : { languageModel: config.llm.value }),
    ...(mcpServers === undefined ? {} : { mcpServers }),
    compileCacheFolder,
    programFolder: findPackagePaths().programs,
    external: config.external.value,
    customAgents: playableAgents(config),
    ...failpointOf(config),
  };
}

/** The processes of ours that this state folder knows of. */
export function openRegistry(config: Config): ProcessRegistry {
  return openProcessRegistry(join(config.stateFolder.value, "processes"), config.namespace.value);
}

function artifactFolderOf(config: Config): string {
  return join(config.stateFolder.value, "artifacts");
}

/** Opens a console: store at once, bus and workers as they come. */
export function openConsole(
  config: Config,
  folders: CatalogueFolders,
  onProgress?: (message: string) => void,
  follow: "open" | "all" = "open",
): OpenedConsole {
  const store = openStore(config);
  const stateFolder = config.stateFolder.value;
  const log = openLogFile(stateFolder, secretsOf(config));
  const artifactFolder = artifactFolderOf(config);
  const { handle, connected } = startConsole({
    locateBus: () => openBus(config, onProgress),
    expectedBus: expectedBus(config),
    namespace: config.namespace.value,
    ...crewOptions(config, folders),
    store,
    artifacts: folderArtifactStore(artifactFolder),
    session: config.session.value,
    follow,
    folders,
    ...modelChecks(config),
    trust: programTrust(config, folders),
    clock: systemClock,
    random: systemRandom,
    logFile: log.path,
    log: log.write,
  });
  return {
    handle,
    connected,
    log,
    store,
    async close() {
      await handle.close();
      store.close();
      await log.close();
    },
  };
}

/** A marker of this process's own: each start of the product dies once at the place. */
function failpointOf({ environment, stateFolder }: Config): Pick<WorkerConfig, "failpoint"> {
  const place = environment.failAt;
  if (place === undefined) return {};
  const marker = join(stateFolder.value, `failpoint-${place}-${process.pid}`);
  return { failpoint: { place, marker } };
}

/** Where compiled code is kept: in the cache, or beside the state where there can be no cache. */
function compiledIn(cacheFolder: string, stateFolder: string): string {
  const folder = join(cacheFolder, "compiled");
  try {
    makeFolder(folder);
    return folder;
  } catch {
    return join(stateFolder, "compiled");
  }
}

function expectedBus(config: Config): LocatedBus["kind"] {
  if (config.redis.value !== undefined) return "given";
  if (config.broker.value === "embedded") return "embedded";
  return findServer(config.environment.searchPath) === undefined ? "embedded" : "redis";
}

/** Texts that must never reach the log: keys, and passwords as they were given and as they are meant. */
export function secretsOf(config: Config): readonly string[] {
  const key = config.llm.value?.apiKey ?? "";
  const keys = [key, ...mcpSecrets(readMcpServers(config))];
  return [...keys.filter((one) => one.length >= 6), ...passwordsOf(config.redis.value)];
}

function passwordsOf(url = ""): readonly string[] {
  const password = /^[a-z-]+:\/\/[^:@/]*:(.+)@/.exec(url)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password]; // Not an encoded text; then it is its own meaning.
  }
}
