import type { SimulationInput } from "../../protocol/agent-data.ts";
import { simulationInputSchema, simulationOutputSchema } from "../../protocol/agent-data.ts";
import type { TaskAgent } from "../runtime/task-agent.ts";

/** Runs system-dynamics models. */
export const simulationAgent: TaskAgent<SimulationInput> = {
  agent: "simulation",
  inputSchema: simulationInputSchema,
  outputSchema: simulationOutputSchema,
  toolConfig: ({ artifactFolder, modelFolders, commandModels }) => ({
    artifactFolder,
    modelFolders,
    commandModels,
  }),
  toolCall: (input) => ({ tool: "run_simulation", arguments: input }),
};
