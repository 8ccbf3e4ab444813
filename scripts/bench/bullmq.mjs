/**
 * The other side of the flow measurement: the same flow on BullMQ, in two ways.
 *
 * tree: the durable one, as its maintainers advise: the simulation's processor adds a FlowProducer
 * tree of qna and viz under a closing job.
 * events: an application that keeps each flow in memory and adds the next jobs when QueueEvents
 * tells it of completed ones; nothing of the flow survives it.
 */
import { join } from "node:path";
import { Queue, QueueEvents } from "bullmq";
import { startProcess } from "./worker-process.mjs";

const program = join(import.meta.dirname, "bullmq-worker.mjs");

/** Finished jobs are removed, as ours are. */
export const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true };

function startWorkers(server, kinds) {
  return Promise.all(
    kinds.map((kind) =>
      startProcess(program, { path: server.path, ...kind }, (answer) => answer === "ready"),
    ),
  );
}

async function openQueues(server, queueNames, eventNames) {
  const connection = { path: server.path };
  const queues = new Map(queueNames.map((name) => [name, new Queue(name, { connection })]));
  const events = new Map(eventNames.map((name) => [name, new QueueEvents(name, { connection })]));
  await Promise.all([...queues.values(), ...events.values()].map((one) => one.waitUntilReady()));
  return {
    queues,
    events,
    close: () => Promise.all([...queues.values(), ...events.values()].map((one) => one.close())),
  };
}

/** The durable way. */
export async function startBullTree(server) {
  const workers = await startWorkers(server, [
    { queue: "simulation", grows: true },
    { queue: "qna" },
    { queue: "viz" },
    { queue: "done" },
  ]);
  const { queues, events, close } = await openQueues(server, ["simulation"], ["done"]);
  const waiting = new Map();
  events.get("done").on("completed", ({ jobId }) => {
    waiting.get(jobId)?.();
    waiting.delete(jobId);
  });
  let count = 0;
  return {
    workers,
    async run() {
      count += 1;
      const run = `b${count}`;
      const done = new Promise((resolve) => {
        waiting.set(`${run}-done`, resolve);
      });
      await queues.get("simulation").add("simulation", { run }, JOB_OPTIONS);
      await done;
    },
    check: async () => undefined,
    async stop() {
      await close();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

/** The way that keeps flows in memory. */
export async function startBullEvents(server) {
  const kinds = ["simulation", "qna", "viz"];
  const workers = await startWorkers(
    server,
    kinds.map((queue) => ({ queue })),
  );
  const { queues, events, close } = await openQueues(server, kinds, kinds);
  const flows = new Map();
  const add = (kind, run) =>
    queues.get(kind).add(kind, { run }, { ...JOB_OPTIONS, jobId: `${run}-${kind}` });
  for (const kind of kinds) {
    events.get(kind).on("completed", ({ jobId }) => {
      const run = jobId.slice(0, -kind.length - 1);
      const flow = flows.get(run);
      if (flow === undefined) return;
      if (kind === "simulation") {
        void Promise.all([add("qna", run), add("viz", run)]);
        return;
      }
      flow.missing.delete(kind);
      if (flow.missing.size > 0) return;
      flows.delete(run);
      flow.finish();
    });
  }
  let count = 0;
  return {
    workers,
    async run() {
      count += 1;
      const run = `b${count}`;
      const done = new Promise((resolve) => {
        flows.set(run, { missing: new Set(["qna", "viz"]), finish: resolve });
      });
      await add("simulation", run);
      await done;
    },
    check: async () => undefined,
    async stop() {
      await close();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
