/** A worker that does nothing: hands in each task at once, except a first delivery that is to hang. */
import { createHash } from "node:crypto";
import { handIn } from "../../src/agents/runtime/hand-in.ts";
import { runWorkerProcess } from "../../src/agents/runtime/worker-context.ts";
import { startLeaseKeeper } from "../../src/bus/lease-keeper.ts";
import { consumeTasks } from "../../src/bus/task-queue.ts";
import { TASK_GROUP } from "../../src/protocol/names.ts";
import { parseMessage } from "../../src/protocol/parse-message.ts";
import { taskDataSchema } from "../../src/protocol/tasks.ts";

async function work(context) {
  const { config, names, command, blocking } = context;
  const leases = startLeaseKeeper(
    context,
    { group: TASK_GROUP, consumer: config.slot, leaseMs: config.leaseMs },
    () => undefined,
  );
  context.setActivity("ready", null);
  await consumeTasks({
    names,
    agent: config.agent,
    slot: config.slot,
    command,
    blocking,
    leases,
    leaseMs: config.leaseMs,
    signal: context.draining,
    async onTask(task) {
      const message = parseMessage(task.text, taskDataSchema);
      if (!message.ok) throw new Error(message.error);
      context.tell("progress.qna", `taken ${task.deliveries} ${process.pid}`);
      if (task.deliveries === 1) await new Promise(() => undefined);
      const at = Date.now();
      await handIn(context, {
        task,
        message: message.value,
        taskId: message.value.subject,
        result: {
          status: "succeeded",
          output: createHash("sha256").update(task.text).digest("hex"),
          worker: config.slot,
          startedAt: at,
          finishedAt: at,
        },
      });
    },
    onProblem: () => undefined,
  });
}

await runWorkerProcess(work, async () => 0);
