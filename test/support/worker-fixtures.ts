import type { WorkerOrder } from "../../src/agents/supervisor/supervised-slot.ts";
import type { WorkerConfig } from "../../src/protocol/control.ts";
import type { AgentName, WorkerSlot } from "../../src/protocol/ids.ts";
import { workerSlotSchema } from "../../src/protocol/ids.ts";
import type { HeartbeatData } from "../../src/protocol/telemetry.ts";

/** How long a worker of a test may go on after it was asked to drain. */
export const DRAIN_DEADLINE_MS = 1500;

/** The slot `<host>:<agent>:<number>`. */
export function slotOf(agent: AgentName, number = 0, host = "box"): WorkerSlot {
  return workerSlotSchema.parse(`${host}:${agent}:${number}`);
}

/** What a worker of a test is told. */
export function configOf(agent: AgentName, change: Partial<WorkerConfig> = {}): WorkerConfig {
  return {
    slot: slotOf(agent),
    agent,
    version: "0.1.0",
    host: "box",
    busAddress: "unix:/run/bus.sock",
    namespace: "default",
    leaseMs: 30_000,
    drainDeadlineMs: DRAIN_DEADLINE_MS,
    artifactFolder: "/artifacts",
    modelFolders: ["/models"],
    commandModels: { trustFile: "/trusted", environment: {} },
    definitionHashes: { simulation: "s", qna: "q", viz: "v" },
    toolServerProgram: agent === "orchestrator" ? "" : `/dist/${agent}-tools.js`,
    compileCacheFolder: "/cache",
    ...change,
  };
}

/** The order for a worker of a test. */
export function orderOf(agent: AgentName, number = 0): WorkerOrder {
  return {
    program: `/dist/${agent}-worker.js`,
    config: configOf(agent, { slot: slotOf(agent, number) }),
  };
}

/** A sign of life. */
export function heartbeatOf(agent: AgentName, change: Partial<HeartbeatData> = {}): HeartbeatData {
  return {
    slot: slotOf(agent),
    agent,
    pid: 4242,
    host: "box",
    version: "0.1.0",
    activity: "ready",
    currentTask: null,
    queueDepth: 0,
    uptimeMs: 1000,
    rssBytes: 50_000_000,
    cpuShare: 0.1,
    ...change,
  };
}
