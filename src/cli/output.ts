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

/** The streams of a process, and what became of them. */
export interface ProcessOutput extends Output {
  /** Writes what is left; answers why part of the result could not be written, such as a full disk. */
  flush(): Promise<string | undefined>;
}

/** This process's own streams; a reader that has gone away ends nothing. */
export function processOutput(): ProcessOutput {
  let lost: string | undefined;
  const note = (cause: (Error & { readonly code?: string }) | null | undefined): void => {
    if (cause != null && !GONE.has(cause.code ?? "")) lost ??= cause.message;
  };
  process.stdout.on("error", note);
  process.stderr.on("error", () => undefined);
  process.stdin.on("error", () => undefined);
  return {
    out: (line) => void process.stdout.write(`${line}\n`, note),
    err: (line) => void process.stderr.write(`${line}\n`, () => undefined),
    interactive: process.stderr.isTTY === true,
    async flush() {
      await new Promise((resolve) => process.stdout.write("", resolve));
      await new Promise((resolve) => process.stderr.write("", resolve));
      return lost;
    },
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
