/**
 * The tools of servers that are not ours.
 *
 * F1 A server is started when one of its tools is wanted, once for all tasks of the worker.
 * F2 A server that is broken concerns only those who want its tools.
 * F3 What a tool gives is bounded, and its texts hold no control characters.
 */
import type { CallToolResult, Transport } from "@modelcontextprotocol/client";
import { isJsonValue } from "../../base/json-value.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { McpServer, McpServers } from "../../protocol/mcp-servers.ts";
import { TOOL_SEPARATOR } from "../../protocol/mcp-servers.ts";
import type { ToolSession } from "./tool-session.ts";
import { openSession, startServer } from "./tool-session.ts";

/** The tools of all configured servers. */
export interface ForeignTools {
  /** The names of the servers that may be used. */
  readonly servers: readonly string[];
  /** The session of a server that may be used; undefined for another. */
  session(server: string): ToolSession | undefined;
  /** The session of the server that a full name (`server__tool`) means, and the tool's own name. */
  find(name: string): Result<{ readonly session: ToolSession; readonly tool: string }, Failure>;
  close(): Promise<void>;
}

/** What can be found of foreign tools. */
export type ForeignSource = Pick<ForeignTools, "servers" | "session">;

/** What sessions with foreign servers need. */
interface ForeignOptions {
  readonly version: string;
  readonly log: (text: string) => void;
}

/** Longest text of a result, characters. */
const MAXIMUM_TEXT = 30_000;

/** Largest data of a result, characters of its JSON. */
const MAXIMUM_DATA = 100_000;

/** Opens nothing yet (F1). */
export function openForeignTools(
  { usable, refused }: McpServers,
  options: ForeignOptions,
): ForeignTools {
  const sessions = new Map<string, ToolSession>();
  const sessionOf = (server: McpServer): ToolSession => {
    const known = sessions.get(server.name);
    if (known !== undefined) return known;
    const session = openForeignSession(server, options);
    sessions.set(server.name, session);
    return session;
  };
  return {
    servers: usable.map(({ name }) => name),
    session(name) {
      const server = usable.find((one) => one.name === name);
      return server === undefined ? undefined : sessionOf(server);
    },
    find(full) {
      const [name = "", ...rest] = full.split(TOOL_SEPARATOR);
      const server = usable.find((one) => one.name === name);
      if (server !== undefined && rest.length > 0) {
        return ok({ session: sessionOf(server), tool: rest.join(TOOL_SEPARATOR) });
      }
      const reason = refused.find((one) => one.name === name);
      return err(reason === undefined ? unknownTool(full, usable) : notUsed(name, reason));
    },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    },
  };
}

/** A session with one foreign server. */
function openForeignSession(server: McpServer, { version, log }: ForeignOptions): ToolSession {
  return openSession(
    {
      clientName: "aimie-console",
      version,
      openTransport: () => reach(server, (line) => log(`${server.name}: ${line}`)),
      valueFrom: boundedValue,
    },
    undefined,
  );
}

async function reach(server: McpServer, onErrorLine: (line: string) => void): Promise<Transport> {
  if (server.kind === "stdio") {
    const { command, args, env, cwd } = server;
    const place = cwd === undefined ? {} : { cwd };
    return await startServer({ command, args, env, ...place }, onErrorLine);
  }
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  // Redirects are refused: they would carry the headers to an address nobody has configured.
  const requestInit = { headers: server.headers, redirect: "error" as const };
  return new StreamableHTTPClientTransport(new URL(server.url), { requestInit });
}

/** F3 */
function boundedValue({ content, structuredContent }: CallToolResult): {
  readonly text: string;
  readonly structured: unknown;
  readonly isCut: boolean;
} {
  const text = content.map(textOf).join("\n").replace(CONTROL, "�");
  const data = structuredContent ?? null;
  const fits = isJsonValue(data) && JSON.stringify(data).length <= MAXIMUM_DATA;
  return {
    text: text.slice(0, MAXIMUM_TEXT),
    structured: fits ? data : null,
    isCut: text.length > MAXIMUM_TEXT || !fits,
  };
}

/** Control characters that are no line breaks or tabs, and those that turn text around. */
const CONTROL = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function textOf(block: CallToolResult["content"][number]): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "resource_link":
      return `[${block.name}: ${block.uri}]`;
    default:
      return `[${block.type}]`;
  }
}

function unknownTool(full: string, usable: readonly McpServer[]): Failure {
  const names = usable.map(({ name }) => name).join(", ") || "none";
  return {
    kind: "invalid-input",
    message: `${full} is no tool of a configured server; the servers are: ${names}`,
    nextStep: "write server__tool; aimie-console mcp lists the servers",
  };
}

function notUsed(
  name: string,
  { reason, nextStep }: { readonly reason: string; readonly nextStep: string },
): Failure {
  return {
    kind: "invalid-input",
    message: `the server ${name} is not used: ${reason}`.slice(0, 4000),
    nextStep: nextStep.slice(0, 1000),
  };
}
