/**
 * The chart tools as an MCP server on stdin and stdout: `mcp-server.ts '{"artifactFolder": …}'`.
 *
 * M1 Nothing but MCP is written to stdout; whatever a library prints goes to stderr.
 * M2 The process ends when its stdin does, whatever it is doing.
 * M3 A failure is a result, never a protocol error: the caller can tell what to do about it.
 */
import { Console } from "node:console";
import type { ServerContext } from "@modelcontextprotocol/server";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { errorMessage } from "../../../base/error-message.ts";
import { warmUp } from "../../../engines/chart/render.ts";
import type { VizInput } from "../../../protocol/agent-data.ts";
import { vizInputSchema, vizOutputSchema } from "../../../protocol/agent-data.ts";
import { encodeToolFailure } from "../../runtime/tool-failure.ts";
import type { ToolConfig } from "./config.ts";
import { toolConfigSchema } from "./config.ts";
import { drawChartTool } from "./tool-logic.ts";

/** Long enough for the greeting to be over, so that loading does not delay it. */
const WARM_UP_AFTER_MS = 200;
const EXIT_BAD_CONFIGURATION = 2;

main();

function main(): void {
  globalThis.console = new Console(process.stderr); // M1
  const config = readConfig(process.argv[2]);
  if (config === undefined) {
    process.stderr.write(`Usage: mcp-server.ts '{"artifactFolder": "<folder>"}'\n`);
    process.exitCode = EXIT_BAD_CONFIGURATION;
    return;
  }
  process.stdin.once("close", () => process.exit(0)); // M2
  serveStdio(() => {
    setTimeout(warmUpQuietly, WARM_UP_AFTER_MS).unref();
    return createServer(config);
  });
}

function readConfig(argument: string | undefined): ToolConfig | undefined {
  try {
    return toolConfigSchema.safeParse(JSON.parse(argument ?? "")).data;
  } catch (cause) {
    process.stderr.write(`The configuration is not JSON: ${errorMessage(cause)}\n`);
    return undefined;
  }
}

/** A library that cannot be loaded is reported by the first chart that needs it. */
async function warmUpQuietly(): Promise<void> {
  try {
    await warmUp();
  } catch (cause) {
    process.stderr.write(`The drawing libraries cannot be loaded: ${errorMessage(cause)}\n`);
  }
}

function createServer(config: ToolConfig): McpServer {
  const server = new McpServer({ name: "aimie-viz-tools", version: "0.1.0" });
  server.registerTool(
    "draw_chart",
    {
      title: "Draw a chart",
      description:
        "Draws variables of a simulation as the chart that suits them, or a Vega-Lite spec of your own over its table.",
      inputSchema: vizInputSchema,
      outputSchema: vizOutputSchema,
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    },
    (input, context) => drawChart(input, config, context),
  );
  return server;
}

async function drawChart(input: VizInput, config: ToolConfig, { mcpReq }: ServerContext) {
  const progressToken = mcpReq._meta?.progressToken;
  const onProgress = (progress: number, message: string) => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress, total: 1, message };
    // Progress may be lost: the client may have gone, and the result does not depend on it.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
  try {
    const drawn = await drawChartTool(input, { config, onProgress, signal: mcpReq.signal });
    if (!drawn.ok) return encodeToolFailure(drawn.error);
    const { output, text: chart } = drawn.value;
    return {
      content: [output.description, chart].map((text) => ({ type: "text" as const, text })),
      structuredContent: output,
    };
  } catch (cause) {
    return encodeToolFailure({ kind: "tool", message: errorMessage(cause).slice(0, 4000) }); // M3
  }
}
