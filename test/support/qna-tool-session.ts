/** The qna agent's tools in this process, offered as their server offers them. */
import { z } from "zod";
import {
  describeRun,
  queryTable,
  queryTableInputSchema,
} from "../../src/agents/qna/tools/query-table.ts";
import { answerQuestionTool } from "../../src/agents/qna/tools/tool-logic.ts";
import type { ToolOffer, ToolSession } from "../../src/agents/runtime/tool-session.ts";
import { err, ok } from "../../src/base/result.ts";
import { qnaInputSchema, simulationOutputSchema } from "../../src/protocol/agent-data.ts";

const runSchema = z.object({ simulation: simulationOutputSchema });

const offer = (name: string, schema: z.ZodType, isReadOnly = true): ToolOffer => ({
  name,
  description: name,
  inputSchema: z.toJSONSchema(schema, { io: "input" }),
  isReadOnly,
});

/** A session over an artifact folder; `written` collects what the one tool that writes was told. */
export function qnaToolSession(artifactFolder: string, written: unknown[] = []): ToolSession {
  return {
    offers: () =>
      Promise.resolve(
        ok([
          offer("answer_question", qnaInputSchema),
          offer("describe_run", runSchema),
          offer("query_table", queryTableInputSchema),
          offer("delete_everything", z.object({}), false),
        ]),
      ),
    async call({ tool, arguments: given, signal }) {
      const context = { config: { artifactFolder }, onProgress: () => undefined, signal };
      switch (tool) {
        case "answer_question":
          return await answerQuestionTool(qnaInputSchema.parse(given), context);
        case "describe_run":
          return ok(describeRun(runSchema.parse(given).simulation));
        case "query_table": {
          const input = queryTableInputSchema.safeParse(given);
          if (input.success) return await queryTable(input.data, context);
          return err({ kind: "invalid-input", message: z.prettifyError(input.error) });
        }
        default:
          written.push(given);
          return ok({ done: true });
      }
    },
    close: () => Promise.resolve(),
  };
}
