/**
 * The simulation tool server: MCP over stdin and stdout, started with its configuration as one
 * JSON argument. It ends when its stdin closes.
 */
import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import type { SimulationInput } from "../../../protocol/agent-data.ts";
import { simulationInputSchema, simulationOutputSchema } from "../../../protocol/agent-data.ts";
import { encodeToolFailure } from "../../runtime/tool-failure.ts";
import type { SimulationToolConfig } from "./config.ts";
import { readSimulationToolConfig } from "./config.ts";

const parameterSchema = z.object({
  name: z.string(),
  label: z.string(),
  value: z.number(),
  unit: z.string().optional(),
  doc: z.string().optional(),
});

const modelListSchema = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      timeUnit: z.string(),
      parameters: z.array(parameterSchema),
      /** Why the model cannot be run; absent when it can. */
      problem: z.string().optional(),
    }),
  ),
});

function createServer(config: SimulationToolConfig): McpServer {
  const server = new McpServer({ name: "aimie-simulation", version: "1.0.0" });
  server.registerTool(
    "run_simulation",
    {
      title: "Run a simulation",
      description:
        "Simulates a system-dynamics model in XMILE, catalogued or given as text, or runs a catalogued command model that the operator trusts, and stores its table as Parquet.",
      inputSchema: simulationInputSchema,
      outputSchema: simulationOutputSchema,
    },
    (input, context) => runSimulation(input, context, config),
  );
  server.registerTool(
    "list_models",
    {
      title: "List models",
      description: "Lists the catalogued models and their parameters.",
      inputSchema: z.object({}),
      outputSchema: modelListSchema,
      annotations: { readOnlyHint: true },
    },
    async () => {
      const { describeModels } = await import("./describe-models.ts");
      return structured({ models: await describeModels(config.modelFolders) });
    },
  );
  return server;
}

async function runSimulation(
  input: SimulationInput,
  context: ServerContext,
  config: SimulationToolConfig,
): Promise<CallToolResult> {
  // Loaded with the first call, so that the server greets sooner.
  const { runSimulationTool } = await import("./tool-logic.ts");
  const result = await runSimulationTool(input, {
    config,
    signal: context.mcpReq.signal,
    onProgress: progressReporter(context),
  });
  return result.ok ? structured(result.value) : encodeToolFailure(result.error);
}

/** Sends progress to a client that asked for it; a client that is gone misses it. */
function progressReporter(context: ServerContext): (fraction: number, message: string) => void {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  return (progress, message) => {
    const params = { progressToken, progress, total: 1, message };
    context.mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}

function structured(value: Record<string, unknown>): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(value) }],
    structuredContent: value,
  };
}

/** Exit code of a wrong start, as for a command that is used wrongly. */
const EXIT_USAGE = 2;

const config = readSimulationToolConfig(process.argv[2]);
if (config.ok) {
  serveStdio(() => createServer(config.value));
  process.stdin.once("close", () => process.exit(0));
} else {
  process.stderr.write(`aimie-simulation: ${config.error}\n`);
  process.exitCode = EXIT_USAGE;
}
