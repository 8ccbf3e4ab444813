/** Goes behind the shell, as ctrl-z does with every other program. */

/** How long a stop may take; where there is no shell to stop for, the console goes on after it. */
const STOP_MS = 200;

/**
 * Stops the console, and what started it in the same job, until the shell continues it. Workers lead
 * groups of their own and go on.
 */
export async function suspend(): Promise<void> {
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      process.off("SIGCONT", goOn);
      clearTimeout(timer);
      resolve();
    };
    // A stopped process has no time: the timer fires only when the signal had no effect.
    const timer = setTimeout(goOn, STOP_MS);
    process.on("SIGCONT", goOn);
    process.kill(0, "SIGTSTP");
  });
  // The terminal may have another size now, and nobody has told a stopped process.
  process.kill(process.pid, "SIGWINCH");
}
