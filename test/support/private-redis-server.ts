/** A redis-server of a test's own, on a unix socket in a folder that goes with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { BusAddress } from "../../src/bus/address.ts";
import type { ConnectionRole, RedisConnection } from "../../src/bus/connection.ts";
import { openConnection, probe } from "../../src/bus/connection.ts";
import { findServer } from "../../src/bus/locate-bus.ts";

const FOLDERS = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].join(delimiter);

/** The server program; undefined on a machine that has none. */
export const REDIS_SERVER = findServer(FOLDERS);

/** A server that a test has for itself. */
export interface PrivateServer {
  readonly address: BusAddress;
  /** Opens a connection that is closed with the server. */
  connect(role?: ConnectionRole): RedisConnection;
  /** Closes every connection and removes every key. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server that keeps nothing; resolves when it answers. */
export async function startPrivateServer(): Promise<PrivateServer> {
  const folder = mkdtempSync(join(tmpdir(), "bus-"));
  const path = join(folder, "redis.sock");
  const settings = ["--port", "0", "--save", "", "--appendonly", "no", "--dir", folder];
  const server = spawn(REDIS_SERVER ?? "redis-server", ["--unixsocket", path, ...settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const text of server.stdout.setEncoding("utf8")) {
    if (String(text).toLowerCase().includes("ready to accept connections")) break;
  }
  const address: BusAddress = { kind: "unix", path };
  await probe(address, 5000);
  const connections = new Set<RedisConnection>();
  const disconnectAll = (): void => {
    for (const connection of connections) connection.disconnect();
    connections.clear();
  };
  return {
    address,
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
    async stop() {
      disconnectAll();
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a suite that needs a server is called where there is none. */
export const withServer = (what: string): string =>
  REDIS_SERVER === undefined ? `${what} (left out: there is no redis-server on PATH)` : what;
