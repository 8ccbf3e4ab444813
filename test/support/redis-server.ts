/** A redis-server of a test's own, in a folder that goes with it; the one way to start one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BusAddress } from "../../src/bus/address.ts";
import type { ConnectionRole, RedisConnection } from "../../src/bus/connection.ts";
import { openConnection } from "../../src/bus/connection.ts";
import { findServer } from "../../src/bus/locate-bus.ts";
import { waitUntil } from "./wait-until.ts";

/** The server program; undefined where none is on PATH. */
export const REDIS_SERVER = findServer(process.env["PATH"] ?? "");

/** What a suite that needs a server is called where there is none. */
export const withServer = (what: string): string =>
  REDIS_SERVER === undefined ? `${what} (left out: there is no redis-server on PATH)` : what;

/** How a server is started. */
export interface ServerOptions {
  /** A port on 127.0.0.1; without one it listens on a unix socket alone. */
  readonly port?: number;
  /** Whether it keeps what it is told (append-only file, written at every command). */
  readonly keeps?: boolean;
  /** The append-only file it begins with; it is read only by a server that keeps. */
  readonly log?: Buffer;
  /** The text of its settings file; a sentinel needs one. */
  readonly file?: string;
  /** More of its settings, as on its command line. */
  readonly settings?: readonly string[];
  /** What it says when it serves; differs for a sentinel. */
  readonly ready?: RegExp;
}

/** A server that a test has for itself. */
export interface RedisServer {
  /** Its unix socket. */
  readonly path: string;
  readonly address: BusAddress;
  readonly folder: string;
  /** Opens a connection that is closed with the server. */
  connect(role?: ConnectionRole): RedisConnection;
  /** Closes every connection and removes every key. */
  clear(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Ends it at once, its files kept. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, in the same place. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server; resolves when it serves. Rejects when none is on this machine. */
export async function startRedisServer(options: ServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "bus-"));
  const path = join(folder, "redis.sock");
  if (options.file !== undefined) writeFileSync(join(folder, "redis.conf"), options.file);
  if (options.log !== undefined) writeFileSync(join(folder, "appendonly.aof"), options.log);
  const address: BusAddress =
    options.port === undefined
      ? { kind: "unix", path }
      : { kind: "single", url: `redis://127.0.0.1:${options.port}` };
  const connections = new Set<RedisConnection>();
  const disconnectAll = (): void => {
    for (const connection of connections) connection.disconnect();
    connections.clear();
  };
  let server = await launch(argumentsOf(options, folder, path), options.ready);
  return {
    path,
    address,
    folder,
    connect(role = "command") {
      const connection = openConnection(address, role);
      connections.add(connection);
      return connection;
    },
    async clear() {
      disconnectAll();
      const connection = openConnection(address, "command");
      await connection.flushall();
      connection.disconnect();
    },
    signal: (name) => server.signal(name),
    kill: () => server.end(),
    async restart() {
      server = await launch(argumentsOf(options, folder, path), options.ready);
    },
    async stop() {
      disconnectAll();
      await server.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

function argumentsOf(options: ServerOptions, folder: string, path: string): readonly string[] {
  const { port = 0, keeps = false, settings = [] } = options;
  const file = keeps ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
  const common = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
  if (options.file !== undefined) return [join(folder, "redis.conf"), ...common, ...settings];
  return [...common, "--unixsocket", path, "--save", "", ...file, ...settings];
}

async function launch(
  args: readonly string[],
  ready = /ready to accept connections/i,
): Promise<{ signal(name: NodeJS.Signals): void; end(): Promise<void> }> {
  if (REDIS_SERVER === undefined) throw new Error("there is no redis-server on this machine");
  const child = spawn(REDIS_SERVER, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-10_000);
  });
  await waitUntil("redis-server serves", () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
    return ready.test(output);
  });
  return {
    signal: (name) => child.kill(name),
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
