import type { QnaInput } from "../../protocol/agent-data.ts";
import { qnaInputSchema, qnaOutputSchema } from "../../protocol/agent-data.ts";
import { openForeignTools } from "../runtime/foreign-tools.ts";
import type { TaskAgent } from "../runtime/task-agent.ts";

/** Answers questions about a simulation's results. */
export const qnaAgent: TaskAgent<QnaInput> = {
  agent: "qna",
  inputSchema: qnaInputSchema,
  outputSchema: qnaOutputSchema,
  toolConfig: ({ artifactFolder }) => ({ artifactFolder }),
  toolCall: (input) => ({ tool: "answer_question", arguments: input }),
  ownWay({ languageModel, mcpServers, version }, log) {
    if (languageModel === undefined) return undefined;
    const servers = mcpServers ?? { usable: [], refused: [] };
    const foreign = openForeignTools(servers, { version, log: (text) => log("warning", text) });
    return {
      async carryOut(input, hands) {
        // Read at the first question: a worker is ready before it has read what a model needs.
        const { answerByModel } = await import("./language-model/answer.ts");
        return await answerByModel(input, languageModel, hands, foreign);
      },
      close: () => foreign.close(),
    };
  },
};
