/**
 * Finds a run wherever it is known, for those who only look: nothing is started.
 *
 * N1 The local store is asked first; what it knows to have ended is not asked for again.
 * N2 A bus that runs is asked for the rest: its answer goes into the local store.
 */
import { errorMessage } from "../base/error-message.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { SessionStore } from "../session/store.ts";
import type { Config } from "./config.ts";
import { findRun } from "./find-run.ts";
import { catalogueFolders, openConsole, openToldStore } from "./open-console.ts";
import type { Output } from "./output.ts";
import { findRunningBus } from "./running-bus.ts";

/** A run that was found. */
type FoundRun = ReturnType<typeof findRun>;

/**
 * The run of an id, of a beginning that only one id has, or of `@latest`.
 * @throws OperatorError `usage` when neither the local store nor the bus knows it;
 *   `bus-unreachable` when the bus would have to be asked and does not answer.
 */
export async function bringRun(config: Config, wanted: string, output: Output): Promise<FoundRun> {
  const local = readLocal(config, wanted, output);
  if (local?.isOver === true) return local.found; // N1
  return (await askBus(config, wanted, output, local?.found)) ?? findLocal(config, wanted, output);
}

/** The same for those who open the run themselves: a bus is asked only for one unknown here. */
export async function findAnywhere(
  config: Config,
  wanted: string,
  output: Output,
): Promise<FoundRun> {
  const local = readLocal(config, wanted, output)?.found;
  return local ?? (await bringRun(config, wanted, output));
}

/** The same configuration for those who start no workers. */
export function lookingOnly(config: Config): Config {
  return { ...config, agents: { value: "none", source: "only looks" } };
}

function readLocal(config: Config, wanted: string, output: Output) {
  return withStore(config, output, (store) => {
    const found = store.findRun(wanted.replace(/^@/, ""));
    if (found.status !== "unique") return undefined;
    const { state } = store.runState(found.value.runId);
    return { found: found.value, isOver: state !== undefined && hasEnded(state.status) };
  });
}

function findLocal(config: Config, wanted: string, output: Output): FoundRun {
  return withStore(config, output, (store) => findRun(store, wanted));
}

/** N2; a bus that does not answer leaves what is known here. */
async function askBus(
  config: Config,
  wanted: string,
  output: Output,
  local: FoundRun | undefined,
): Promise<FoundRun | undefined> {
  const bus = await findRunningBus(config).catch((cause: unknown) => {
    if (local === undefined) throw cause;
    output.err(`aimie-console: ${errorMessage(cause)}; this is what is known here`);
  });
  if (bus === undefined) return local;
  const session = { value: local?.sessionId, source: "only looks" } as const;
  const looking = { ...lookingOnly(config), session };
  const opened = openConsole(looking, catalogueFolders(config), undefined, "all");
  try {
    await opened.connected;
    const found = local ?? findRun(opened.store, wanted);
    await opened.handle.lookUp(found.runId);
    return found;
  } finally {
    await opened.close();
  }
}

function withStore<Value>(
  config: Config,
  output: Output,
  read: (store: SessionStore) => Value,
): Value {
  const store = openToldStore(config, output);
  try {
    return read(store);
  } finally {
    store.close();
  }
}
