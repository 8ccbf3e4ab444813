import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import {
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
  startEmbeddedBroker,
} from "../../src/bus/embedded/server.ts";
import { MemoryDisk } from "../support/memory-disk.ts";
import { connectResp, encodeCommand, type RespClient, show } from "../support/resp-client.ts";

let folder: string;
let socketPath: string;
let closers: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "broker-"));
  socketPath = join(folder, "state", "bus.sock");
});
afterEach(async () => {
  await Promise.all(closers.map((close) => close()));
  closers = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBroker> {
  const broker = await startEmbeddedBroker({
    socketPath,
    scripts: [],
    clock: systemClock,
    ...options,
  });
  closers.push(() => broker.close());
  return broker;
}

async function connect(): Promise<RespClient> {
  const client = await connectResp(socketPath);
  closers.push(() => client.close());
  return client;
}

/** A clock that stands still; `fire` runs the timers of one delay that still run. */
function handClock(): Clock & { fire(delayMs: number): number } {
  const timers = new Set<{ readonly delayMs: number; readonly callback: () => void }>();
  return {
    now: () => 1_000,
    after(delayMs, callback) {
      const timer = { delayMs, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    fire(delayMs) {
      const due = [...timers].filter((timer) => timer.delayMs === delayMs);
      for (const timer of due) {
        timers.delete(timer);
        timer.callback();
      }
      return due.length;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test("makes its socket private, in a private folder", async () => {
  await start();

  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(socketPath))).mode & 0o777).toBe(0o700);
});

test("replaces a file nobody answers on", async () => {
  await mkdir(dirname(socketPath));
  await writeFile(socketPath, "");
  await chmod(socketPath, 0o600);

  await start();

  expect((await (await connect()).command("PING")).text).toBe("PONG");
});

test("leaves a broker that answers alone", async () => {
  await start();

  await expect(start()).rejects.toThrow("Another broker listens");
  expect((await (await connect()).command("PING")).text).toBe("PONG");
});

test("reports idleness when the first client never comes", async () => {
  const clock = handClock();
  let idle = 0;
  await start({ clock, idleExitMs: 50, firstClientMs: 150, onIdle: () => (idle += 1) });

  clock.fire(150);

  expect(idle).toBe(1);
});

test("reports idleness once the last client has left, not before", async () => {
  const clock = handClock();
  let idle = 0;
  const broker = await start({ clock, idleExitMs: 50, onIdle: () => (idle += 1) });
  const [first, second] = [await connect(), await connect()];
  await second.command("PING");
  first.close();
  await until(() => broker.stats().clients === 1);
  expect(clock.fire(50)).toBe(0);
  second.close();
  await until(() => broker.stats().clients === 0);

  clock.fire(50);

  expect(idle).toBe(1);
});

test("tells the log of each change once, a transaction as one unit", async () => {
  const units: string[] = [];
  await start({
    clock: handClock(),
    onWrite: (unit) => units.push(unit.map((words) => words.join(" ")).join("; ")),
  });
  const client = await connect();
  for (const line of [
    "SET a 1",
    "GET a",
    "DEL none",
    "MULTI",
    "INCR a",
    "GET a",
    "INCR b",
    "EXEC",
  ]) {
    await client.command(...line.split(" "));
  }

  expect(units).toEqual(["SET a 1", "INCR a; INCR b"]);
});

test("logs the served read of a blocked group member", async () => {
  const units: string[] = [];
  const broker = await start({
    clock: handClock(),
    onWrite: (unit) => units.push(unit.map((words) => words.join(" ")).join("; ")),
  });
  const [reader, writer] = [await connect(), await connect()];
  await writer.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
  const read = reader.command(..."XREADGROUP GROUP g c BLOCK 0 STREAMS s >".split(" "));
  await until(() => broker.stats().blockedClients === 1);
  await writer.command("XADD", "s", "1-1", "n", "1");
  await read;

  expect(units).toEqual([
    "XGROUP CREATE s g 0 MKSTREAM",
    "XADD s 1-1 n 1",
    "XGROUP CREATECONSUMER s g c; " +
      "XCLAIM s g c 0 1-1 TIME 1000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1; " +
      "XGROUP SETID s g 1-1 ENTRIESREAD 1",
  ]);
});

test("leaves the socket of another broker alone when it closes", async () => {
  const first = await start();
  await rm(socketPath);
  await start();

  await first.close();

  expect((await (await connect()).command("PING")).text).toBe("PONG");
});

test("is silent on one command after CLIENT REPLY SKIP, also when that one waits", async () => {
  const broker = await start();
  const [reader, writer] = [await connect(), await connect()];
  reader.send(encodeCommand(["CLIENT", "REPLY", "SKIP"]));
  reader.send(encodeCommand("XREAD BLOCK 0 STREAMS s $".split(" ")));
  await until(() => broker.stats().blockedClients === 1);
  await writer.command("XADD", "s", "1-1", "n", "1");

  expect(show(await reader.command("XLEN", "s"))).toBe(":1");
});

test("cuts clients by the limits of their kind, and counts them", async () => {
  const broker = await start();
  const [admin, listener] = [await connect(), await connect()];
  await admin.command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 2mb 1mb 0");
  await listener.command("SUBSCRIBE", "c");
  listener.pause();
  const text = "x".repeat(500_000);

  while (broker.stats().clients === 2) await admin.command("PUBLISH", "c", text);

  expect(show(await admin.command("INFO", "stats"))).toContain(
    "client_output_buffer_limit_disconnections:1",
  );
  expect(show(await admin.command("CONFIG", "GET", "client-output-buffer-limit"))).toContain(
    "pubsub 2097152 1048576 0",
  );
});

test("shows every command to a monitor", async () => {
  await start({ clock: handClock() });
  const [watcher, client] = [await connect(), await connect()];
  await watcher.command("MONITOR");

  await client.command("SET", "k", 'a "b"\n\x01');

  expect(show(await watcher.next())).toBe(
    `+1.000000 [0 unix:${socketPath}] "SET" "k" "a \\"b\\"\\n\\x01"`,
  );
});

test("cuts whoever made a change that could not be kept, and answers the others", async () => {
  const disk = new MemoryDisk();
  await start({ log: { path: "/log", fsync: "everysec", disk, say: () => undefined } });
  const [author, other] = [await connect(), await connect()];
  await author.command("SET", "k", "kept");
  disk.room = 0;

  await expect(author.command("SET", "k", "lost")).rejects.toThrow("closed");

  expect(show(await other.command("SET", "k", "2"))).toMatch(/^-MISCONF/);
  expect(show(await other.command("PING"))).toBe("+PONG");
});

test("closes with clients connected and blocked, and closes twice", async () => {
  const broker = await start();
  const reader = await connect();
  const read = reader.command(..."XREAD BLOCK 0 STREAMS s $".split(" "));
  await until(() => broker.stats().blockedClients === 1);

  await Promise.all([broker.close(), broker.close()]);

  await expect(read).rejects.toThrow("closed");
  await expect(stat(socketPath)).rejects.toThrow("ENOENT");
});
