/**
 * An MCP client and its tool server, opened and closed as one thing.
 *
 * M1 The server is started in the background and again whenever it has ended: a call waits for it.
 * M2 A call ends with a value or a failure; a server that dies during it is a failure of kind tool.
 * M3 An abort of the signal reaches the tool as a cancellation, and ends the call without waiting
 *    for the tool.
 */
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { errorMessage } from "../../base/error-message.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import { decodeToolFailure } from "./tool-failure.ts";

/** Which server to run, and how. */
export interface ToolServerOptions {
  readonly program: string;
  /** Becomes the program's only argument, as JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly clientName: string;
  readonly version: string;
  readonly compileCacheFolder: string;
  /** Told of each line the server writes to its error output. */
  readonly onErrorLine: (line: string) => void;
}

/** One call of a tool. */
export interface ToolCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number | null, message: string) => void;
}

/** A tool server ready to be called. */
export interface ToolSession {
  /** Calls a tool; never rejects. */
  call(call: ToolCall): Promise<Result<unknown, Failure>>;
  close(): Promise<void>;
}

/** Longest line of error output that is passed on. */
const MAXIMUM_LINE = 2000;

/** Opens a session; the server is on its way when this returns. */
export function openToolSession(options: ToolServerOptions): ToolSession {
  let current: Promise<Client> | undefined;
  let closed = false;
  const connected = (): Promise<Client> => {
    current ??= connect(options, () => {
      current = undefined; // M1
    });
    return current;
  };
  connected().catch(() => {
    current = undefined;
  });
  return {
    async call(call) {
      try {
        return await callTool(await connected(), call);
      } catch (cause) {
        current = closed ? current : undefined;
        return err(failureOf(cause, call.signal)); // M2
      }
    },
    async close() {
      closed = true;
      const client = await current?.catch(() => undefined);
      await client?.close();
    },
  };
}

async function connect(options: ToolServerOptions, onClose: () => void): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      "--disable-warning=ExperimentalWarning",
      options.program,
      JSON.stringify(options.config),
    ],
    env: { NODE_COMPILE_CACHE: options.compileCacheFolder, NODE_ENV: "production" },
    stderr: "pipe",
  });
  transport.stderr?.on("data", (chunk: unknown) => {
    for (const line of String(chunk).split("\n")) {
      if (line.trim() !== "") options.onErrorLine(line.slice(0, MAXIMUM_LINE));
    }
  });
  const client = new Client({ name: options.clientName, version: options.version });
  client.onclose = onClose;
  await client.connect(transport);
  return client;
}

async function callTool(client: Client, call: ToolCall): Promise<Result<unknown, Failure>> {
  const result = await client.callTool(
    { name: call.tool, arguments: { ...call.arguments } },
    {
      signal: call.signal, // M3
      timeout: call.timeoutMs,
      onprogress: ({ progress, total, message }) =>
        call.onProgress(total === undefined ? null : progress / total, message ?? ""),
    },
  );
  if (result.isError === true) return err(decodeToolFailure(result));
  return ok(result.structuredContent);
}

function failureOf(cause: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) {
    return { kind: "cancelled", message: `stopped: ${errorMessage(signal.reason)}` };
  }
  return {
    kind: "tool",
    message: `the tool server failed: ${errorMessage(cause)}`,
    nextStep: "look at the agent's log; the step is tried again as its retry policy says",
  };
}
