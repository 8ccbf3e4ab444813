/** The program of a viz worker. */
import { runTaskAgent } from "../runtime/task-agent.ts";
import { vizAgent } from "./agent.ts";

await runTaskAgent(vizAgent);
