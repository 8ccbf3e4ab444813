/**
 * The program of a broker: a process of its own that outlives whoever started it, is shared by the
 * consoles of one user, and ends by itself when nobody is connected. One JSON argument (see
 * `BrokerOrder`). Exactly one broker serves a folder: the others see the lock and leave.
 */
import { mkdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { systemClock } from "../base/clock.ts";
import { startEmbeddedBroker } from "./embedded/server.ts";
import { takeFolderLock } from "./folder-lock.ts";
import { brokerSocket } from "./locate-bus.ts";
import { guardPrivateRedis } from "./private-redis.ts";
import { ALL_SCRIPTS } from "./scripts/all-scripts.ts";

/** How long a broker stays without clients, milliseconds. */
const IDLE_MS = 5000;

/** How long it waits for its first client. */
const GRACE_MS = 15_000;

const orderSchema = z.object({
  kind: z.enum(["redis", "embedded"]),
  folder: z.string().startsWith("/"),
  server: z.string().optional(),
});

async function main(): Promise<void> {
  const order = orderSchema.parse(JSON.parse(process.argv[2] ?? "null"));
  mkdirSync(order.folder, { recursive: true, mode: 0o700 });
  const lock = takeFolderLock(join(order.folder, `${order.kind}.lock`));
  if (lock === undefined) return;
  // The starter may be gone before we are: what it would have read is nobody's concern then.
  process.stderr.on("error", () => undefined);
  process.on("SIGHUP", () => undefined);
  if (order.kind === "redis") await serveRedis(order.folder, order.server ?? "redis-server");
  else await serveEmbedded(order.folder);
  lock.release();
}

async function serveRedis(folder: string, server: string): Promise<void> {
  await guardPrivateRedis({ server, folder, idleMs: IDLE_MS, graceMs: GRACE_MS });
}

async function serveEmbedded(folder: string): Promise<void> {
  const socketPath = brokerSocket(folder, "embedded");
  await new Promise<void>((resolve, reject) => {
    startEmbeddedBroker({
      socketPath,
      scripts: ALL_SCRIPTS,
      idleExitMs: IDLE_MS,
      firstClientMs: GRACE_MS,
      clock: systemClock,
      onIdle: resolve,
    }).catch(reject);
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  rmSync(socketPath, { force: true });
}

main().then(
  () => process.exit(0),
  (cause: unknown) => {
    writeSync(2, `${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
    process.exit(1);
  },
);
