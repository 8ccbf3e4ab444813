/**
 * The application behind both front ends: follows the bus, keeps the picture, carries out wishes.
 *
 * K1 Messages change mutable books (follower, monitor, board); ten times a second what has changed
 *    goes into the store as one new picture. Wishes and runs' events are flushed at once.
 * K2 An event of a run is stored before it is shown.
 * K3 What Redis says wins over what is shown: after a reconnection every live run is read again.
 *    The same is done at intervals for what is under way, as a message may be lost unnoticed.
 * K4 The picture is there at once, from the local store; the bus joins it when it is found.
 */
import { errorMessage } from "../base/error-message.ts";
import { maskAddress } from "../bus/address.ts";
import { answerArtifact, fetchArtifact } from "../bus/artifact-exchange.ts";
import { ARTIFACT_WANTED } from "../bus/artifact-pieces.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { openConnection } from "../bus/connection.ts";
import type { LocatedBus } from "../bus/locate-bus.ts";
import { subscribe } from "../bus/pubsub.ts";
import { hasEnded } from "../orchestrator/state.ts";
import { namesOf, TOPIC_PATTERNS } from "../protocol/names.ts";
import { createComparison } from "./compare-truths.ts";
import { ConsoleBooks } from "./console-books.ts";
import type { ConsoleHandle, ConsoleReach } from "./console-handle.ts";
import type { ConsoleOptions } from "./console-options.ts";
import { Crew } from "./crew.ts";
import { constantsReader } from "./model-constants.ts";
import { performIntent } from "./perform-intent.ts";
import { planWish } from "./plan-wish.ts";
import type { SharedSessions } from "./shared-sessions.ts";
import { shareSessions } from "./shared-sessions.ts";

/** How often the picture is renewed, milliseconds. */
const FLUSH_EVERY_MS = 100;

/** How often it is checked that every agent is played by somebody. */
const CHECK_AGENTS_EVERY_MS = 1000;

/** How often the runs under way are compared with what Redis has of them, milliseconds. */
const COMPARE_EVERY_MS = 2000;

/** How long a private broker may be silent before it is looked for again, milliseconds. */
const REVIVE_AFTER_MS = 1000;

/** How long the connections may take to say goodbye. */
const CLOSE_MS = 500;

/** A console that has been started. */
export interface StartedConsole {
  /** Usable at once; wishes wait until the bus has been found. */
  readonly handle: ConsoleHandle & ConsoleReach;
  /** Resolves when the bus is followed; rejects when there is none to follow. */
  readonly connected: Promise<void>;
}

/** What stands on a bus that was found. */
interface Footing {
  readonly command: RedisConnection;
  readonly crew: Crew;
  readonly sessions: SharedSessions;
  close(): Promise<void>;
}

/** Starts the application. */
export function startConsole(options: ConsoleOptions): StartedConsole {
  const books = new ConsoleBooks(options);
  const footing = options.locateBus().then((bus) => standOn(bus, options, books));
  books.openSession(options.session);
  const flush = setInterval(() => books.flush(), FLUSH_EVERY_MS); // K1
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // A bus that was never found leaves nothing to close.
    const found = await footing.catch(() => undefined);
    await found?.close();
    clearInterval(flush);
    books.flush();
  };
  const fetchFile: ConsoleReach["fetchArtifact"] = async (artifact) => {
    const found = await footing.catch(() => undefined);
    return await fetchArtifact(options, found?.command, artifact);
  };
  const handle: ConsoleHandle & ConsoleReach = {
    store: books.store,
    events: books.events,
    messages: books.topics.messages,
    async dispatch(intent) {
      const found = await footing.catch(errorMessage);
      if (typeof found === "string") {
        const nextStep = "quit and mend the connection";
        return { ok: false, code: "bus-unreachable", message: found, nextStep };
      }
      const { command, crew, sessions } = found;
      const names = namesOf(options.namespace);
      const restart: Crew["restart"] = (slot) => crew.restart(slot);
      const scale: Crew["scale"] = (agent, change) => crew.scale(agent, change);
      const employ: Crew["employ"] = (program) => crew.employ(program);
      return await performIntent(
        { options, books, command, names, restart, scale, employ, sessions },
        intent,
      );
    },
    async lookUp(runId) {
      await footing.catch(() => undefined); // Without a bus the local store answers.
      return await books.lookUp(runId);
    },
    fetchArtifact: fetchFile,
    async plan(runId, wish, interrupt) {
      const run = books.runs.get(runId);
      const { artifacts } = options;
      const scope = { runs: books.runs.values(), artifacts, fetch: fetchFile };
      return run === undefined ? undefined : await planWish(scope, run, wish, interrupt);
    },
    artifactPath: (artifact) => options.artifacts.pathOf(artifact),
    readConstants: constantsReader(options, books.store),
    close() {
      closing ??= close();
      return closing;
    },
  };
  return { handle, connected: footing.then(() => undefined) };
}

