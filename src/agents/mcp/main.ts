/** The program of an mcp worker. */
import { runTaskAgent } from "../runtime/task-agent.ts";
import { mcpAgent } from "./agent.ts";

await runTaskAgent(mcpAgent);
