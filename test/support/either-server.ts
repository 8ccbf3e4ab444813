/** A server of a test's own that is either a real Redis or the embedded broker as a process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BusAddress } from "../../src/bus/address.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { openConnection, probe } from "../../src/bus/connection.ts";
import type { RedisServer } from "./redis-server.ts";
import { REDIS_SERVER, startRedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

/** What both kinds can do. */
export type EitherServer = Pick<RedisServer, "address" | "connect" | "clear" | "stop">;

/** A kind of server. */
export type ServerKind = "redis" | "embedded";

/** The kinds of server that this machine can start. */
export const SERVER_KINDS: readonly ServerKind[] =
  REDIS_SERVER === undefined ? ["embedded"] : ["redis", "embedded"];

/** The embedded broker as a process, run from its source. */
const BROKER = join(import.meta.dirname, "../../src/bus/broker-main.ts");

/** Starts a server; resolves when it answers. */
export async function startEitherServer(kind: ServerKind): Promise<EitherServer> {
  return kind === "redis" ? await startRedisServer() : await startEmbedded();
}

async function startEmbedded(): Promise<EitherServer> {
  const folder = mkdtempSync(join(tmpdir(), "bus-"));
  const path = join(folder, "embedded.sock");
  const order = JSON.stringify({ kind: "embedded", folder });
  const server = spawn(process.execPath, [BROKER, order], { stdio: "ignore" });
  const address: BusAddress = { kind: "unix", path };
  await waitUntil("the embedded broker serves", () => existsSync(path));
  await waitUntil("the embedded broker answers", () =>
    probe(address, 5000).then(
      () => true,
      () => false,
    ),
  );
  // It ends when nobody is connected.
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
      await company.flushall();
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
