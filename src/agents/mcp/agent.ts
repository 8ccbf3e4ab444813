import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { McpInput } from "../../protocol/agent-data.ts";
import { mcpInputSchema, mcpOutputSchema } from "../../protocol/agent-data.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { McpServers } from "../../protocol/mcp-servers.ts";
import type { CarryOut, TaskHands } from "../runtime/carry-out.ts";
import type { ForeignTools } from "../runtime/foreign-tools.ts";
import { openForeignTools } from "../runtime/foreign-tools.ts";
import type { TaskAgent } from "../runtime/task-agent.ts";
import type { ToolOffer } from "../runtime/tool-session.ts";

/** Calls tools of the operator's own servers. */
export const mcpAgent: TaskAgent<McpInput> = {
  agent: "mcp",
  inputSchema: mcpInputSchema,
  outputSchema: mcpOutputSchema,
  toolConfig: () => ({}),
  toolCall: ({ tool, arguments: given }) => ({ tool, arguments: given }),
  ownWay({ version, mcpServers = NO_SERVERS }, log) {
    const tools = openForeignTools(mcpServers, { version, log: (text) => log("warning", text) });
    return { carryOut: callForeignTool(tools), close: () => tools.close() };
  },
};

const NO_SERVERS: McpServers = { usable: [], refused: [] };

function callForeignTool(tools: ForeignTools): CarryOut<McpInput> {
  return async ({ tool: full, arguments: given }, hands) => {
    const found = tools.find(full);
    if (!found.ok) return found;
    const { session, tool } = found.value;
    const offers = await session.offers(hands.signal);
    if (!offers.ok) return offers;
    const offer = offers.value.find(({ name }) => name === tool);
    if (offer === undefined) return err(noSuchTool(full, offers.value));
    const problem = await argumentProblem(offer, given);
    if (problem !== undefined) {
      return err({ kind: "invalid-input", message: `${full} does not take this: ${problem}` });
    }
    const called = await timed(full, hands, () =>
      session.call({
        tool,
        arguments: given,
        timeoutMs: hands.leftMs + 1000,
        signal: hands.signal,
        onProgress: (fraction, message) =>
          hands.tell({
            kind: "advanced",
            fraction: shareOf(fraction),
            message: message.slice(0, 500),
          }),
      }),
    );
    return called.ok ? ok({ tool: full, ...Object(called.value) }) : called;
  };
}

/** What a tool's schema says against its arguments; undefined when nothing. */
async function argumentProblem(
  { inputSchema }: ToolOffer,
  given: McpInput["arguments"],
): Promise<string | undefined> {
  const { AjvJsonSchemaValidator } = await import("@modelcontextprotocol/client/validators/ajv");
  try {
    const checked = new AjvJsonSchemaValidator().getValidator(inputSchema)(given);
    return checked.valid ? undefined : checked.errorMessage.slice(0, 2000);
  } catch {
    return undefined; // A schema that cannot be read is its server's matter: it checks by itself.
  }
}

async function timed(
  tool: string,
  { tell }: TaskHands,
  call: () => Promise<Result<unknown, Failure>>,
): Promise<Result<unknown, Failure>> {
  const began = Date.now();
  tell({ kind: "tool-called", tool, outcome: "started", durationMs: null });
  const called = await call();
  const outcome = called.ok ? "succeeded" : "failed";
  tell({ kind: "tool-called", tool, outcome, durationMs: Date.now() - began });
  return called;
}

/** A foreign server may tell of more than all. */
function shareOf(fraction: number | null): number | null {
  return fraction === null || !Number.isFinite(fraction)
    ? null
    : Math.min(1, Math.max(0, fraction));
}

function noSuchTool(full: string, offers: readonly ToolOffer[]): Failure {
  const names = offers.map(({ name }) => name.slice(0, 100)).slice(0, 30);
  return {
    kind: "invalid-input",
    message: `there is no tool ${full}; its server has ${names.join(", ") || "none"}`,
    nextStep: "correct the step's tool",
  };
}
