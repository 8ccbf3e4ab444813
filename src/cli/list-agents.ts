/** `agents`: who works, by their heartbeats. */
import { openConnection } from "../bus/connection.ts";
import { findWorkers } from "../console/worker-orders.ts";
import { namesOf } from "../protocol/names.ts";
import type { HeartbeatData } from "../protocol/telemetry.ts";
import { escapeText } from "../ui/escape-text.ts";
import { formatAge, formatBytes, formatPercent } from "../ui/format.ts";
import type { Config } from "./config.ts";
import { customAgents, untrustedAgent } from "./custom-agents.ts";
import type { OutputForm } from "./flag.ts";
import type { Output } from "./output.ts";
import { findRunningBus } from "./running-bus.ts";

/** Prints the living workers of the bus. */
export async function listAgents(config: Config, form: OutputForm, output: Output): Promise<void> {
  const workers = await readWorkers(config);
  if (form === "json") output.out(JSON.stringify(workers));
  if (form === "jsonl") for (const worker of workers) output.out(JSON.stringify(worker));
  if (form !== "text") return;
  if (workers.length === 0) output.out("nobody works here; aimie-console up starts all agents");
  for (const worker of workers) output.out(workerLine(worker));
  for (const agent of customAgents(config)) {
    const problem = agent.problem ?? untrustedAgent(agent);
    if (problem !== undefined) output.err(escapeText(`${problem.message} — ${problem.remedy}`));
  }
}

/** The living workers, in the order of their slots; none when no broker runs. */
export async function readWorkers(config: Config): Promise<readonly HeartbeatData[]> {
  const bus = await findRunningBus(config);
  if (bus === undefined) return [];
  const connection = openConnection(bus.address, "command");
  try {
    const names = namesOf(config.namespace.value);
    const workers = await findWorkers(connection, names, config.environment.host);
    return [...workers].sort((left, right) =>
      left.slot.localeCompare(right.slot, "en", { numeric: true }),
    );
  } finally {
    connection.disconnect();
  }
}

function workerLine(worker: HeartbeatData): string {
  const { slot, activity, pid, version, uptimeMs, cpuShare, rssBytes, currentTask } = worker;
  return escapeText(
    [
      slot.padEnd(28),
      activity.padEnd(9),
      `pid ${pid}`.padEnd(12),
      `v${version}`,
      `up ${formatAge(uptimeMs)}`,
      `CPU ${formatPercent(cpuShare)}`,
      formatBytes(rssBytes),
      currentTask ?? "–",
    ].join("  "),
  );
}
