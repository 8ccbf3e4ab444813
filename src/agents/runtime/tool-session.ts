/**
 * An MCP client and its tool server, opened and closed as one thing.
 *
 * M1 The server is started in the background, when the worker is ready, and again whenever it has
 *    ended: a call waits for it.
 * M2 A call ends with a value or a failure; a server that dies during it is a failure of kind tool.
 * M3 An abort of the signal reaches the tool as a cancellation, and ends the call without waiting
 *    for the tool.
 */
import type { CallToolResult, Client, Transport } from "@modelcontextprotocol/client";
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

/** A tool as its server describes it. */
export interface ToolOffer {
  readonly name: string;
  readonly description: string;
  /** The JSON Schema of its arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Whether its server says that it changes nothing. */
  readonly isReadOnly: boolean;
}

/** A tool server ready to be called. */
export interface ToolSession {
  /** Lists the tools; never rejects. */
  offers(signal: AbortSignal): Promise<Result<readonly ToolOffer[], Failure>>;
  /** Calls a tool; never rejects. */
  call(call: ToolCall): Promise<Result<unknown, Failure>>;
  close(): Promise<void>;
}

/** Longest line of error output that is passed on. */
const MAXIMUM_LINE = 2000;

/** How long after the worker is ready its server is started, unless a call needs it sooner. */
const WARM_UP_AFTER_MS = 250;

/** The session of an agent that has no tool server of its own. */
const NO_TOOLS: ToolSession = {
  offers: () => Promise.resolve(ok([])),
  call: () => Promise.resolve(err({ kind: "tool", message: "there is no tool server" })),
  close: () => Promise.resolve(),
};

/** How a server is reached, and what is made of what its tools give. */
export interface ServerReach {
  readonly clientName: string;
  readonly version: string;
  /** Starts the server, or finds the way to it. */
  openTransport(): Promise<Transport>;
  /** The value of a call that succeeded. */
  valueFrom(result: CallToolResult): unknown;
}

/** Opens a session; the server is started shortly after, or by the first call. */
export function openToolSession(options: ToolServerOptions): ToolSession {
  if (options.program === "") return NO_TOOLS;
  return openSession(
    {
      ...options,
      openTransport: () => startOwnServer(options),
      valueFrom: ({ structuredContent }) => structuredContent,
    },
    WARM_UP_AFTER_MS,
  );
}

/** Opens a session with any server; it is started after `warmUpAfterMs`, or by the first call. */
export function openSession(reach: ServerReach, warmUpAfterMs: number | undefined): ToolSession {
  let current: Promise<Client> | undefined;
  let closed = false;
  const connected = (): Promise<Client> => {
    if (current !== undefined) return current;
    const opening = connect(reach, () => {
      if (current === opening) current = undefined; // M1
    });
    current = opening;
    return opening;
  };
  /** Lets a server go that cannot be trusted to answer the next call. */
  const discard = (client: Promise<Client>): void => {
    if (current === client) current = undefined;
    client.then((one) => one.close()).catch(() => undefined);
  };
  const startEarly = (): void => {
    const client = connected();
    client.catch(() => discard(client));
  };
  const warmUp = warmUpAfterMs === undefined ? undefined : setTimeout(startEarly, warmUpAfterMs);
  const withServer = async <Value>(
    signal: AbortSignal,
    use: (client: Client) => Promise<Result<Value, Failure>>,
  ): Promise<Result<Value, Failure>> => {
    const client = connected();
    try {
      return await use(await Promise.race([client, aborted(signal)])); // M3
    } catch (cause) {
      if (!closed) discard(client);
      return err(failureOf(cause, signal)); // M2
    }
  };
  return {
    offers: (signal) => withServer(signal, (client) => listTools(client, signal)),
    call: (call) => withServer(call.signal, (client) => callTool(client, call, reach)),
    async close() {
      closed = true;
      clearTimeout(warmUp);
      const client = await current?.catch(() => undefined);
      await client?.close();
    },
  };
}

/** Rejects when the signal fires. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

async function connect(reach: ServerReach, onClose: () => void): Promise<Client> {
  // Read here and not at the top: a worker is ready before it has read all that a call needs.
  const { Client } = await import("@modelcontextprotocol/client");
  const transport = await reach.openTransport();
  const client = new Client({ name: reach.clientName, version: reach.version });
  client.onclose = onClose;
  await client.connect(transport);
  return client;
}

async function startOwnServer(options: ToolServerOptions): Promise<Transport> {
  return await startServer(
    {
      command: process.execPath,
      args: [
        "--disable-warning=ExperimentalWarning",
        options.program,
        JSON.stringify(options.config),
      ],
      env: { NODE_COMPILE_CACHE: options.compileCacheFolder, NODE_ENV: "production" },
    },
    options.onErrorLine,
  );
}

/** Starts a server that talks over its standard streams; the transport ends it. */
export async function startServer(
  server: {
    readonly command: string;
    readonly args: string[];
    readonly env: Record<string, string>;
    readonly cwd?: string;
  },
  onErrorLine: (line: string) => void,
): Promise<Transport> {
  const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
  const transport = new StdioClientTransport({ ...server, stderr: "pipe" });
  transport.stderr?.on("data", (chunk: unknown) => {
    for (const line of String(chunk).split("\n")) {
      if (line.trim() !== "") onErrorLine(line.slice(0, MAXIMUM_LINE));
    }
  });
  return transport;
}

async function listTools(
  client: Client,
  signal: AbortSignal,
): Promise<Result<readonly ToolOffer[], Failure>> {
  const { tools } = await client.listTools(undefined, { signal });
  return ok(
    tools.map(({ name, description = "", inputSchema, annotations }) => ({
      name,
      description,
      inputSchema,
      isReadOnly: annotations?.readOnlyHint === true,
    })),
  );
}

async function callTool(
  client: Client,
  call: ToolCall,
  { valueFrom }: ServerReach,
): Promise<Result<unknown, Failure>> {
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
  return ok(valueFrom(result));
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
