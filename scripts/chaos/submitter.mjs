/** Operators who never tire: each lane submits a run, waits for its end, and submits the next. */
import { setTimeout as delay } from "node:timers/promises";
import { sendCommand } from "../../src/bus/commands.ts";
import { openConnection } from "../../src/bus/connection.ts";
import { loadRun } from "../../src/bus/run-store.ts";

/** How often a run is looked at, milliseconds. */
const LOOK_EVERY_MS = 100;

/** The retry pauses are short, the timeouts longer than any round. */
const STEP = "retry: { attempts: 5, delay: 1s }, timeout: 10m";
const FLOW = `name: chaos
params:
  run: { type: string }
steps:
  simulation: { agent: simulation, input: { model: "\${{ params.run }}" }, ${STEP} }
  qna: { agent: qna, needs: simulation, input: { question: q, simulation: "\${{ steps.simulation.output }}" }, ${STEP} }
  viz: { agent: viz, needs: simulation, input: { simulation: "\${{ steps.simulation.output }}" }, ${STEP} }
`;

const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** Starts the lanes. */
export function submitFlows(world, lanes) {
  const { names, address } = world;
  const command = openConnection(address, "command");
  const submitted = [];
  const ended = new Map();
  let isOpen = true;
  let isPatient = true;

  const submit = async (runId) => {
    const spec = { runId, sessionId: "chaos", flowName: "chaos", flowText: FLOW };
    const start = {
      type: "start-run",
      commandId: `start.${runId}`,
      spec: { ...spec, parameters: { run: runId }, models: {} },
    };
    while (isPatient) {
      // Whether it got through is unknown when this fails: sending it again does no harm.
      const sent = await sendCommand(command, names, start).then(
        () => true,
        () => false,
      );
      if (sent) return;
      await delay(LOOK_EVERY_MS);
    }
  };
  const untilEnded = async (runId) => {
    while (isPatient) {
      const stored = await loadRun(command, names, runId).catch(() => undefined);
      const status = stored && JSON.parse(stored.state).status;
      if (ENDED.has(status)) {
        ended.set(runId, status);
        return;
      }
      await delay(LOOK_EVERY_MS);
    }
  };
  const lane = async () => {
    while (isOpen) {
      const runId = `c${submitted.length + 1}`;
      submitted.push(runId);
      await submit(runId);
      await untilEnded(runId);
    }
  };
  const all = Promise.all(Array.from({ length: lanes }, lane));
  return {
    submitted,
    ended,
    /** Submits nothing more; answers the runs that have not ended after `patienceMs`. */
    async finish(patienceMs) {
      isOpen = false;
      await Promise.race([all, delay(patienceMs, undefined, { ref: false })]);
      isPatient = false;
      await all;
      command.disconnect();
      return submitted.filter((runId) => !ended.has(runId));
    },
  };
}
