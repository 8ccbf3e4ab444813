/** The program of a simulation worker. */
import { runTaskAgent } from "../runtime/task-agent.ts";
import { simulationAgent } from "./agent.ts";

await runTaskAgent(simulationAgent);
