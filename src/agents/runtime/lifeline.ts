/**
 * Ends a worker when its parent is gone, its tool server along with it.
 *
 * L1 The channel to the parent closing is the ordinary sign.
 * L2 A watchdog thread sees the parent's end even while the main thread is busy.
 * L3 A worker leads its own process group, so one signal to the group takes everything along.
 */
import { Worker } from "node:worker_threads";

/** How often the watchdog looks, milliseconds. */
const WATCH_EVERY_MS = 250;

const WATCHDOG = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  if (process.ppid === workerData.parent) return;
  try { process.kill(-process.pid, "SIGKILL"); } catch {}
  process.kill(process.pid, "SIGKILL");
}, workerData.everyMs);
`;

/** Starts watching; the process ends at once, by SIGKILL, when its parent has ended. */
export function holdLifeline(): void {
  process.on("disconnect", leaveWithGroup); // L1
  // The listener keeps the channel referenced, and with it this process: give it back.
  process.channel?.unref();
  const watchdog = new Worker(WATCHDOG, {
    eval: true,
    workerData: { parent: process.ppid, everyMs: WATCH_EVERY_MS },
  }); // L2
  watchdog.unref();
}

function leaveWithGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL"); // L3
  } catch {
    // Not a group leader: started by hand.
  }
  process.exit(0);
}
