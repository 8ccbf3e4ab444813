/** The workers a console has started, and those it starts when an agent is played by nobody. */

import type { SupervisedWorker } from "../agents/supervisor/supervised-slot.ts";
import type { Supervisor } from "../agents/supervisor/supervisor.ts";
import { startSupervisor } from "../agents/supervisor/supervisor.ts";
import { errorMessage } from "../base/error-message.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { RedisConnection } from "../bus/connection.ts";
import type { LocatedBus } from "../bus/locate-bus.ts";
import type { AgentName, WorkerSlot } from "../protocol/ids.ts";
import { namesOf } from "../protocol/names.ts";
import type { ConsoleOptions } from "./console-options.ts";
import type { TrustAnswer } from "./program-trust.ts";
import type { WorkerBoard } from "./worker-board.ts";
import type { WorkerSettings } from "./worker-orders.ts";
import { agentsToStart, findWorkers, isPlayedByAll, orderWorker } from "./worker-orders.ts";

/** Who is told of workers. */
export interface CrewBooks {
  readonly board: WorkerBoard;
  supervise(worker: SupervisedWorker): void;
  tell(level: "info" | "warning" | "error", source: string, text: string): void;
}

/** What a crew needs to know. */
export type CrewOptions = Pick<
  ConsoleOptions,
  "agents" | "crewSizes" | "namespace" | "workers" | "spawner" | "clock" | "random" | "log"
> & {
  /** The only agents this crew plays; all when not given. */
  readonly only?: readonly AgentName[];
};

