/** Whether a process runs; one that has ended and is not yet collected does not count. */
import { spawnSync } from "node:child_process";

export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}
