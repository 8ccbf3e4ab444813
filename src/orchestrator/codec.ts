/** A run between its stored texts and the state the core decides on. */
import type { RunState } from "./state.ts";
import { runOriginSchema, runStateSchema } from "./state.ts";

/** What is stored once: the request and its flow. */
export function encodeOrigin(state: RunState): string {
  return JSON.stringify(state.origin);
}

/** What is stored with every commit. */
export function encodeState(state: RunState): string {
  const { origin: _, ...changing } = state;
  return JSON.stringify(changing);
}

/**
 * Reads a stored run.
 * @throws when it does not fit: somebody else wrote it, or a newer version did.
 */
export function decodeRun(stored: { readonly origin: string; readonly state: string }): RunState {
  const origin = runOriginSchema.parse(JSON.parse(stored.origin));
  return runStateSchema.parse({ ...JSON.parse(stored.state), origin });
}
