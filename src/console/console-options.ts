import type { Spawner } from "../agents/supervisor/spawn.ts";
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { LocatedBus } from "../bus/locate-bus.ts";
import type { AgentName } from "../protocol/ids.ts";
import type { ArtifactStore } from "../session/artifact-store.ts";
import type { SessionStore } from "../session/store.ts";
import type { CatalogueFolders } from "./catalogue.ts";
import type { CheckedModel, RunComposer } from "./compose-run.ts";
import type { BusView, ModelConstant } from "./console-state.ts";
import type { ProgramTrust } from "./program-trust.ts";
import type { WorkerSettings } from "./worker-orders.ts";

/** Everything the application behind the front ends is given from the top. */
export interface ConsoleOptions {
  /** Finds the bus, or starts one; called again when a private one has died. */
  readonly locateBus: () => Promise<LocatedBus>;
  /** What kind of bus is looked for, as far as it is known. */
  readonly expectedBus: BusView["kind"];
  readonly namespace: string;
  /** Whether to start workers: when there are none, always, or never. */
  readonly agents: "auto" | "own" | "none";
  /** How many workers of each agent are started; 1 where nothing is said. */
  readonly crewSizes: Readonly<Partial<Record<AgentName, number>>>;
  /** Reads what workers are told; again whenever some are started. */
  readonly workers: () => Omit<WorkerSettings, "busAddress">;
  readonly spawner: Spawner;
  readonly store: SessionStore;
  readonly artifacts: ArtifactStore;
  /** The session to open: its name or the beginning of its id, made when missing; else the last. */
  readonly session: string | undefined;
  /** Whose runs are followed live: those of the open session (default), or all. */
  readonly follow?: "open" | "all";
  readonly folders: CatalogueFolders;
  /** Why a model's text cannot be used; undefined when it can. */
  readonly checkModel: RunComposer["checkModel"];
  /** Why it does not take these values; undefined when it does. */
  readonly checkConstants: RunComposer["checkConstants"];
  /** The constants of a model, which an operator may change; none of one that cannot be used. */
  readonly constantsOf: (model: CheckedModel) => readonly ModelConstant[];
  readonly trust: ProgramTrust;
  readonly clock: Clock;
  readonly random: Random;
  readonly logFile: string;
  readonly log: (level: "info" | "warning" | "error", text: string) => void;
}

/** What of it the books need. */
export type BooksOptions = Pick<
  ConsoleOptions,
  | "clock"
  | "expectedBus"
  | "folders"
  | "follow"
  | "log"
  | "logFile"
  | "namespace"
  | "random"
  | "session"
  | "store"
>;
