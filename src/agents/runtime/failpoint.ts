import { closeSync, openSync } from "node:fs";
import type { FailpointPlace, WorkerConfig } from "../../protocol/control.ts";

/**
 * A place where a worker can be told to die, to see what a crash just there leaves behind. Does
 * nothing unless it was ordered. Dies once for each order: the marker file tells the process that
 * comes after it, and every other one, that it has been done.
 */
export function reachFailpoint(
  { failpoint }: Pick<WorkerConfig, "failpoint">,
  place: FailpointPlace,
): void {
  if (failpoint?.place !== place) return;
  try {
    closeSync(openSync(failpoint.marker, "wx", 0o600));
  } catch {
    return; // It has been done.
  }
  process.kill(process.pid, "SIGKILL");
}
