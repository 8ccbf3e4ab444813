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
import { connectResp, type RespClient } from "../support/resp-client.ts";

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
    onWrite: ({ at, commands }) =>
      units.push(`${at}: ${commands.map((c) => c.join(" ")).join("; ")}`),
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

  expect(units).toEqual(["1000: SET a 1", "1000: INCR a; INCR b"]);
});

test("logs the served read of a blocked group member", async () => {
  const units: string[] = [];
  const broker = await start({
    onWrite: ({ commands }) => units.push(commands.map((c) => c.join(" ")).join("; ")),
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
    "XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
  ]);
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
