/**
 * A world in one process, played by a seed: the real orchestrator, the real task agents and the
 * real scripts on a bus in memory. Replies are cut, commands lost or sent twice, messages dropped,
 * repeated and delayed; actors die between any two commands and come back under their slot, or
 * stand still for longer than a lease. Time is a number.
 *
 * In a world that loses data the bus is emptied or goes back to what it held before, and a console
 * with a local store gives back what it knows; the console dies and comes back like the others.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { z } from "zod";
import type { Random } from "../../src/base/random.ts";
import { seededRandom, systemRandom } from "../../src/base/random.ts";
import { sendCommand } from "../../src/bus/commands.ts";
import { encodeState } from "../../src/orchestrator/codec.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import { hasEnded } from "../../src/orchestrator/state.ts";
import type { Command } from "../../src/protocol/commands.ts";
import type { AgentName, RunId } from "../../src/protocol/ids.ts";
import { runIdSchema, stepKeySchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { SessionStore } from "../../src/session/store.ts";
import { openSessionStore } from "../../src/session/store.ts";
import { countingUlids } from "../support/session-fixtures.ts";
import type { SimulatedConsole } from "./console.ts";
import { SESSION, startConsole } from "./console.ts";
import { Laws } from "./laws.ts";
import type { Fate } from "./memory-bus.ts";
import { MemoryBus, MemoryConnection } from "./memory-bus.ts";
import { LEASE_MS, startWorker } from "./workers.ts";

/** simulation → (qna ∥ viz) → join; a run may take the answer of another. */
const FLOW = `name: simulated
steps:
  simulation: { agent: simulation, input: { model: sir }, retry: { attempts: 2, delay: 500ms }, timeout: 20s }
  qna: { agent: qna, needs: simulation, input: { question: q, simulation: "\${{ steps.simulation.output }}" }, retry: { attempts: 2, delay: 1s }, timeout: 20s, cache: true }
  viz: { agent: viz, needs: simulation, input: { simulation: "\${{ steps.simulation.output }}" }, timeout: 20s }
  join: { agent: viz, needs: [qna, viz], input: { simulation: "\${{ steps.qna.output }}" }, timeout: 20s }
`;

/** Commands that happen while things may break; from then on everything works. */
const TROUBLED_STEPS = 250;

/** A world that takes more steps than this is stuck. */
const MAXIMUM_STEPS = 20_000;

const CAST: readonly (readonly [AgentName, number])[] = [
  ["orchestrator", 0],
  ["orchestrator", 1],
  ["simulation", 0],
  ["simulation", 1],
  ["qna", 0],
  ["viz", 0],
];

interface Actor {
  /** Comes back after it died. */
  readonly enter: () => void;
  /** What dies with it besides its connections. */
  readonly end: () => void;
  readonly connections: readonly MemoryConnection[];
  readonly subscriber: MemoryConnection;
  /** Stands still until this time. */
  pausedUntil: number;
}

interface Delivery {
  readonly actor: Actor;
  readonly arguments: readonly [pattern: string, channel: string, text: string];
}

const names = namesOf("default");

/**
 * Plays the world of a seed to its end; throws when a law is broken or something is left over.
 * With a `store` it is a world that loses data. Resolves with how many results were taken from the
 * cache.
 */
