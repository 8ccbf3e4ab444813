/** A server of a test's own, Redis or the embedded broker, on a unix socket in a folder that goes with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { BusAddress } from "../../src/bus/address.ts";
import type { ConnectionRole, RedisConnection } from "../../src/bus/connection.ts";
import { openConnection, probe } from "../../src/bus/connection.ts";
import { findServer } from "../../src/bus/locate-bus.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDERS = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].join(delimiter);

/** The server program; undefined on a machine that has none. */
const REDIS_SERVER = findServer(FOLDERS);

/** A server that a test has for itself. */
export interface PrivateServer {
  readonly address: BusAddress;
  /** Opens a connection that is closed with the server. */
  connect(role?: ConnectionRole): RedisConnection;
  /** Closes every connection and removes every key. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** The kinds of server that this machine can start. */
export const SERVER_KINDS: readonly ServerKind[] =
  REDIS_SERVER === undefined ? ["embedded"] : ["redis", "embedded"];

/** A kind of server. */
export type ServerKind = "redis" | "embedded";

/** The embedded broker as a process, run from its source. */
const BROKER = join(import.meta.dirname, "../../src/bus/broker-main.ts");

/** Starts a server that keeps nothing; resolves when it answers. */
export async function startPrivateServer(kind: ServerKind = "redis"): Promise<PrivateServer> {
  const folder = mkdtempSync(join(tmpdir(), "bus-"));
  const path = join(folder, `${kind}.sock`);
  const server =
    kind === "redis"
      ? spawn(REDIS_SERVER ?? "redis-server", redisArguments(folder, path), { stdio: "ignore" })
      : spawn(process.execPath, [BROKER, JSON.stringify({ kind, folder })], { stdio: "ignore" });
  const address: BusAddress = { kind: "unix", path };
  await waitUntil(`the ${kind} server serves`, () => existsSync(path));
  await waitUntil(`the ${kind} server answers`, () =>
    probe(address, 5000).then(
      () => true,
      () => false,
    ),
  );
  // The embedded broker ends when nobody is connected.
  const company = openConnection(address, "command");
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
      company.disconnect();
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function redisArguments(folder: string, path: string): readonly string[] {
  const settings = ["--port", "0", "--save", "", "--appendonly", "no", "--dir", folder];
  return ["--unixsocket", path, ...settings];
}
