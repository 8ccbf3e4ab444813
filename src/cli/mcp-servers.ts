/**
 * The operator's own tool servers, as `mcp.json` in the configuration folder defines them.
 *
 * M1 The file is the operator's: in the configuration folder, owned by this user, and writable by
 *    nobody else. A folder's `.env` cannot point to another one.
 * M2 A definition is used only as it was trusted: its command with all variables filled in. When it
 *    changes, it has to be trusted again.
 * M3 A definition that cannot be used is told of with its reason; the others go on.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { isTrusted, showCommand } from "../engines/command-model/trust.ts";
import type { McpServer, McpServers } from "../protocol/mcp-servers.ts";
import { mcpServerSchema } from "../protocol/mcp-servers.ts";
import { describeIssues } from "../protocol/parse-message.ts";
import { trustFileOf } from "./check-model.ts";
import type { Config } from "./config.ts";

/** A definition of the file, with what it is trusted by. */
export interface DefinedServer {
  readonly server: McpServer;
  /** The words of its command, or its address. */
  readonly command: readonly string[];
  /** What the file adds to its environment, or to what is sent there: variables not filled in. */
  readonly written: readonly string[];
  readonly fingerprint: string;
  readonly trusted: boolean;
}

/** What the file says of one server: its definition, or why it cannot be used. */
export interface ServerEntry {
  readonly name: string;
  readonly defined: Result<DefinedServer, string>;
}

const texts = z.record(z.string(), z.string()).default({});

/** The form that hosts of tool servers have in common; what else they know is left out. */
const definitionSchema = z.union([
  z.object({
    command: z.string().min(1),
    args: z.array(z.string()).default([]),
    env: texts,
    cwd: z.string().optional(),
    disabled: z.boolean().default(false),
  }),
  z.object({ url: z.string(), headers: texts, disabled: z.boolean().default(false) }),
]);

const fileSchema = z.object({ mcpServers: z.record(z.string(), z.unknown()) });

/** `${NAME}`, `${env:NAME}`, and `${NAME:-what else}`. */
const VARIABLE = /\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** A longer command could not be shown whole, so nobody could trust it. */
const MAXIMUM_COMMAND = 2500;

/** What reading the file needs to know. */
type FileConfig = Pick<Config, "configFolder" | "environment" | "stateFolder">;

/** The file the servers are defined in. */
export function mcpFileOf({ configFolder }: Pick<Config, "configFolder">): string {
  return join(configFolder.value, "mcp.json");
}

/**
 * The servers for the workers; undefined where no file is.
 * @throws OperatorError `usage` for a file that is not the operator's, or cannot be read.
 */
export function readMcpServers(config: Config): McpServers | undefined {
  if (!existsSync(mcpFileOf(config))) return undefined;
  const entries = readServerEntries(config);
  return {
    usable: entries.flatMap(({ defined }) =>
      defined.ok && defined.value.trusted ? [defined.value.server] : [],
    ),
    refused: entries.flatMap(({ name, defined }) => refusalOf(name, defined)),
  };
}

function refusalOf(
  name: string,
  defined: ServerEntry["defined"],
): readonly McpServers["refused"][number][] {
  if (!defined.ok) return [{ name, reason: defined.error, nextStep: "correct it in mcp.json" }];
  if (defined.value.trusted) return [];
  const { command } = defined.value;
  return [
    {
      name,
      reason: `you have not trusted it yet: ${showCommand({ command })}`,
      nextStep: `look at it; then aimie-console trust --mcp ${name}, and start the workers anew`,
    },
  ];
}

/** The values that a server is given in secret: they must not reach a log. */
export function mcpSecrets(servers: McpServers | undefined): readonly string[] {
  return (servers?.usable ?? []).flatMap((server) =>
    Object.values(server.kind === "stdio" ? server.env : server.headers),
  );
}

/**
 * Reads the file; none is the same as an empty one. Definitions that are switched off are left out.
 * @throws OperatorError `usage` for a file that is not the operator's, or cannot be read.
 */
