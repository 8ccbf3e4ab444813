/** The program of a qna worker. */
import { runTaskAgent } from "../runtime/task-agent.ts";
import { qnaAgent } from "./agent.ts";

await runTaskAgent(qnaAgent);
