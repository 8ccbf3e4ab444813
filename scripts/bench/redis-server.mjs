/** A redis-server for measurements, set up as the product sets up its private one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probe } from "../../src/bus/connection.ts";
import { findServer } from "../../src/bus/locate-bus.ts";

/** Starts a server with an append-only file synced each second; resolves when it answers. */
export async function startRedisServer() {
  const program = findServer(`${process.env.PATH}:/usr/bin:/usr/local/bin`);
  if (program === undefined) throw new Error("no redis-server or valkey-server is on PATH");
  const folder = mkdtempSync(join(tmpdir(), "r-"));
  const path = join(folder, "redis.sock");
  const settings = [
    "--port",
    "0",
    "--save",
    "",
    "--appendonly",
    "yes",
    "--appendfsync",
    "everysec",
  ];
  const server = spawn(program, ["--unixsocket", path, "--dir", folder, ...settings], {
    stdio: "ignore",
  });
  const address = { kind: "unix", path };
  for (;;) {
    const answers = await probe(address, 1000).then(
      () => true,
      () => false,
    );
    if (answers) break;
    if (server.exitCode !== null) throw new Error(`${program} ended: ${server.exitCode}`);
  }
  return {
    path,
    address,
    pid: server.pid,
    async stop() {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
