/** A BullMQ worker whose processor does nothing, or adds the rest of its flow. */
import { FlowProducer, Worker } from "bullmq";
import { JOB_OPTIONS } from "./bullmq.mjs";

/** Jobs in hand at a time, as many as our workers take. */
const CONCURRENCY = 50;

process.once("disconnect", () => process.exit(0));
process.once("message", async ({ path, queue, grows }) => {
  const connection = { path };
  const flows = grows ? new FlowProducer({ connection }) : undefined;
  const grow = async ({ data: { run } }) => {
    const child = (name) => ({ name, queueName: name, data: { run }, opts: JOB_OPTIONS });
    await flows.add({
      name: "done",
      queueName: "done",
      data: { run },
      opts: { ...JOB_OPTIONS, jobId: `${run}-done` },
      children: [child("qna"), child("viz")],
    });
    return { status: "simulated" };
  };
  const worker = new Worker(queue, grows ? grow : async () => ({ status: "simulated" }), {
    connection,
    concurrency: CONCURRENCY,
  });
  await worker.waitUntilReady();
  process.send("ready");
});
