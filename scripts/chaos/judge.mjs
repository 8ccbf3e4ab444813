/** What became of the runs: read from their own logs, not from what anybody remembers. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { loadRun, loadRunEvents } from "../../src/bus/run-store.ts";
import { reduce } from "../../src/orchestrator/reduce.ts";
import { hasEnded } from "../../src/orchestrator/state.ts";
import { runEventDataSchema } from "../../src/protocol/run-events.ts";

/** How long what is left in the queues may take to be cleared away, milliseconds. */
const CLEARING_MS = 20_000;

/** Counts, and says what is wrong. */
export async function judge(world, flows, unfinished) {
  const { connection, names } = world;
  const problems = [];
  const totals = { lost: 0, stuck: 0, twice: 0 };
  for (const runId of unfinished) {
    const stored = await loadRun(connection, names, runId);
    if (stored === undefined) totals.lost += 1;
    else totals.stuck += 1;
    problems.push(`${runId} is ${stored === undefined ? "lost" : `stuck: ${stored.state}`}`);
  }
  for (const [runId, status] of flows.ended) {
    if (status !== "succeeded") problems.push(`${runId} ${status}`);
    const texts = await loadRunEvents(connection, names, runId, 1);
    const wrong = faultsOfLog(texts);
    totals.twice += wrong.filter((fault) => fault.startsWith("counted twice")).length;
    problems.push(...wrong.map((fault) => `${runId}: ${fault}`));
  }
  const left = await leftEntries(world);
  if (left.length > 0) problems.push(`left in Redis: ${left.join(", ")}`);
  const executed = executionsOf(world);
  return {
    problems,
    figures: {
      faults: [...world.faults].map(([kind, count]) => `${kind} ${count}`).join(", "),
      submitted: flows.submitted.length,
      done: flows.ended.size,
      lost: totals.lost,
      stuck: totals.stuck,
      "results counted twice": totals.twice,
      executions: executed.length,
      "re-executions": executed.length - new Set(executed).size,
      "entries left over": left.length === 0 ? 0 : left.join(", "),
    },
  };
}

/** What a log may not show: gaps, a result that counts twice, an end that is none. */
function faultsOfLog(texts) {
  const faults = [];
  const counted = new Set();
  let state;
  let ends = 0;
  texts.forEach((text, index) => {
    const { seq, event } = runEventDataSchema.parse(JSON.parse(text).data);
    if (seq !== index + 1) faults.push(`event ${index + 1} has seq ${seq}`);
    if (event.type === "result-received") {
      if (counted.has(event.taskId)) faults.push(`counted twice: ${event.taskId}`);
      counted.add(event.taskId);
    }
    const before = state;
    [state] = reduce(state, event);
    if (hasEnded(state.status) && (before === undefined || !hasEnded(before.status))) ends += 1;
  });
  if (ends !== 1) faults.push(`ended ${ends} times`);
  return faults;
}

/** Entries and timers that should be gone; waits for a moment until they are. */
async function leftEntries({ connection, names }) {
  const deadline = performance.now() + CLEARING_MS;
  for (;;) {
    const lengths = await Promise.all([
      ...["simulation", "qna", "viz"].map((agent) => lengthOf(names.taskStream(agent))),
      lengthOf(names.resultStream),
      lengthOf(names.commandStream),
      connection.zcard(names.dueSet).then((count) => ["due", count]),
      connection.zcard(names.activeRuns).then((count) => ["active", count]),
      lengthOf(names.deadLetterStream),
    ]);
    const left = lengths
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name} ${count}`);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(200);
  }

  function lengthOf(stream) {
    return connection.xlen(stream).then((count) => [stream, count]);
  }
}

function executionsOf({ executions }) {
  try {
    return readFileSync(executions, "utf8").trimEnd().split("\n");
  } catch {
    return [];
  }
}
