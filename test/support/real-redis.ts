import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The path of a `redis-server` or `valkey-server` on PATH, undefined when there is none. */
export function findRedisServer(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return ["redis-server", "valkey-server"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: look on.
    return false;
  }
}

/** A Redis of one's own on a unix socket, which keeps nothing on disk. */
export interface PrivateRedis {
  readonly path: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a private Redis or Valkey; resolves once it answers. Rejects when none is on PATH. It
 * keeps nothing, unless it is given a folder with an append-only file to start on.
 */
export async function startRealRedis(on?: {
  readonly folder: string;
  readonly appendOnly: boolean;
}): Promise<PrivateRedis> {
  const program = findRedisServer();
  if (program === undefined) throw new Error("There is no redis-server on PATH.");
  const folder = on?.folder ?? (await mkdtemp(join(tmpdir(), "real-redis-")));
  const appendOnly = on?.appendOnly === true ? "yes" : "no";
  const path = join(folder, "redis.sock");
  const server = spawn(
    program,
    [
      "--port",
      "0",
      "--unixsocket",
      path,
      "--save",
      "",
      "--appendonly",
      appendOnly,
      "--dir",
      folder,
    ],
    { stdio: "ignore" },
  );
  const ended = once(server, "exit");
  while (!(await accepts(path))) {
    if (server.exitCode !== null) throw new Error(`${program} ended: ${server.exitCode}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    path,
    async stop() {
      server.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("error", () => resolve(false));
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
  });
}