export function readServerEntries(config: FileConfig): readonly ServerEntry[] {
  const path = mcpFileOf(config);
  if (!existsSync(path)) return [];
  checkOwner(config, path); // M1
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw usage(`cannot read ${path}: ${errorMessage(cause)}`, "correct or remove the file");
  }
  const file = fileSchema.safeParse(content);
  if (!file.success) {
    throw usage(`${path}: ${describeIssues(file.error)}`, 'write {"mcpServers": {…}}');
  }
  return Object.entries(file.data.mcpServers).flatMap(([name, definition]) => {
    const parsed = definitionSchema.safeParse(definition);
    if (!parsed.success) return [{ name, defined: err("it has neither command nor url") }];
    if (parsed.data.disabled) return [];
    return [{ name, defined: define(name, parsed.data, config) }];
  });
}

/** M2 */
function define(
  name: string,
  definition: z.infer<typeof definitionSchema>,
  config: FileConfig,
): ServerEntry["defined"] {
  const missing: string[] = [];
  const fill = (text: string): string =>
    text.replace(VARIABLE, (_, variable: string, fallback: string | undefined) => {
      const value = config.environment.variable(variable) ?? fallback;
      if (value === undefined) missing.push(variable);
      return value ?? "";
    });
  const filled = fillIn(name, definition, fill, config);
  if (missing.length > 0) return err(`the variable ${missing[0]} is not set`);
  const server = mcpServerSchema.safeParse(filled);
  if (!server.success) return err(describeIssues(server.error));
  const command = commandOf(server.data);
  const shown = JSON.stringify([command, writtenOf(definition)]).length;
  if (shown > MAXIMUM_COMMAND) return err("its command and what env says are too long");
  const fingerprint = fingerprintOf(server.data, definition);
  const trusted = isTrusted(trustFileOf(config), { fingerprint });
  return ok({ server: server.data, command, written: writtenOf(definition), fingerprint, trusted });
}

function fillIn(
  name: string,
  definition: z.infer<typeof definitionSchema>,
  fill: (text: string) => string,
  { environment }: FileConfig,
): unknown {
  const fillAll = (all: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [key, fill(value)]));
  if ("url" in definition) {
    const { url, headers } = definition;
    return { kind: "http", name, url: fill(url), headers: fillAll(headers) };
  }
  const { command, args, env, cwd } = definition;
  return {
    kind: "stdio",
    name,
    command: fill(command),
    args: args.map(fill),
    env: { ...environment.forWorkers, ...fillAll(env) },
    ...(cwd === undefined ? {} : { cwd: fill(cwd) }),
  };
}

/** What is shown of a server: its whole command and folder, or its address. */
function commandOf(server: McpServer): readonly string[] {
  if (server.kind === "http") return [server.url];
  const { command, args, cwd } = server;
  return [...(cwd === undefined ? [] : [`cd:${cwd}`]), command, ...args];
}

/** A variable can change what a program does, so it is shown; a header's value may be a secret. */
function writtenOf(definition: z.infer<typeof definitionSchema>): readonly string[] {
  if ("url" in definition) return Object.keys(definition.headers).map((name) => `header:${name}`);
  return Object.entries(definition.env).map(([name, value]) => `env:${name}=${value}`);
}

/** Secrets count as they are written, so that a new token asks for no new trust. */
function fingerprintOf(server: McpServer, definition: z.infer<typeof definitionSchema>): string {
  const written = "url" in definition ? definition.headers : definition.env;
  const parts = ["mcp", server.kind, server.name, commandOf(server), Object.entries(written)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** M1 */
function checkOwner({ configFolder, stateFolder }: FileConfig, path: string): void {
  for (const { value, source } of [configFolder, stateFolder]) {
    if (source !== ".env") continue;
    const message = `${value} comes from .env, so ${path} and what is trusted are not believed`;
    throw usage(message, "set XDG_CONFIG_HOME and XDG_STATE_HOME in the environment itself");
  }
  const user = process.getuid?.();
  for (const place of [path, dirname(path)]) {
    const { uid, mode } = statSync(place);
    if (user !== undefined && uid !== user) {
      throw usage(`${place} belongs to another user`, "own it: it names commands to be run");
    }
    if ((mode & 0o022) !== 0) {
      throw usage(
        `others may write ${place}, which names commands to be run`,
        `chmod go-w ${place}`,
      );
    }
  }
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
