import type { StoreApi } from "zustand/vanilla";
import type { Artifact } from "../protocol/artifact.ts";
import type { ConsoleState, EventLine, TopicMessage } from "./console-state.ts";
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
  /** The local path of an artifact. */
  artifactPath(artifact: Artifact): string;
  /** Ends the console in order: drains its workers, closes its connections. Idempotent. */
  close(): Promise<void>;
}
