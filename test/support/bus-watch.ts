/** A program that knows nothing but Redis: it watches topics and publishes what it likes. */
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { Place } from "./product.ts";
import { startProduct } from "./product.ts";
import { freePort, startRedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

/** A message as it came over a channel. */
export interface Heard {
  readonly channel: string;
  readonly text: string;
}

/** A client of a place's bus. */
export interface BusWatch {
  readonly redis: Redis;
  /** Everything heard so far on the patterns that were asked for. */
  readonly heard: readonly Heard[];
  /** Waits for a message on a channel whose text holds `part`. */
  untilHeard(channel: string, part?: string): Promise<Heard>;
  /** Disconnects, so that a broker can see that nobody is left. */
  leave(): void;
}

/** Starts the place's private broker and watches it. */
export async function watchPrivateBus(
  place: Place,
  ...patterns: readonly string[]
): Promise<BusWatch> {
  const broker = startProduct(place, ["broker"]);
  await waitUntil("the broker prints its address", () => broker.stdout().includes("unix:"));
  const watch = await watchBus({ path: place.socket }, ...patterns);
  broker.child.kill("SIGINT");
  await broker.ended;
  return watch;
}

/** Watches a bus that runs; its patterns are subscribed to when this resolves. */
export async function watchBus(
  address: { readonly path: string } | { readonly port: number; readonly password?: string },
  ...patterns: readonly string[]
): Promise<BusWatch> {
  const redis = new Redis(address);
  const subscriber = new Redis(address);
  const heard: Heard[] = [];
  for (const connection of [redis, subscriber]) connection.on("error", () => undefined);
  const leave = (): void => {
    for (const connection of [redis, subscriber]) connection.disconnect();
  };
  onTestFinished(leave);
  subscriber.on("pmessage", (_pattern: string, channel: string, text: string) => {
    heard.push({ channel, text });
  });
  if (patterns.length > 0) await subscriber.psubscribe(...patterns);
  await redis.ping();
  return {
    redis,
    heard,
    leave,
    untilHeard: (channel, part = "") =>
      waitUntil(`${part} is heard on ${channel}`, () =>
        heard.find((message) => message.channel === channel && message.text.includes(part)),
      ),
  };
}

const heartbeat = z.looseObject({ slot: z.string(), pid: z.int() });

/** The process ids of the living workers, by agent. */
export async function workerPids(redis: Redis): Promise<Readonly<Record<string, number>>> {
  const slots = await redis.smembers("{aimie:default}:hb");
  const beats = await Promise.all(slots.map((slot) => redis.get(`{aimie:default}:hb:${slot}`)));
  return Object.fromEntries(
    beats.flatMap((text) => {
      if (text === null || !text.startsWith("{")) return [];
      const { slot, pid } = heartbeat.parse(JSON.parse(text));
      return [[slot.split(":")[1] ?? slot, pid] as const];
    }),
  );
}

/** Starts a redis-server on a free port, ended with the test. */
export async function startRedis(password?: string): Promise<{ readonly port: number }> {
  const port = await freePort();
  const settings = password === undefined ? [] : ["--requirepass", password];
  const server = await startRedisServer({ port, settings });
  onTestFinished(() => server.stop());
  return { port };
}
