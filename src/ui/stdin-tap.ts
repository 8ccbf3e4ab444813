/** Owns the keyboard while the console is on the screen: raw mode, pastes, whole keys. */
import type { Key } from "./key-parser.ts";
import { KeyParser } from "./key-parser.ts";

/** How long the rest of an escape sequence may take; then ESC was the escape key. */
const ESCAPE_TIMEOUT_MS = 30;

const PASTE_ON = "\u001B[?2004h";
const PASTE_OFF = "\u001B[?2004l";
/** Presses and wheel, in the form that has no upper limit for columns. */
const MOUSE_ON = "\u001B[?1000h\u001B[?1006h";
const MOUSE_OFF = "\u001B[?1006l\u001B[?1000l";
const ASK_GROUND = "\u001B]11;?\u001B\\";

/** What the terminal is to tell besides keys. */
export interface TapWish {
  readonly mouse: boolean;
  /** Whether its ground is asked for; the answer comes as a key. */
  readonly ground: boolean;
}

/** As much of a terminal's input as is needed. */
export type KeySource = NodeJS.ReadableStream & {
  readonly isTTY?: boolean | undefined;
  setRawMode?(mode: boolean): unknown;
  ref?(): unknown;
  unref?(): unknown;
};

/** Listens until the returned function is called; it gives the terminal back and is idempotent. */
export function tapStdin(
  stdin: KeySource,
  stdout: NodeJS.WritableStream,
  wish: TapWish,
  onKey: (key: Key) => void,
): () => void {
  const parser = new KeyParser();
  const decoder = new TextDecoder("utf-8");
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const deliver = (keys: readonly Key[]): void => {
    for (const key of keys) if (!stopped) onKey(key);
  };
  const onData = (chunk: string | Uint8Array): void => {
    clearTimeout(timer);
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    deliver(parser.push(text));
    if (!parser.pending || stopped) return;
    timer = setTimeout(() => deliver(parser.flush()), ESCAPE_TIMEOUT_MS);
  };
  stdin.setRawMode?.(true);
  stdout.write(PASTE_ON + (wish.mouse ? MOUSE_ON : "") + (wish.ground ? ASK_GROUND : ""));
  stdin.on("data", onData);
  stdin.ref?.();
  stdin.resume();
  return () => {
    if (stopped) return;
    stopped = true;
    clearTimeout(timer);
    stdin.off("data", onData);
    stdin.pause();
    stdin.unref?.();
    stdin.setRawMode?.(false);
    stdout.write((wish.mouse ? MOUSE_OFF : "") + PASTE_OFF);
  };
}
