/**
 * The program of a broker: a process of its own that outlives whoever started it, is shared by the
 * consoles of one user, and ends by itself when nobody is connected. One JSON argument (see
 * `BrokerOrder`). Exactly one broker serves a folder: the others see the lock and leave.
 */
import { appendFileSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { systemClock } from "../base/clock.ts";
import { makeFolder } from "../base/make-folder.ts";
import { OperatorError } from "../base/operator-error.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded/server.ts";
import { takeFolderLock } from "./folder-lock.ts";
import { BROKER_REFUSED, brokerSocket } from "./locate-bus.ts";
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
  fsync: z.enum(["everysec", "always"]).default("everysec"),
});

type Order = z.infer<typeof orderSchema>;

async function main(): Promise<void> {
  // Whatever is written here, by a server we start too, is for its owner alone.
  process.umask(0o077);
  const order = orderSchema.parse(JSON.parse(process.argv[2] ?? "null"));
  makeFolder(order.folder);
  const lock = takeFolderLock(join(order.folder, `${order.kind}.lock`));
  if (lock === undefined) return;
  // The starter may be gone before we are: what it would have read is nobody's concern then.
  process.stderr.on("error", () => undefined);
  process.on("SIGHUP", () => undefined);
  if (order.kind === "redis") await serveRedis(order);
  else await serveEmbedded(order);
  lock.release();
}

async function serveRedis({ folder, fsync, server = "redis-server" }: Order): Promise<void> {
  await guardPrivateRedis({ server, folder, fsync, idleMs: IDLE_MS, graceMs: GRACE_MS });
}

async function serveEmbedded({ folder, fsync }: Order): Promise<void> {
  const diary = join(folder, "embedded.log");
  const say = (message: string) => writeDiary(diary, message);
  let broker: EmbeddedBroker | undefined;
  await new Promise<void>((resolve, reject) => {
    startEmbeddedBroker({
      socketPath: brokerSocket(folder, "embedded"),
      scripts: ALL_SCRIPTS,
      log: { path: join(folder, "embedded.aof"), fsync, say },
      idleExitMs: IDLE_MS,
      firstClientMs: GRACE_MS,
      clock: systemClock,
      onIdle: resolve,
      onBug: (error) => say(`bug: ${error instanceof Error ? error.stack : String(error)}`),
    }).then((started) => {
      broker = started;
    }, reject);
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await broker?.close();
}

/** A diary longer than this is begun anew; the one before is kept. */
const DIARY_BYTES = 1024 * 1024;

/** Notes what an operator would want to know later. That it cannot be noted harms nobody. */
function writeDiary(path: string, message: string): void {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > DIARY_BYTES) renameSync(path, `${path}.old`);
    appendFileSync(path, `${new Date().toISOString()} ${message}\n`, { mode: 0o600 });
  } catch {
    // A full disk is the likeliest reason to write, and to fail.
  }
}

main().then(
  () => process.exit(0),
  (cause: unknown) => {
    if (cause instanceof OperatorError) {
      writeSync(2, `${cause.message}\n${cause.nextStep}\n`);
      process.exit(BROKER_REFUSED);
    }
    writeSync(2, `${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
    process.exit(1);
  },
);
