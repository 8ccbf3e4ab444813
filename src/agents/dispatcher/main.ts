/** The program of a dispatcher: fills a slot of an agent that foreign programs play. */
import { taskAgentNameSchema } from "../../protocol/ids.ts";
import { runWorkerProcess } from "../runtime/worker-context.ts";
import { dispatchToForeigners } from "./agent.ts";

await runWorkerProcess(dispatchToForeigners, async ({ command, names, config }) =>
  command.xlen(names.taskStream(taskAgentNameSchema.parse(config.agent))),
);
