import type { QnaInput } from "../../protocol/agent-data.ts";
import { qnaInputSchema, qnaOutputSchema } from "../../protocol/agent-data.ts";
import type { TaskAgent } from "../runtime/task-agent.ts";

/** Answers questions about a simulation's results. */
export const qnaAgent: TaskAgent<QnaInput> = {
  agent: "qna",
  inputSchema: qnaInputSchema,
  outputSchema: qnaOutputSchema,
  toolConfig: ({ artifactFolder }) => ({ artifactFolder }),
  toolCall: (input) => ({ tool: "answer_question", arguments: input }),
  ownWay({ languageModel }) {
    if (languageModel === undefined) return undefined;
    return async (input, hands) => {
      // Read at the first question: a worker is ready before it has read what a model needs.
      const { answerByModel } = await import("./language-model/answer.ts");
      return await answerByModel(input, languageModel, hands);
    };
  },
};
