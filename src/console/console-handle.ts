import type { StoreApi } from "zustand/vanilla";
import type { RerunPlan } from "../orchestrator/rerun-plan.ts";
import type { Artifact } from "../protocol/artifact.ts";
import type { RunId } from "../protocol/ids.ts";
import type { RerunWish } from "../protocol/rerun.ts";
import type { ConsoleState, EventLine, RunView, TopicMessage } from "./console-state.ts";
import type { Intent, IntentOutcome } from "./intents.ts";
import type { Ring } from "./ring.ts";

/** All that a front end may know of the application behind it. */
export interface ConsoleHandle {
  readonly store: StoreApi<ConsoleState>;
  /** Everything that happened, newest last. */
  readonly events: Ring<EventLine>;
  /** Every message on every topic, newest last. */
  readonly messages: Ring<TopicMessage>;
  /** Carries out a wish; never rejects. */
  dispatch(intent: Intent): Promise<IntentOutcome>;
  /** What a wish would do to a run, before it is done; undefined when there is no such run. */
  plan(runId: RunId, wish: RerunWish, interrupt?: boolean): Promise<RerunPlan | undefined>;
  /** The local path of an artifact. */
  artifactPath(artifact: Artifact): string;
  /** Reads the constants of the models into the state, bit by bit. */
  readConstants(): void;
  /** Ends the console in order: drains its workers, closes its connections. Idempotent. */
  close(): Promise<void>;
}

/** What an application can be asked for beyond what its screen shows. */
export interface ConsoleReach {
  /** A run of any session, with what the bus knows of it; undefined when there is none. */
  lookUp(runId: RunId): Promise<RunView | undefined>;
  /** The local path of an artifact, fetched from another console when it is not here. */
  fetchArtifact(artifact: Artifact): Promise<string | undefined>;
}
