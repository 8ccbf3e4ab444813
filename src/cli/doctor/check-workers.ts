/** Checks who works, and what was left behind by whom. */
import type { FoundProcess, ProcessRegistry } from "../../agents/supervisor/process-registry.ts";
import { errorMessage } from "../../base/error-message.ts";
import { STANDING_AGENT_NAMES } from "../../protocol/ids.ts";
import type { HeartbeatData } from "../../protocol/telemetry.ts";
import type { Config } from "../config.ts";
import { readWorkers } from "../list-agents.ts";
import { VERSION } from "../version.ts";
import type { Finding } from "./finding.ts";
import { fine, warn } from "./finding.ts";

/** Checks the heartbeats on the bus. */
export async function checkWorkers(config: Config): Promise<readonly Finding[]> {
  try {
    return judgeWorkers(await readWorkers(config), VERSION);
  } catch (cause) {
    return [warn("workers", `not known: ${errorMessage(cause)}`, "see what is said of the bus")];
  }
}

/** What the heartbeats say. */
export function judgeWorkers(
  workers: readonly HeartbeatData[],
  version: string,
): readonly Finding[] {
  if (workers.length === 0) {
    return [fine("workers", "nobody works; a console or aimie-console up starts workers")];
  }
  const missing = STANDING_AGENT_NAMES.filter((agent) =>
    workers.every((one) => one.agent !== agent),
  );
  const strangers = workers.filter((one) => one.version !== version);
  return [
    fine("workers", `${workers.length} live: ${workers.map((one) => one.slot).join(", ")}`),
    ...(missing.length === 0
      ? []
      : [warn("workers", `nobody plays ${missing.join(", ")}`, "aimie-console up starts them")]),
    ...strangers.map(({ slot, version: other }) =>
      warn("workers", `${slot} is version ${other}, this is ${version}`, "update the older one"),
    ),
  ];
}

/** Finds processes of ours that nobody looks after; with `fix` they are ended. */
export function checkProcesses(registry: ProcessRegistry, fix: boolean): readonly Finding[] {
  const found = registry.list();
  const running = found.filter(({ fate }) => fate === "running").length;
  const orphans = found.filter(({ fate }) => fate === "orphan");
  const gone = found.filter(({ fate }) => fate === "gone");
  if (fix) for (const { entry } of gone) registry.remove(entry.pid);
  return [
    fine("processes", `${running} of this state folder run`),
    ...orphans.map((orphan) => judgeOrphan(orphan, registry, fix)),
  ];
}

function judgeOrphan({ entry }: FoundProcess, registry: ProcessRegistry, fix: boolean): Finding {
  const { pid, label, owner } = entry;
  const text = `${label} ${pid} is left over: its supervisor ${owner?.pid ?? "?"} is gone`;
  if (!fix) return warn("processes", text, "aimie-console doctor --fix ends it");
  try {
    process.kill(-pid, "SIGKILL"); // Its group: a tool server goes along.
  } catch {
    return warn("processes", `${text}; it cannot be ended`, `kill -9 ${pid}`);
  }
  registry.remove(pid);
  return fine("processes", `${text}; ended`);
}