/** The workers this console has started. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #bus: LocatedBus;
  readonly #command: RedisConnection;
  readonly #books: CrewBooks;
  readonly #supervisors: Supervisor[] = [];
  /** What workers are told, as it was read when the last ones were started. */
  #settings: Omit<WorkerSettings, "busAddress">;
  #busy = false;
  #closed = false;
  #started = false;

  constructor(options: CrewOptions, bus: LocatedBus, command: RedisConnection, books: CrewBooks) {
    this.#options = options;
    this.#bus = bus;
    this.#command = command;
    this.#books = books;
    this.#settings = options.workers();
  }

  /** Starts workers for the agents that nobody plays. */
  async start(): Promise<void> {
    this.#busy = true;
    try {
      await this.#begin();
      this.#started = true;
    } finally {
      this.#busy = false;
    }
  }

  async #begin(): Promise<void> {
    const { agents, namespace, clock } = this.#options;
    const { host } = this.#settings;
    const living = await findWorkers(this.#command, namesOf(namespace), host);
    for (const worker of living) this.#books.board.hear(worker, clock.now());
    if (living.length > 0 && agents === "auto") {
      this.#books.tell("info", "supervisor", `uses ${living.length} workers that are running`);
    }
    await this.#hire(this.#crewOf(agentsToStart(agents, living, this.#custom())));
  }

  /** Starts workers for agents whose foreign workers have gone. */
  fillIn(): void {
    if (this.#busy || this.#closed) return;
    if (!this.#started) {
      this.start().catch((cause: unknown) =>
        this.#books.tell("error", "supervisor", errorMessage(cause)),
      );
      return;
    }
    if (this.#options.agents !== "auto") return;
    const missing = this.#crewOf(
      this.#books.board.missingAgents(this.#options.clock.now(), this.#custom()),
    );
    if (missing.length === 0) return;
    this.#busy = true;
    const names = [...new Set(missing)].join(", ");
    this.#books.tell("info", "supervisor", `nobody plays ${names}: starting workers`);
    this.#hire(missing)
      .catch((cause: unknown) => this.#books.tell("error", "supervisor", errorMessage(cause)))
      .finally(() => {
        this.#busy = false;
      });
  }

  /** Restarts the process of one of the own slots. */
  restart(slot: Parameters<Supervisor["restart"]>[0]): void {
    for (const supervisor of this.#supervisors) supervisor.restart(slot);
  }

  /**
   * Starts one more worker of an agent, or drains and ends the own one with the highest number.
   * Answers the slot, or why it cannot be done.
   */
  async scale(agent: AgentName, change: 1 | -1): Promise<Result<WorkerSlot, string>> {
    if (this.#closed) return err("the console is closing");
    if (change === 1) {
      const [slot] = await this.#hire([agent]);
      return slot === undefined ? err("the console is closing") : ok(slot);
    }
    const { board } = this.#books;
    const slots = board.ownSlots(agent);
    const last = slots.at(-1);
    if (last === undefined) return err(`no ${agent} worker was started by this console`);
    if (slots.length === 1) return err(`${last} is this console's last ${agent} worker`);
    for (const supervisor of this.#supervisors) await supervisor.release(last);
    board.dismiss(last);
    return ok(last);
  }

  /**
   * Has the workers that run a program that is trusted now know of it: own ones are replaced, since
   * a worker keeps the definitions it was started with; where nobody plays the agent, one is started.
   */
  async employ({ kind, name }: TrustAnswer): Promise<void> {
    if (kind === "model" || this.#closed) return; // A model is looked at before each of its runs.
    this.#settings = this.#options.workers();
    const agents =
      kind === "agent" ? this.#custom().filter((one) => one === name) : this.#callers();
    this.#busy = true;
    try {
      for (const agent of agents) await this.#replace(agent);
    } finally {
      this.#busy = false;
    }
  }

  /** The agents that call tools of foreign servers. */
  #callers(): readonly AgentName[] {
    return this.#settings.languageModel === undefined ? ["mcp"] : ["mcp", "qna"];
  }

  async #replace(agent: AgentName): Promise<void> {
    const { board } = this.#books;
    const slots = board.ownSlots(agent);
    await Promise.all(
      slots.flatMap((slot) => this.#supervisors.map((supervisor) => supervisor.release(slot))),
    );
    for (const slot of slots) board.dismiss(slot);
    if (slots.length > 0) {
      await this.#hire(slots.map(() => agent));
      return;
    }
    const { agents, clock } = this.#options;
    const missing = agents === "own" || board.missingAgents(clock.now(), [agent]).includes(agent);
    if (agents !== "none" && missing) await this.#hire(this.#crewOf([agent]));
  }

  #custom(): readonly AgentName[] {
    return (this.#settings.customAgents ?? []).map(({ name }) => name);
  }

  /** The workers to start for some agents, one entry each. */
  #crewOf(agents: readonly AgentName[]): readonly AgentName[] {
    const { crewSizes, only } = this.#options;
    const wanted = agents.filter(
      (agent) => only?.includes(agent) ?? isPlayedByAll(agent, this.#settings),
    );
    return wanted.flatMap((agent) => new Array<AgentName>(crewSizes[agent] ?? 1).fill(agent));
  }

  /** Drains and ends all of them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.close()));
  }

  /** Starts workers; answers their slots. */
  async #hire(agents: readonly AgentName[]): Promise<readonly WorkerSlot[]> {
    const { namespace, spawner, clock, random } = this.#options;
    const names = namesOf(namespace);
    const { address } = this.#bus;
    const busAddress = address.kind === "unix" ? `unix:${address.path}` : address.url;
    this.#settings = this.#options.workers();
    const settings = { ...this.#settings, busAddress };
    const orders = await Promise.all(
      agents.map((agent) => orderWorker(this.#command, names, agent, settings)),
    );
    if (orders.length === 0 || this.#closed) return [];
    const supervisor = startSupervisor(
      orders,
      { spawner, clock, random },
      {
        onChange: (worker) => this.#books.supervise(worker),
        onLog: (slot, level, text) => {
          this.#options.log(level, `${slot}: ${text}`);
          if (level !== "info") this.#books.tell(level, slot, text);
        },
      },
    );
    this.#supervisors.push(supervisor);
    return orders.map(({ config }) => config.slot);
  }
}
