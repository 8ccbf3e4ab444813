/** The thread of a lease keeper: renews what is held, by a connection of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { errorMessage } from "../base/error-message.ts";
import { openConnection } from "./connection.ts";
import type { HeldEntry, LeaseKeeperOptions, LeaseNews, LeaseOrder } from "./lease-keeper.ts";
import { isMissingGroup, runScript } from "./run-script.ts";
import { renewScript } from "./scripts/renew.ts";

const { address, group, consumer, leaseMs }: LeaseKeeperOptions = workerData;
const connection = openConnection(address, "command");
const renewals = new Map<string, NodeJS.Timeout>();

function tell(news: LeaseNews): void {
  parentPort?.postMessage(news);
}

function release({ stream, id }: HeldEntry): void {
  const key = `${stream} ${id}`;
  clearInterval(renewals.get(key));
  renewals.delete(key);
}

async function renew(entry: HeldEntry): Promise<void> {
  try {
    const held = await runScript(
      connection,
      renewScript,
      [entry.stream],
      [group, consumer, entry.id],
    );
    if (held === 1) return;
  } catch (cause) {
    if (!isMissingGroup(cause)) {
      tell({ type: "problem", message: errorMessage(cause) });
      return;
    }
  }
  release(entry);
  tell({ type: "lost", entry });
}

parentPort?.on("message", ({ type, entry }: LeaseOrder) => {
  release(entry);
  if (type === "release") return;
  renewals.set(
    `${entry.stream} ${entry.id}`,
    setInterval(() => void renew(entry), leaseMs / 3), // B1
  );
});
