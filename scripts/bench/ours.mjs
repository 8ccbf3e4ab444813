/**
 * Our side of the flow measurement: the real orchestrator worker and three real task workers whose
 * tool does nothing, each a process of its own.
 */
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { sendCommand } from "../../src/bus/commands.ts";
import { openConnection } from "../../src/bus/connection.ts";
import { subscribe } from "../../src/bus/pubsub.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { parseMessage } from "../../src/protocol/parse-message.ts";
import { runEventDataSchema } from "../../src/protocol/run-events.ts";
import { startProcess } from "./worker-process.mjs";

const root = join(import.meta.dirname, "..", "..");

/** simulation → qna ∥ viz, as small as it can be written. */
const FLOW = `name: bench
steps:
  simulation: { agent: simulation, input: { model: none } }
  qna: { agent: qna, needs: simulation, input: { question: q, simulation: "\${{ steps.simulation.output }}" } }
  viz: { agent: viz, needs: simulation, input: { simulation: "\${{ steps.simulation.output }}" } }
`;

/** The request and three results: the last event of a run that went well. */
const LAST_SEQ = 4;

/** Starts our workers on a bus. */
export async function startOurs(server) {
  const names = namesOf("default");
  const command = openConnection(server.address, "command");
  const listener = openConnection(server.address, "subscriber");
  const waiting = new Map();
  await subscribe(listener, names, ["event.run"], ({ text }) => {
    if (!text.includes(`"seq":${LAST_SEQ},`)) return;
    const message = parseMessage(text, runEventDataSchema);
    if (!message.ok) throw new Error(message.error);
    const { runId, seq } = message.value.data;
    if (seq !== LAST_SEQ) return;
    waiting.get(runId)?.();
    waiting.delete(runId);
  });
  const agents = ["orchestrator", "simulation", "qna", "viz"];
  const workers = await Promise.all(agents.map((agent) => startWorker(agent, server)));
  let count = 0;
  return {
    workers,
    run() {
      count += 1;
      const runId = `b${count}`;
      const done = new Promise((resolve) => {
        waiting.set(runId, resolve);
      });
      const spec = { runId, sessionId: "bench", flowName: "bench", flowText: FLOW };
      const start = {
        type: "start-run",
        commandId: `start.${runId}`,
        spec: { ...spec, parameters: {}, models: {} },
      };
      return sendCommand(command, names, start).then(() => done);
    },
    /** Throws unless every run has succeeded and nothing is left in the queues. */
    async check() {
      for (let number = 1; number <= count; number += 1) {
        const state = await command.hget(names.runHash(`b${number}`), "state");
        const { status } = JSON.parse(state ?? "{}");
        if (status !== "succeeded") throw new Error(`run b${number} is ${status}`);
      }
      const left = await Promise.all([
        ...[names.resultStream, names.commandStream].map((key) => command.xlen(key)),
        ...agents.slice(1).map((agent) => command.xlen(names.taskStream(agent))),
        command.zcard(names.dueSet),
        command.zcard(names.activeRuns),
      ]);
      if (left.some((length) => length !== 0)) throw new Error(`left over: ${left}`);
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      command.disconnect();
      listener.disconnect();
    },
  };
}

/** Starts one worker as a supervisor would. */
function startWorker(agent, server) {
  const isOrchestrator = agent === "orchestrator";
  const program = isOrchestrator
    ? join(root, "src/agents/orchestrator/main.ts")
    : join(root, `test/fixtures/programs/idle-${agent}.ts`);
  const config = {
    slot: `${hostname()}:${agent}:0`,
    agent,
    version: "0",
    host: hostname(),
    busAddress: `unix:${server.path}`,
    namespace: "default",
    leaseMs: 30_000,
    drainDeadlineMs: 500,
    artifactFolder: tmpdir(),
    modelFolders: [],
    definitionHashes: {},
    commandModels: { trustFile: "", environment: {} },
    toolServerProgram: "",
    compileCacheFolder: tmpdir(),
  };
  return startProcess(
    program,
    { type: "configure", config },
    (message) => message.type === "activity" && message.activity === "ready",
  );
}
