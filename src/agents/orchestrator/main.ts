/** The program of an orchestrator worker. */
import { runWorkerProcess } from "../runtime/worker-context.ts";
import { orchestrate } from "./agent.ts";

await runWorkerProcess(orchestrate, async ({ command, names }) => {
  const depths = await Promise.all([
    command.xlen(names.resultStream),
    command.xlen(names.commandStream),
  ]);
  return depths[0] + depths[1];
});
