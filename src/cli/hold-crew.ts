/**
 * `up` and `agent`: the supervisor without a screen. Workers are kept alive until a signal comes,
 * then drained.
 */

import type { SupervisedWorker } from "../agents/supervisor/supervised-slot.ts";
import { describeGivingUp } from "../agents/supervisor/worker-state.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { systemRandom } from "../base/random.ts";
import { maskAddress } from "../bus/address.ts";
import { answerArtifact } from "../bus/artifact-exchange.ts";
import { ARTIFACT_WANTED } from "../bus/artifact-pieces.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { openConnection } from "../bus/connection.ts";
import type { LocatedBus } from "../bus/locate-bus.ts";
import { subscribe } from "../bus/pubsub.ts";
import type { CrewBooks } from "../console/crew.ts";
import { Crew } from "../console/crew.ts";
import { WorkerBoard } from "../console/worker-board.ts";
import type { AgentName, WorkerSlot } from "../protocol/ids.ts";
import { namesOf } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import { heartbeatDataSchema } from "../protocol/telemetry.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { Config } from "./config.ts";
import { openLogFile } from "./log-file.ts";
import {
  catalogueFolders,
  crewOptions,
  openArtifacts,
  openBus,
  openRegistry,
  secretsOf,
} from "./open-console.ts";
import type { VerbContext } from "./verb.ts";

/** How often it is checked that every agent is played by somebody, milliseconds. */
const CHECK_AGENTS_EVERY_MS = 1000;

/** How long a private broker may be silent before it is looked for again, milliseconds. */
const REVIVE_AFTER_MS = 1000;

/** The crew of a supervisor without a screen. */
export interface CrewWish {
  /** The agents it is for; undefined for all. */
  readonly only: readonly AgentName[] | undefined;
  /** Whether to start workers of agents that others play too. */
  readonly agents: Config["agents"]["value"];
}

/**
 * Holds a crew until the first signal; resolves with the exit code.
 * @throws OperatorError `worker-lost` when every worker it started was given up.
 */
