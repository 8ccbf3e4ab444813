/**
 * Gives the terminal back when the console could not: after SIGKILL, or when memory ran out.
 *
 * G1 The guard is a shell that waits for the end of a pipe; the pipe ends with the console, however
 *    that goes.
 * G2 A console that has given the terminal back itself ends the guard first: nothing is done twice.
 */
import { spawn, spawnSync } from "node:child_process";

/** Leaves the screen, shows the cursor, ends mouse reports and marked pastes, and all colours. */
const GIVE_BACK = "\\033[?1006l\\033[?1000l\\033[?2004l\\033[?2026l\\033[?1049l\\033[?25h\\033[0m";

const SCRIPT = [
  "trap '' HUP INT QUIT TSTP TTOU",
  "read -r _",
  `printf '${GIVE_BACK}'`,
  "printf '\\naimie-console has been killed; its terminal is restored\\r\\n'",
  'stty "$1" <&1 2>/dev/null',
].join("\n");

/** Watches over the terminal from now on; the returned function says that it is no longer needed. */
export function guardTerminal(): () => void {
  // Before raw mode: what the terminal is like now is what it will be given back as.
  const settings = spawnSync("stty", ["-g"], { stdio: ["inherit", "pipe", "ignore"] });
  const before = settings.stdout?.toString().trim() ?? "";
  if (settings.status !== 0 || before === "") return () => undefined;
  const guard = spawn("/bin/sh", ["-c", SCRIPT, "aimie-terminal-guard", before], {
    detached: true, // What ends the console's group must not end it too.
    stdio: ["pipe", "inherit", "ignore"],
  });
  guard.on("error", () => undefined);
  guard.stdin?.on("error", () => undefined);
  guard.unref();
  const release = (): void => {
    process.off("exit", release);
    guard.kill("SIGKILL"); // G2
  };
  process.on("exit", release);
  return release;
}
