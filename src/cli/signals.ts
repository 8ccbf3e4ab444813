/** The first signal asks, the second one insists. */

/** What signals this process has been sent. */
export interface Signals {
  /** Fires at the first SIGINT, SIGTERM or SIGHUP. */
  readonly first: AbortSignal;
  /** The exit code of the signal that came; undefined when none did. */
  exitCode(): number | undefined;
}

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Watches signals; the second one ends the process at once. */
export function watchSignals(): Signals {
  const first = new AbortController();
  let exitCode: number | undefined;
  for (const [name, code] of Object.entries(CODES)) {
    process.on(name, () => {
      if (exitCode !== undefined) process.exit(code);
      exitCode = code;
      first.abort();
    });
  }
  return { first: first.signal, exitCode: () => exitCode };
}
