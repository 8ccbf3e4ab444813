/**
 * One message to another process and back, over Pub/Sub and over streams: our bus layer (envelope,
 * schema on arrival, atomic scripts) against bare ioredis commands. Interleaved rounds.
 */

import { join } from "node:path";
import { Redis } from "ioredis";
import { openConnection } from "../../src/bus/connection.ts";
import { publish, subscribe } from "../../src/bus/pubsub.ts";
import { runScript } from "../../src/bus/run-script.ts";
import { enqueueScript } from "../../src/bus/scripts/enqueue.ts";
import { readStreams } from "../../src/bus/stream-reader.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { startRedisServer } from "./redis-server.mjs";
import { readBack, task } from "./round-trip-messages.mjs";
import { format, median, print, quantile } from "./statistics.mjs";
import { startProcess } from "./worker-process.mjs";

const program = join(import.meta.dirname, "round-trip-worker.mjs");
const names = namesOf("default");

const WARM_UP = 500;
const TRIPS = 2000;

/** Sends one message at a time and waits for its answer; resolves with each one's milliseconds. */
async function trips(send, listen) {
  let answered = () => undefined;
  await listen(() => answered());
  const taken = [];
  for (let trip = 0; trip < WARM_UP + TRIPS; trip += 1) {
    const at = performance.now();
    const back = new Promise((resolve) => {
      answered = resolve;
    });
    await Promise.all([send(trip), back]);
    if (trip >= WARM_UP) taken.push(performance.now() - at);
  }
  return taken;
}

/** Each way opens its connections on a server and answers the two halves of a trip. */
const WAYS = {
  "Pub/Sub, bare ioredis": async (path, open) => {
    const sender = open(new Redis({ path }));
    const listener = open(new Redis({ path }));
    return trips(
      (trip) => sender.publish("there", `{"trip":${trip},"pad":"${"x".repeat(300)}"}`),
      async (onAnswer) => {
        listener.on("message", onAnswer);
        await listener.subscribe("back");
      },
    );
  },
  "Pub/Sub, ours": async (path, open) => {
    const sender = open(openConnection({ kind: "unix", path }, "command"));
    const listener = open(openConnection({ kind: "unix", path }, "subscriber"));
    return trips(
      (trip) => publish(sender, names, { topic: "task.qna", text: task(trip) }),
      (onAnswer) =>
        subscribe(listener, names, ["result.qna"], ({ text }) => {
          readBack(text);
          onAnswer();
        }),
    );
  },
  "stream, bare ioredis": async (path, open) => {
    const sender = open(new Redis({ path }));
    const reader = open(new Redis({ path }));
    return trips(
      (trip) => sender.xadd("there", "*", "d", `{"trip":${trip},"pad":"${"x".repeat(300)}"}`),
      async (onAnswer) => {
        await reader.xgroup("CREATE", "back", "g", "0", "MKSTREAM");
        const read = async () => {
          for (;;) {
            const [[, entries]] = await reader.xreadgroup(
              ...["GROUP", "g", "c", "COUNT", 1, "BLOCK", 0, "STREAMS", "back", ">"],
            );
            for (const [id] of entries) {
              sender.pipeline().xack("back", "g", id).xdel("back", id).exec();
              onAnswer();
            }
          }
        };
        read().catch(() => undefined);
      },
    );
  },
  "stream, ours": async (path, open) => {
    const command = open(openConnection({ kind: "unix", path }, "command"));
    const blocking = open(openConnection({ kind: "unix", path }, "blocking"));
    const abort = new AbortController();
    const taken = await trips(
      (trip) =>
        runScript(
          command,
          enqueueScript,
          [names.taskStream("qna"), names.seenKey(`t${trip}`)],
          [task(trip)],
        ),
      async (onAnswer) => {
        void readStreams({
          blocking,
          streams: [names.resultStream],
          group: "orch",
          consumer: "c",
          count: () => 1,
          signal: abort.signal,
          async onEntries(entries) {
            for (const { id, fields } of entries) {
              readBack(fields.get("d"));
              command
                .pipeline()
                .xack(names.resultStream, "orch", id)
                .xdel(names.resultStream, id)
                .exec();
              onAnswer();
            }
          },
          onProblem: () => undefined,
        });
      },
    );
    abort.abort();
    return taken;
  },
};

async function measure(way) {
  const server = await startRedisServer();
  const connections = [];
  const open = (connection) => {
    connections.push(connection);
    return connection;
  };
  const worker = await startProcess(
    program,
    { path: server.path, way },
    (text) => text === "ready",
  );
  try {
    return await WAYS[way](server.path, open);
  } finally {
    for (const connection of connections) connection.disconnect();
    await worker.stop();
    await server.stop();
  }
}

/** Measures every way in each round. */
export async function benchRoundTrips({ rounds }) {
  const results = new Map(Object.keys(WAYS).map((way) => [way, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const way of Object.keys(WAYS)) results.get(way).push(await measure(way));
  }
  for (const [way, taken] of results) {
    print(
      `${way}, p50`,
      format(
        taken.map((one) => median(one)),
        "ms",
        3,
      ),
    );
    print(
      `${way}, p99`,
      format(
        taken.map((one) => quantile(one, 0.99)),
        "ms",
        3,
      ),
    );
  }
}
