/** The two streams a script reads. Text is flushed before the process ends. */

import { escapeText } from "../ui/escape-text.ts";

/** Where lines go. */
export interface Output {
  /** A line of the result. */
  out(line: string): void;
  /** A line about the work, for people. */
  err(line: string): void;
  /** Whether people are likely to read the error stream. */
  readonly interactive: boolean;
}

/** How a stream says that nobody is at its other end any more: a pipe or a terminal was closed. */
const GONE: ReadonlySet<string> = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);

/** This process's own streams; a reader that has gone away ends nothing. */
export function processOutput(): Output {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (cause: Error & { readonly code?: string }) => {
      if (!GONE.has(cause.code ?? "")) throw cause;
    });
  }
  process.stdin.on("error", () => undefined);
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    interactive: process.stderr.isTTY === true,
  };
}

/** The same output for texts from files and agents: what could move a cursor is made visible. */
export function escaped({ out, err, interactive }: Output): Output {
  return {
    out: (text) => out(visible(text)),
    err: (text) => err(visible(text)),
    interactive,
  };
}

/** A description may have several lines. */
function visible(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}
