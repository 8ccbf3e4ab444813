/** The program of a worker that plays an agent of the user's own. */
import { startLeaseKeeper } from "../../bus/lease-keeper.ts";
import { taskAgentNameSchema } from "../../protocol/ids.ts";
import { workOnTasks } from "../runtime/task-agent.ts";
import { refuseConfig, runWorkerProcess } from "../runtime/worker-context.ts";
import { openDefinition } from "./agent.ts";
import { openProgramSession } from "./program-session.ts";

await runWorkerProcess(
  async (context) => {
    const opened = openDefinition(context.config);
    if (!opened.ok) return refuseConfig(`${opened.error.message} ${opened.error.nextStep}`);
    const { definition, program } = opened.value;
    const log = (level: "info" | "warning", text: string) => context.log(level, text);
    await workOnTasks(definition, context, {
      openTools: () => openProgramSession(program, log),
      keepLeases: startLeaseKeeper,
    });
  },
  async ({ command, names, config }) =>
    command.xlen(names.taskStream(taskAgentNameSchema.parse(config.agent))),
);
