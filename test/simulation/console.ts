/**
 * A console of a world: the real books, follower and comparison on a local store that outlives it,
 * wired as `src/console/start-console.ts` wires them.
 */
import { systemClock } from "../../src/base/clock.ts";
import type { Random } from "../../src/base/random.ts";
import { encodeCommand } from "../../src/bus/commands.ts";
import { subscribe } from "../../src/bus/pubsub.ts";
import { busOf, createComparison } from "../../src/console/compare-truths.ts";
import { ConsoleBooks } from "../../src/console/console-books.ts";
import type { Command } from "../../src/protocol/commands.ts";
import { sessionIdSchema } from "../../src/protocol/ids.ts";
import { namesOf, TOPIC_PATTERNS } from "../../src/protocol/names.ts";
import type { SessionStore } from "../../src/session/store.ts";
import type { MemoryConnection } from "./memory-bus.ts";

/** How often the runs under way are compared with what Redis has of them, milliseconds. */
const COMPARE_EVERY_MS = 2000;

/** The session that every console of a world shows. */
export const SESSION = sessionIdSchema.parse("s");

const names = namesOf("default");

/** A console that has been started. */
export interface SimulatedConsole {
  /** Writes down that a run is asked for, as is done before the request is sent. */
  expect(command: Extract<Command, { type: "start-run" }>): void;
  end(): void;
}

/** Starts a console on its connections. */
export function startConsole(
  store: SessionStore,
  connections: Readonly<Record<"command" | "subscriber", MemoryConnection>>,
  random: Random,
): SimulatedConsole {
  const command = connections.command.asRedis();
  const books = new ConsoleBooks({
    expectedBus: "embedded",
    namespace: "default",
    store,
    session: SESSION,
    folders: { flows: [], models: [] },
    clock: systemClock,
    random,
    logFile: "",
    log: () => undefined,
  });
  books.setBus("embedded", "memory");
  books.openSession(SESSION);
  books.connect(command);
  for (const connection of [connections.command, connections.subscriber]) {
    connection.on("ready", () => void books.catchUp());
  }
  void subscribe(connections.subscriber.asRedis(), names, TOPIC_PATTERNS, ({ topic, text }) =>
    books.receive(topic, text),
  ).then(() => books.catchUp());
  const mirror = { copyAgain: () => undefined };
  const compare = createComparison({ command, names, clock: systemClock, store, books, mirror });
  const comparison = setInterval(() => void compare(), COMPARE_EVERY_MS);
  return {
    expect({ commandId, spec, ...rest }) {
      const { runId, flowName } = spec;
      store.keepRequest(runId, busOf(books), encodeCommand({ ...rest, commandId, spec }));
      store.record(SESSION, { type: "run-started", runId, flowName, commandId });
    },
    end: () => clearInterval(comparison),
  };
}
