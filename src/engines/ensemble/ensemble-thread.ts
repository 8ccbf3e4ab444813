/** A thread that simulates batches of runs: told the job at its start, it answers each order. */
import { parentPort, workerData } from "node:worker_threads";
import { readModel } from "../xmile/read-model.ts";
import type { BatchOrder, EnsembleJob } from "./batch.ts";
import { batchRunner } from "./batch.ts";
import type { ThreadAnswer } from "./threads.ts";

const job: EnsembleJob = workerData;
const model = readModel(job.modelText);
const run = model.ok ? batchRunner(model.value, job) : () => model;

parentPort?.on("message", (order: BatchOrder) => {
  const result = run(order);
  const answer: ThreadAnswer = { index: order.index, result };
  parentPort?.postMessage(answer, result.ok ? [result.value.buffer] : []);
});