/** Connects everything to the bus; resolves when messages are heard. */
async function standOn(
  bus: LocatedBus,
  options: ConsoleOptions,
  books: ConsoleBooks,
): Promise<Footing> {
  const names = namesOf(options.namespace);
  const { address } = bus;
  books.setBus(bus.kind, maskAddress(address));
  let closed = false;
  /** A private broker that has died is started again, at the same address. */
  const revive = (): void => {
    if (closed || bus.kind === "given" || command.status === "ready") return;
    options.locateBus().catch((cause: unknown) => books.tell("error", "bus", errorMessage(cause)));
  };
  const command = openConnection(address, "command", {
    onUp: () => {
      if (books.isCut) books.tell("success", "bus", "Redis is back; runs go on");
      books.setHealth("catching-up");
      if (subscriber.status === "ready") void books.catchUp(); // K3
    },
    onDown: (cause) => {
      books.setHealth("disconnected");
      if (closed) return;
      const text = `lost Redis at ${maskAddress(address)}: ${cause.message} — ${remedyFor(bus)}`;
      books.tell("error", "bus", text);
      books.notify("error", text);
      options.clock.after(REVIVE_AFTER_MS, revive);
    },
  });
  const subscriber = openConnection(address, "subscriber", {
    onUp: () => undefined,
    onDown: () => {
      if (!books.isCut) books.setHealth("catching-up");
    },
  });
  books.connect(command);
  const sessions = shareSessions(options, books, command);
  subscriber.on("ready", () => {
    sessions.wake();
    void books.catchUp(); // K3
  });
  const crew = new Crew(options, bus, command, books);
  crew.start().catch((cause: unknown) => books.tell("error", "supervisor", errorMessage(cause)));
  await subscribe(subscriber, names, [...TOPIC_PATTERNS, ARTIFACT_WANTED], ({ topic, text }) => {
    if (topic === ARTIFACT_WANTED) void answerArtifact(options, command, text);
    else books.receive(topic, text);
  });
  await sessions.synced();
  books.preferKnown();
  void books.catchUp();
  const check = setInterval(() => crew.fillIn(), CHECK_AGENTS_EVERY_MS);
  const { store, clock } = options;
  const compare = createComparison({ command, names, clock, store, books, mirror: sessions });
  const comparison = setInterval(() => void compare(), COMPARE_EVERY_MS);
  return {
    command,
    crew,
    sessions,
    async close() {
      closed = true;
      clearInterval(check);
      clearInterval(comparison);
      await crew.close();
      await sessions.close();
      await goodbye(command);
      for (const connection of [command, subscriber]) connection.disconnect();
    },
  };
}

/** What the operator can do about a Redis that is away, and what happens by itself. */
function remedyFor({ kind }: LocatedBus): string {
  return kind === "given"
    ? "check that it runs and can be reached; runs go on by themselves when it is back"
    : "it is started again, and runs go on by themselves";
}

/** Waits until what was sent has been answered, but not for long. */
async function goodbye(connection: RedisConnection): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
  await Promise.race([connection.ping().catch(() => undefined), late]);
}

/** Whether any run shown is still under way. */
export function hasActiveRuns(handle: Pick<ConsoleHandle, "store">): boolean {
  return handle.store.getState().runs.some((run) => !hasEnded(run.state.status));
}
