/**
 * The question-answering tool server: MCP over stdio.
 *
 * T1 Nothing but MCP goes to stdout.
 * T2 It ends when its stdin closes, whatever it is doing.
 * T3 The database is loaded after the client has connected, so that connecting is fast.
 */
import { McpServer, type ServerContext } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { errorMessage } from "../../../base/error-message.ts";
import { suggestQuestions } from "../../../engines/analyst/suggest.ts";
import { tableOf } from "../../../engines/analyst/table.ts";
import {
  qnaInputSchema,
  qnaOutputSchema,
  simulationOutputSchema,
} from "../../../protocol/agent-data.ts";
import { encodeToolFailure } from "../../runtime/tool-failure.ts";
import { type QnaToolConfig, readQnaToolConfig } from "./config.ts";
import {
  describeRun,
  queryTable,
  queryTableInputSchema,
  queryTableOutputSchema,
} from "./query-table.ts";
import { answerQuestionTool, type OnProgress, warmUp } from "./tool-logic.ts";

const SERVER = { name: "aimie-qna-tools", version: "1.0.0" };

const runInputSchema = z.object({ simulation: simulationOutputSchema });
const listOutputSchema = z.object({ questions: z.array(z.string()) });

function createServer(config: QnaToolConfig): McpServer {
  const server = new McpServer(SERVER, { capabilities: { tools: {} } });
  registerAnswerQuestion(server, config);
  registerListQuestions(server);
  registerDescribeRun(server);
  registerQueryTable(server, config);
  return server;
}

function registerAnswerQuestion(server: McpServer, config: QnaToolConfig): void {
  server.registerTool(
    "answer_question",
    {
      title: "Answer a question",
      description:
        "Answers a question in plain English about a simulation's results with a number and the " +
        "query it came from, or abstains and says what can be asked.",
      inputSchema: qnaInputSchema,
      outputSchema: qnaOutputSchema,
      annotations: { readOnlyHint: true },
    },
    async (input, context) => {
      const onProgress = progressOf(context);
      const { signal } = context.mcpReq;
      const result = await answerQuestionTool(input, { config, onProgress, signal }).catch(
        (thrown: unknown) => ({
          ok: false as const,
          error: { kind: "bug" as const, message: errorMessage(thrown).slice(0, 4000) },
        }),
      );
      if (!result.ok) return encodeToolFailure(result.error);
      return {
        content: [{ type: "text", text: result.value.answer }],
        structuredContent: result.value,
      };
    },
  );
}

function registerListQuestions(server: McpServer): void {
  server.registerTool(
    "list_questions",
    {
      title: "List questions",
      description: "Lists questions that can be asked of a simulation's results.",
      inputSchema: runInputSchema,
      outputSchema: listOutputSchema,
      annotations: { readOnlyHint: true },
    },
    ({ simulation }) => {
      const questions = [...suggestQuestions(tableOf(simulation))];
      return {
        content: [{ type: "text", text: questions.join("\n") }],
        structuredContent: { questions },
      };
    },
  );
}

function registerDescribeRun(server: McpServer): void {
  server.registerTool(
    "describe_run",
    {
      title: "Describe the run",
      description:
        "Tells a simulation's time range, parameters and variables with units, first, last, " +
        "lowest and highest values, and the columns of its table.",
      inputSchema: runInputSchema,
      outputSchema: z.looseObject({ table: z.string(), columns: z.array(z.string()) }),
      annotations: { readOnlyHint: true },
    },
    ({ simulation }) => structured(describeRun(simulation)),
  );
}

function registerQueryTable(server: McpServer, config: QnaToolConfig): void {
  server.registerTool(
    "query_table",
    {
      title: "Query the run's table",
      description: "Runs one SELECT over a simulation's table and gives its first 50 rows.",
      inputSchema: queryTableInputSchema,
      outputSchema: queryTableOutputSchema,
      annotations: { readOnlyHint: true },
    },
    async (input, { mcpReq: { signal } }) => {
      const found = await queryTable(input, { config, onProgress: () => {}, signal });
      if (!found.ok) return encodeToolFailure(found.error);
      const { columns, rows, isCut } = found.value;
      return structured({ columns: [...columns], rows: rows.map((row) => [...row]), isCut });
    },
  );
}

function structured<Value extends object>(
  value: Value,
): { content: { type: "text"; text: string }[]; structuredContent: Value } {
  return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: value };
}

/** Sends progress to a client that asked for it; a message that cannot be sent is lost. */
function progressOf({ mcpReq }: ServerContext): OnProgress {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => {};
  return (progress, message) => {
    const params = { progressToken, progress, total: 1, message };
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  };
}

function main(argument: string | undefined): void {
  const config = readQnaToolConfig(argument);
  if (!config.ok) {
    process.stderr.write(`${config.error}\n`);
    process.exitCode = 2;
    return;
  }
  serveStdio(() => {
    // T3: after the answer to the client's greeting has gone out.
    setImmediate(() => void warmUp(config.value).catch(reportWarmUp));
    return createServer(config.value);
  });
  process.stdin.once("close", () => process.exit(0)); // T2
  process.stdin.once("end", () => process.exit(0));
}

/** A database that does not load is reported by the first question that needs it. */
function reportWarmUp(thrown: unknown): void {
  process.stderr.write(`The database could not be loaded: ${errorMessage(thrown)}\n`);
}

main(process.argv[2]);
