/**
 * A private redis-server (or valkey-server) on a unix socket, and the guard that ends it.
 *
 * G1 The server dies with its guard, however the guard ends: a small shell holds a pipe from the
 *    guard; when the pipe closes, it kills the server.
 * G2 The guard ends, and the server with it, when no client has been connected for a while.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RedisConnection } from "./connection.ts";
import { openConnection } from "./connection.ts";
import { brokerSocket } from "./locate-bus.ts";

/** How often the guard counts clients, milliseconds. */
const COUNT_EVERY_MS = 500;

/** What the guard needs. */
export interface PrivateRedisOptions {
  readonly server: string;
  readonly folder: string;
  /** When its append-only file is put on the disk itself. */
  readonly fsync: "everysec" | "always";
  /** How long the server stays without clients. */
  readonly idleMs: number;
  /** How long it waits for its first client. */
  readonly graceMs: number;
}

/** Runs the server until nobody uses it; resolves when it has ended. */
export async function guardPrivateRedis(options: PrivateRedisOptions): Promise<void> {
  const server = startServer(options);
  const ended = new Promise<void>((resolve) => {
    server.once("exit", () => resolve());
    server.once("error", () => resolve());
  });
  const reaper = startReaper(server);
  const connection = openConnection(
    { kind: "unix", path: brokerSocket(options.folder, "redis") },
    "command",
  );
  try {
    await Promise.race([ended, untilIdle(connection, options)]);
    connection.disconnect();
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGTERM");
    await ended;
  } finally {
    reaper?.kill("SIGKILL");
  }
}

function startServer(options: PrivateRedisOptions): ChildProcess {
  const socket = brokerSocket(options.folder, "redis");
  rmSync(socket, { force: true });
  const configuration = join(options.folder, "redis.conf");
  writeFileSync(configuration, configurationFor(options, socket), { mode: 0o600 });
  return spawn(options.server, [configuration], { stdio: "ignore" });
}

/** G1: `read` returns when the guard's end of the pipe is closed, by whatever ended the guard. */
function startReaper(server: ChildProcess): ChildProcess | undefined {
  if (server.pid === undefined) return undefined;
  const script = 'read -r _; kill -KILL "$1"';
  const reaper = spawn("/bin/sh", ["-c", script, "aimie-reaper", String(server.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Without a shell the server is still ended by the guard's own exit; only SIGKILL would leave it.
  reaper.on("error", () => undefined);
  return reaper;
}

function configurationFor({ folder, fsync }: PrivateRedisOptions, socket: string): string {
  return `# Written by aimie-console at each start.
port 0
unixsocket "${socket}"
unixsocketperm 700
dir "${folder}"
logfile "${join(folder, "redis.log")}"
daemonize no
appendonly yes
appendfsync ${fsync}
save ""
maxmemory 512mb
maxmemory-policy noeviction
client-output-buffer-limit pubsub 32mb 8mb 60
client-query-buffer-limit 8mb
proto-max-bulk-len 4mb
`;
}

async function untilIdle(connection: RedisConnection, options: PrivateRedisOptions): Promise<void> {
  let lastUsedAt = Date.now() + options.graceMs - options.idleMs;
  let known = 1; // The guard's own connection.
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, COUNT_EVERY_MS));
    const info: unknown = await connection.call("INFO").catch(() => undefined);
    if (info === undefined) lastUsedAt = Date.now(); // Slow is not unused; its end is told apart.
    const connected = numberIn(String(info), "connected_clients");
    const received = numberIn(String(info), "total_connections_received");
    // A client that came and went between two looks has been here all the same.
    if (connected > 1 || received > known) lastUsedAt = Date.now();
    known = Math.max(known, received);
    if (Date.now() - lastUsedAt >= options.idleMs) return; // G2
  }
}

function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
}
