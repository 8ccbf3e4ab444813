/** A console that only looks. */
import type { ConsoleHandle } from "./console-handle.ts";
import type { Intent } from "./intents.ts";

/** The wishes that change nothing but what is looked at. */
const HARMLESS: ReadonlySet<Intent["type"]> = new Set(["open-session"]);

/** The same console, in which every wish that changes something is refused. */
export function readOnly(handle: ConsoleHandle): ConsoleHandle {
  return {
    ...handle,
    async dispatch(intent) {
      if (HARMLESS.has(intent.type)) return await handle.dispatch(intent);
      const message = "this console only looks";
      return { ok: false, code: "usage", message, nextStep: "start it without --readonly" };
    },
  };
}
