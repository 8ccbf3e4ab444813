import type { VizInput } from "../../protocol/agent-data.ts";
import { vizInputSchema, vizOutputSchema } from "../../protocol/agent-data.ts";
import type { TaskAgent } from "../runtime/task-agent.ts";

/** Draws charts of a simulation's results. */
export const vizAgent: TaskAgent<VizInput> = {
  agent: "viz",
  inputSchema: vizInputSchema,
  outputSchema: vizOutputSchema,
  toolConfig: ({ artifactFolder, version }) => ({ artifactFolder, version }),
  toolCall: (input) => ({ tool: "draw_chart", arguments: input }),
};
