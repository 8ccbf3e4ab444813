/** Server-sent events: what has happened, then what happens, resumable by the last id. */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";

/** How often a silent stream says that it is alive, milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** One event of a stream. */
export interface StreamedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: object;
}

/**
 * Streams what `read` answers and has not been sent, now and after each change. What lies at or
 * before `lastId` (the caller's `Last-Event-ID`) is taken as sent.
 */
export function eventStream(
  context: Context,
  read: () => readonly StreamedEvent[],
  onChange: (listener: () => void) => () => void,
): Response {
  return streamSSE(context, async (stream) => {
    const sent = new Set<string>();
    const lastId = context.req.header("last-event-id");
    const known = read();
    const last = known.findIndex(({ id }) => id === lastId);
    for (const { id } of known.slice(0, last + 1)) sent.add(id);
    let wake: () => void = () => undefined;
    const stop = onChange(() => wake());
    stream.onAbort(() => wake());
    try {
      while (!stream.aborted) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        for (const { id, event, data } of read().filter((one) => !sent.has(one.id))) {
          sent.add(id);
          await stream.writeSSE({ id, event, data: JSON.stringify(data) });
        }
        const alive = await Promise.race([changed.then(() => true), stream.sleep(KEEP_ALIVE_MS)]);
        if (alive !== true) await stream.write(": alive\n\n");
      }
    } finally {
      stop();
    }
  });
}