async function playIn(seed: number, openStore?: () => SessionStore): Promise<number> {
  vi.useFakeTimers({
    now: 1_800_000_000_000,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
  const random = seededRandom(seed);
  const chance = vi.spyOn(systemRandom, "next").mockImplementation(() => random.next());
  try {
    const world = new World(random, openStore?.());
    await world.play();
    return world.reused;
  } finally {
    chance.mockRestore();
    vi.clearAllTimers();
    vi.useRealTimers();
  }
}

/** A world whose bus keeps what it is given; resolves with how many results were taken again. */
export async function playWorld(seed: number): Promise<number> {
  return await playIn(seed);
}

/** A world whose bus loses what it was given, wholly or the end of it; resolves alike. */
export async function playLossyWorld(seed: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "world-"));
  let store: SessionStore | undefined;
  try {
    return await playIn(seed, () => {
      store = openSessionStore({
        path: join(folder, "sessions.db"),
        clock: { now: () => Date.now() },
        newUlid: countingUlids(),
      });
      return store;
    });
  } finally {
    store?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class World {
  readonly #random: Random;
  readonly #laws = new Laws();
  readonly #bus: MemoryBus;
  readonly #operator: MemoryConnection;
  readonly #deliveries: Delivery[] = [];
  readonly #actors: Actor[] = [];
  readonly #store: SessionStore | undefined;
  #console: SimulatedConsole | undefined;
  #commandsLeft = 0;
  #steps = 0;

  constructor(random: Random, store?: SessionStore) {
    this.#random = random;
    this.#store = store;
    this.#bus = new MemoryBus({
      onWrite: (commands) => this.#laws.check(commands),
      onPublish: (channel, text) => {
        if (channel.startsWith("result.")) this.#laws.handIn(taskOf(text));
        this.#publish(channel, text);
      },
    });
    this.#operator = new MemoryConnection(this.#bus);
    for (const role of CAST) this.#enterWorker(role);
    if (store === undefined) return;
    store.record(SESSION, { type: "session-created", name: "s" });
    this.#enterConsole(store);
  }

  /** How many results were taken from the cache. */
  get reused(): number {
    return this.#laws.reused;
  }

  get #isTroubled(): boolean {
    return this.#steps < TROUBLED_STEPS;
  }

  async play(): Promise<void> {
    const runs = 1 + Math.floor(this.#random.next() * 3);
    for (let run = 0; run < runs; run += 1) this.#ask(`r${run}`);
    while (!this.#isOver(runs)) {
      this.#steps += 1;
      if (this.#steps > MAXIMUM_STEPS) throw new Error(`stuck: ${this.#leftOver().join(", ")}`);
      if (this.#isTroubled) this.#trouble();
      if (this.#isTroubled && this.#store !== undefined && this.#chance(0.008)) {
        this.#loseData(this.#store);
      }
      this.#advance();
      await untilQuiet();
    }
  }

  /** An operator asks for a run, and sometimes to cancel it or to do a step again. */
  #ask(name: string): void {
    const runId = runIdSchema.parse(name);
    const spec = {
      runId,
      sessionId: SESSION,
      flowName: "simulated",
      flowText: FLOW,
      parameters: {},
      models: {},
    };
    const start = { type: "start-run", commandId: `start.${name}`, spec } as const;
    this.#console?.expect(start);
    // What is in the local store is sent again from there.
    if (this.#console === undefined) this.#send(start);
    else void sendCommand(this.#operator.asRedis(), names, start).catch(() => undefined);
    if (this.#chance(0.25)) {
      setTimeout(
        () => this.#send({ type: "cancel-run", commandId: `cancel.${name}`, runId }),
        this.#random.next() * 4000,
      );
    }
    if (this.#chance(0.25)) {
      const stepKey = stepKeySchema.parse(this.#chance(0.5) ? "simulation" : "qna");
      setTimeout(
        () => this.#send({ type: "rerun-step", commandId: `rerun.${name}`, runId, stepKey }),
        this.#random.next() * 8000,
      );
    }
  }

  /** An operator's command is sent until it is known to have arrived. */
  #send(command: Command): void {
    this.#commandsLeft += 1;
    const attempt = (): Promise<void> => sendCommand(this.#operator.asRedis(), names, command);
    const again = (): Promise<void> => attempt().catch(again);
    void again().then(() => {
      this.#commandsLeft -= 1;
    });
  }

  #enterWorker(role: (typeof CAST)[number]): void {
    const connections = this.#connections();
    const { command, blocking, subscriber } = connections;
    this.#actors.push({
      enter: () => this.#enterWorker(role),
      end: () => undefined,
      ...{ connections: [command, blocking], subscriber, pausedUntil: 0 },
    });
    startWorker(role, connections, this.#random);
  }

  #enterConsole(store: SessionStore): void {
    const { command, subscriber } = this.#connections();
    const started = startConsole(store, { command, subscriber }, this.#random);
    this.#console = started;
    this.#actors.push({
      enter: () => this.#enterConsole(store),
      end: () => started.end(),
      ...{ connections: [command], subscriber, pausedUntil: 0 },
    });
  }

  #connections(): Record<"command" | "blocking" | "subscriber", MemoryConnection> {
    const connection = (): MemoryConnection => new MemoryConnection(this.#bus);
    return { command: connection(), blocking: connection(), subscriber: connection() };
  }

  /** Everything is gone, with or without a new start of the server; or only what came last. */
  #loseData(store: SessionStore): void {
    const ticket = this.#random.next();
    const isTail = ticket < 0.5;
    const lost = Math.floor(this.#random.next() * Math.min(60, this.#bus.length));
    this.#bus.goBack(isTail ? this.#bus.length - lost : 0);
    const runIds = [...this.#laws.runs.keys()].map((runId) => runIdSchema.parse(runId));
    const versions = runIds.map((runId) => {
      const version = this.#bus.execute(["HGET", names.runHash(runId), "ver"]);
      return [runId, Number(version ?? 0)] as const;
    });
    // Of a tail the bus may make another one before the console is back.
    const kept = isTail ? [] : runIds.flatMap((runId) => resultsIn(store, runId));
    this.#laws.lose(new Map(versions), kept);
    if (ticket > 0.8) return; // FLUSHALL: nobody is cut off.
    this.#deliveries.splice(0);
    this.#operator.reconnect(this.#chance(0.5));
    for (const { connections, subscriber } of this.#actors) {
      for (const one of [...connections, subscriber]) one.reconnect(this.#chance(0.5));
    }
  }

  #publish(channel: string, text: string): void {
    for (const actor of this.#actors) {
      const pattern = actor.subscriber.patterns.find((one) => covers(one, channel));
      if (pattern === undefined || this.#chance(0.15)) continue;
      const delivery: Delivery = { actor, arguments: [pattern, channel, text] };
      this.#deliveries.push(delivery);
      if (this.#chance(0.1)) this.#deliveries.push(delivery);
    }
  }

  /** An actor dies and comes back, or stands still. */
  #trouble(): void {
    const ticket = this.#random.next();
    const place = Math.floor(this.#random.next() * this.#actors.length);
    const actor = this.#actors[place];
    if (actor === undefined) return;
    if (ticket < 0.03) {
      this.#actors.splice(place, 1);
      actor.end();
      for (const connection of [...actor.connections, actor.subscriber]) connection.isCut = true;
      setTimeout(actor.enter, this.#random.next() * 6000);
    } else if (ticket < 0.05) {
      actor.pausedUntil = Date.now() + this.#random.next() * LEASE_MS * 3;
    }
  }

  /** One thing happens: a command, a message, or time goes by. */
  #advance(): void {
    const ready = [this.#operator, ...this.#awake().flatMap(({ connections }) => connections)];
    const able = ready.filter((connection) => connection.isReady);
    const choices = able.length + this.#deliveries.length;
    if (choices === 0 || this.#chance(0.05)) {
      vi.advanceTimersToNextTimer();
      return;
    }
    const choice = Math.floor(this.#random.next() * choices);
    const connection = able[choice];
    if (connection !== undefined) connection.perform(this.#fate());
    else this.#deliver(choice - able.length);
  }

  #awake(): readonly Actor[] {
    return this.#actors.filter(({ pausedUntil }) => pausedUntil <= Date.now());
  }

  #deliver(place: number): void {
    const [delivery] = this.#deliveries.splice(place, 1);
    if (delivery?.actor.subscriber.isCut === true) return;
    delivery?.actor.subscriber.emit("pmessage", ...delivery.arguments);
  }

  #fate(): Fate {
    if (!this.#isTroubled) return "done";
    const ticket = this.#random.next();
    if (ticket < 0.05) return "done-twice";
    if (ticket < 0.08) return "done-unanswered";
    return ticket < 0.11 ? "lost" : "done";
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }

  #isOver(runs: number): boolean {
    if (this.#isTroubled || this.#commandsLeft > 0 || vi.getTimerCount() === 0) return false;
    const ended = [...this.#laws.runs].filter(([runId, { state }]) => {
      // One that had ended before the data was lost is kept by the local store alone.
      const known = state ?? this.#store?.runState(runIdSchema.parse(runId)).state;
      return known !== undefined && hasEnded(known.status);
    });
    return ended.length === runs && this.#leftOver().length === 0;
  }

  /** Whether the local store, where there is one, has what the bus has. */
  #isShown(runId: string, state: RunState | undefined): boolean {
    if (this.#store === undefined || state === undefined) return true;
    const known = this.#store.runState(runIdSchema.parse(runId)).state;
    return known !== undefined && encodeState(known) === encodeState(state);
  }

  /** What is not empty and should be. */
  #leftOver(): readonly string[] {
    const streams = [
      names.commandStream,
      names.resultStream,
      ...(["simulation", "qna", "viz"] as const).map((agent) => names.taskStream(agent)),
    ].map((key) => [key, this.#bus.execute(["XLEN", key])] as const);
    const sets = [names.dueSet, names.activeRuns].map(
      (key) => [key, this.#bus.execute(["ZCARD", key])] as const,
    );
    const counts = [...streams, ...sets].filter(([, count]) => count !== 0);
    return [
      ...counts.map(([key, count]) => `${key} ${String(count)}`),
      ...this.#laws.unrecorded.map((task) => `the result of ${task}`),
      ...[...this.#laws.runs].flatMap(([runId, { state }]) =>
        this.#isShown(runId, state) ? [] : [`${runId}, which is not known as it is`],
      ),
    ];
  }
}

/** The tasks whose results the local store has. */
function resultsIn(store: SessionStore, runId: RunId): readonly string[] {
  return store
    .runEvents(runId)
    .events.flatMap(({ event }) => (event.type === "result-received" ? [event.taskId] : []));
}

const aboutTask = z.object({ subject: z.string() });

function taskOf(text: string): string {
  return aboutTask.parse(JSON.parse(text)).subject;
}

function covers(pattern: string, channel: string): boolean {
  return pattern.endsWith("*") ? channel.startsWith(pattern.slice(0, -1)) : channel === pattern;
}

/** Lets every promise that can go on do so; setImmediate is the real one. */
async function untilQuiet(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
