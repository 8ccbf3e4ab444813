/**
 * A world in one process, played by a seed: the real orchestrator, the real task agents and the
 * real scripts on a bus in memory. Replies are cut, commands lost or sent twice, messages dropped,
 * repeated and delayed; actors die between any two commands and come back under their slot, or
 * stand still for longer than a lease. Time is a number.
 */
import { vi } from "vitest";
import { z } from "zod";
import { orchestrate } from "../../src/agents/orchestrator/agent.ts";
import { workOnTasks } from "../../src/agents/runtime/task-agent.ts";
import type { ToolCall, ToolSession } from "../../src/agents/runtime/tool-session.ts";
import type { WorkerContext } from "../../src/agents/runtime/worker-context.ts";
import type { Random } from "../../src/base/random.ts";
import { seededRandom, systemRandom } from "../../src/base/random.ts";
import type { Result } from "../../src/base/result.ts";
import { err, ok } from "../../src/base/result.ts";
import { sendCommand } from "../../src/bus/commands.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import type { LeaseKeeper } from "../../src/bus/lease-keeper.ts";
import { runScript } from "../../src/bus/run-script.ts";
import { renewScript } from "../../src/bus/scripts/renew.ts";
import { hasEnded } from "../../src/orchestrator/state.ts";
import type { Command } from "../../src/protocol/commands.ts";
import type { Failure } from "../../src/protocol/failure.ts";
import type { AgentName } from "../../src/protocol/ids.ts";
import { runIdSchema, sessionIdSchema, stepKeySchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { orderOf } from "../support/worker-fixtures.ts";
import { Laws } from "./laws.ts";
import type { Fate } from "./memory-bus.ts";
import { MemoryBus, MemoryConnection } from "./memory-bus.ts";

/** simulation → (qna ∥ viz) → join. */
const FLOW = `name: simulated
steps:
  simulation: { agent: simulation, input: { model: sir }, retry: { attempts: 2, delay: 500ms }, timeout: 20s }
  qna: { agent: qna, needs: simulation, input: { question: q, simulation: "\${{ steps.simulation.output }}" }, retry: { attempts: 2, delay: 1s }, timeout: 20s }
  viz: { agent: viz, needs: simulation, input: { simulation: "\${{ steps.simulation.output }}" }, timeout: 20s }
  join: { agent: viz, needs: [qna, viz], input: { simulation: "\${{ steps.qna.output }}" }, timeout: 20s }
`;

const LEASE_MS = 3000;

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
  readonly role: (typeof CAST)[number];
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

/** Plays the world of a seed to its end; throws when a law is broken or something is left over. */
export async function playWorld(seed: number): Promise<void> {
  vi.useFakeTimers({
    now: 1_800_000_000_000,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
  const random = seededRandom(seed);
  const chance = vi.spyOn(systemRandom, "next").mockImplementation(() => random.next());
  try {
    await new World(random).play();
  } finally {
    chance.mockRestore();
    vi.clearAllTimers();
    vi.useRealTimers();
  }
}

class World {
  readonly #random: Random;
  readonly #laws = new Laws();
  readonly #bus: MemoryBus;
  readonly #operator: MemoryConnection;
  readonly #deliveries: Delivery[] = [];
  readonly #actors: Actor[] = [];
  #commandsLeft = 0;
  #steps = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#bus = new MemoryBus({
      onWrite: (commands) => this.#laws.check(commands),
      onPublish: (channel, text) => {
        if (channel.startsWith("result.")) this.#laws.handIn(taskOf(text));
        this.#publish(channel, text);
      },
    });
    this.#operator = new MemoryConnection(this.#bus);
    for (const role of CAST) this.#enter(role);
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
      this.#advance();
      await untilQuiet();
    }
  }

  /** An operator asks for a run, and sometimes to cancel it or to do a step again. */
  #ask(name: string): void {
    const runId = runIdSchema.parse(name);
    const sessionId = sessionIdSchema.parse("s");
    const spec = {
      runId,
      sessionId,
      flowName: "simulated",
      flowText: FLOW,
      parameters: {},
      models: {},
    };
    this.#send({ type: "start-run", commandId: `start.${name}`, spec });
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

  #enter(role: (typeof CAST)[number]): void {
    const [agent, number] = role;
    const connection = (): MemoryConnection => new MemoryConnection(this.#bus);
    const [command, blocking, subscriber] = [connection(), connection(), connection()];
    const { config } = orderOf(agent, number);
    const context: WorkerContext = {
      config: { ...config, leaseMs: LEASE_MS },
      names,
      address: { kind: "unix", path: "/nowhere" },
      command: command.asRedis(),
      blocking: blocking.asRedis(),
      subscriber: subscriber.asRedis(),
      draining: new AbortController().signal,
      setActivity: () => undefined,
      log: () => undefined,
      tell: () => undefined,
    };
    this.#actors.push({ role, connections: [command, blocking], subscriber, pausedUntil: 0 });
    if (agent === "orchestrator") void orchestrate(context);
    else {
      void workOnTasks(
        {
          agent,
          inputSchema: z.unknown(),
          outputSchema: z.object({ status: z.string() }),
          tasksAtOnce: number + 1,
          toolConfig: () => ({}),
          toolCall: () => ({ tool: "scripted", arguments: {} }),
        },
        context,
        {
          openTools: () => this.#scriptedTools(),
          keepLeases: (bus, { group, consumer, leaseMs }) =>
            keepLeases(bus.command, [group, consumer], leaseMs),
        },
      );
    }
  }

  #scriptedTools(): ToolSession {
    return {
      offers: () => Promise.resolve(ok([])),
      call: (call) => this.#callTool(call),
      close: () => Promise.resolve(),
    };
  }

  async #callTool({ signal }: ToolCall): Promise<Result<unknown, Failure>> {
    const ticket = this.#random.next();
    const never = ticket > 0.97;
    const stopped = await new Promise<boolean>((resolve) => {
      signal.addEventListener("abort", () => resolve(true));
      if (!never) setTimeout(() => resolve(false), this.#random.next() * 800);
    });
    if (stopped) return err({ kind: "cancelled", message: "stopped" });
    if (ticket > 0.93) return err({ kind: "invalid-input", message: "no" });
    if (ticket > 0.8) return err({ kind: "tool", message: "broken" });
    return ok({ status: "fine" });
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
      for (const connection of [...actor.connections, actor.subscriber]) connection.isCut = true;
      setTimeout(() => this.#enter(actor.role), this.#random.next() * 6000);
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
    const ended = [...this.#laws.runs.values()].filter(
      ({ state }) => state !== undefined && hasEnded(state.status),
    );
    return ended.length === runs && this.#leftOver().length === 0;
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
    ];
  }
}

/** The lease keeper's work without its thread. */
function keepLeases(
  connection: RedisConnection,
  [group, consumer]: readonly [string, string],
  leaseMs: number,
): LeaseKeeper {
  return {
    hold({ stream, id }, onLost) {
      const renewal = setInterval(() => {
        runScript(connection, renewScript, [stream], [group, consumer, id]).then(
          (held) => {
            if (held !== 1) onLost();
          },
          () => undefined,
        );
      }, leaseMs / 3);
      return () => clearInterval(renewal);
    },
    close: () => Promise.resolve(),
  };
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
