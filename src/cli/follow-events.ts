import type { ConsoleHandle } from "../console/console-handle.ts";
import type { EventLine } from "../console/console-state.ts";

/** Hands every event line on as it comes, beginning with those still held; stop flushes. */
export function followEvents(
  { events, store }: Pick<ConsoleHandle, "events" | "store">,
  onLine: (line: EventLine) => void,
): () => void {
  let told = events.version - events.length;
  const flush = (): void => {
    const first = events.version - events.length;
    const lines = events.slice(Math.max(0, told - first), events.length);
    told = events.version;
    for (const line of lines) onLine(line);
  };
  flush();
  const stop = store.subscribe(flush);
  return () => {
    flush();
    stop();
  };
}
