/** A run between its stored texts and the state the core decides on. */
import type { RunId } from "../protocol/ids.ts";
import { stepKeySchema } from "../protocol/ids.ts";
import type { RunTimer } from "./effects.ts";
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

/** A timer as a member of the due set: `<kind> <run> <step> <attempt>`. */
export function encodeTimer(runId: RunId, timer: RunTimer): string {
  return `${timer.kind} ${runId} ${timer.stepKey} ${timer.attempt}`;
}

/** Reads a timer back; undefined when the text is not one. */
export function decodeTimer(text: string): { runId: string; timer: RunTimer } | undefined {
  const [kind, runId = "", step, attempt = ""] = text.split(" ");
  const stepKey = stepKeySchema.safeParse(step);
  if ((kind !== "retry" && kind !== "timeout" && kind !== "look-up") || !stepKey.success) {
    return undefined;
  }
  if (!/^[1-9]\d{0,8}$/.test(attempt)) return undefined;
  return { runId, timer: { kind, stepKey: stepKey.data, attempt: Number(attempt) } };
}
