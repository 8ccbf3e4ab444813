/** The two streams a script reads. Text is flushed before the process ends. */

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