export async function holdCrew(
  { config, flags, output, signals }: VerbContext<object>,
  wish: CrewWish,
): Promise<number> {
  const bus = await openBus(config, (message) => output.err(message));
  const log = openLogFile(config.stateFolder.value, secretsOf(config));
  const ledger = new CrewLedger((level, source, text) => {
    log.write(level, `${source}: ${text}`);
    if (flags.output === "text") output.err(escapeText(`${source}: ${text}`));
  });
  ledger.onChange = (worker) => {
    const { slot, agent, state } = worker;
    const pid = "pid" in state ? state.pid : null;
    const line = { type: "worker", slot, agent, status: state.status, pid };
    output.out(flags.output === "text" ? `${slot} ${state.status}` : JSON.stringify(line));
    tellReady();
  };
  const tellReady = (): void => {
    if (!ledger.isReady()) return;
    const slots = ledger.slots();
    const address = maskAddress(bus.address);
    const up = { type: "up", version: 1, pid: process.pid, bus: bus.kind, address, slots };
    output.out(
      flags.output === "text" ? `up: ${slots.length} workers are ready` : JSON.stringify(up),
    );
  };
  const stand = standOn(bus, config, ledger);
  const registry = openRegistry(config);
  registry.add(process.pid, { role: "supervisor", label: wish.only?.join(" ") ?? "up" });
  const { only, agents } = wish;
  const crew = new Crew(
    {
      ...crewOptions(config, catalogueFolders(config)),
      agents,
      ...(only === undefined ? {} : { only }),
      namespace: config.namespace.value,
      clock: systemClock,
      random: systemRandom,
      log: log.write,
    },
    bus,
    stand.command,
    ledger,
  );
  try {
    await stand.listen();
    await crew.start();
    if (ledger.slots().length === 0) tellReady(); // Others play all agents: there is nothing to wait for.
    const check = setInterval(() => crew.fillIn(), CHECK_AGENTS_EVERY_MS);
    await Promise.race([aborted(signals.first), ledger.lost]).finally(() => clearInterval(check));
    return signals.exitCode() ?? 0;
  } finally {
    await crew.close();
    registry.remove(process.pid);
    stand.close();
    await log.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface Footing {
  readonly command: RedisConnection;
  /** Resolves when heartbeats are heard. */
  listen(): Promise<void>;
  close(): void;
}

function standOn(bus: LocatedBus, config: Config, ledger: CrewLedger): Footing {
  const names = namesOf(config.namespace.value);
  let closed = false;
  /** A private broker that has died is started again, at the same address. */
  const revive = (): void => {
    if (closed || bus.kind === "given" || command.status === "ready") return;
    openBus(config).catch((cause: unknown) => ledger.tell("error", "bus", String(cause)));
  };
  const command = openConnection(bus.address, "command", {
    onUp() {
      if (ledger.isCut) ledger.tell("info", "bus", "Redis is back");
      ledger.isCut = false;
    },
    onDown(cause) {
      if (closed) return;
      ledger.isCut = true;
      const place = maskAddress(bus.address);
      ledger.tell("error", "bus", `lost Redis at ${place}: ${cause.message}; reconnecting`);
      systemClock.after(REVIVE_AFTER_MS, revive);
    },
  });
  const subscriber = openConnection(bus.address, "subscriber");
  const giving = {
    artifacts: openArtifacts(config),
    namespace: config.namespace.value,
    clock: systemClock,
    log: (level: "info" | "warning" | "error", text: string) =>
      ledger.tell(level, "artifacts", text),
  };
  return {
    command,
    async listen() {
      const topics = ["agent.heartbeat", ARTIFACT_WANTED] as const;
      await subscribe(subscriber, names, topics, ({ topic, text }) => {
        if (topic === ARTIFACT_WANTED) {
          void answerArtifact(giving, command, text);
          return;
        }
        const message = parseMessage(text, heartbeatDataSchema);
        if (message.ok) ledger.board.hear(message.value.data, Date.now());
      });
    },
    close() {
      closed = true;
      for (const connection of [command, subscriber]) connection.disconnect();
    },
  };
}

/** The workers of a supervisor without a screen. */
class CrewLedger implements CrewBooks {
  readonly board = new WorkerBoard();
  readonly tell: CrewBooks["tell"];
  /** Whether Redis is away. */
  isCut = false;
  /** Rejects when every worker was given up. */
  readonly lost: Promise<never>;
  onChange: (worker: SupervisedWorker) => void = () => undefined;
  readonly #workers = new Map<WorkerSlot, SupervisedWorker>();
  #giveUp: (cause: OperatorError) => void = () => undefined;
  #wasReady = false;

  constructor(tell: CrewBooks["tell"]) {
    this.tell = tell;
    this.lost = new Promise((_, reject) => {
      this.#giveUp = reject;
    });
    this.lost.catch(() => undefined); // Heard by whoever waits for it.
  }

  supervise(worker: SupervisedWorker): void {
    const before = this.#workers.get(worker.slot)?.state.status;
    this.board.supervise(worker);
    this.#workers.set(worker.slot, worker);
    const { state } = worker;
    if (state.status !== before) this.onChange(worker);
    if (state.status !== "given-up") return;
    const message = `${worker.slot} ${describeGivingUp(state, worker.lastWords)}`;
    this.tell("error", "supervisor", message);
    if ([...this.#workers.values()].some((one) => one.state.status !== "given-up")) return;
    const nextStep = "aimie-console doctor looks for the cause";
    this.#giveUp(new OperatorError({ code: "worker-lost", message, nextStep }));
  }

  /** Says once that all are ready. */
  isReady(): boolean {
    if (this.#wasReady) return false;
    const all = [...this.#workers.values()];
    this.#wasReady = all.every(({ state }) => state.status === "ready" || state.status === "busy");
    return this.#wasReady;
  }

  slots(): readonly WorkerSlot[] {
    return [...this.#workers.keys()];
  }
}
