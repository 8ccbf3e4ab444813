/** The workers a console has started, and those it starts when an agent is played by nobody. */
import type { Supervisor } from "../agents/supervisor/supervisor.ts";
import { startSupervisor } from "../agents/supervisor/supervisor.ts";
import { errorMessage } from "../base/error-message.ts";
import type { RedisConnection } from "../bus/connection.ts";
import type { LocatedBus } from "../bus/locate-bus.ts";
import type { AgentName } from "../protocol/ids.ts";
import { namesOf } from "../protocol/names.ts";
import type { ConsoleBooks } from "./console-books.ts";
import type { ConsoleOptions } from "./console-options.ts";
import { agentsToStart, findWorkers, orderWorker } from "./worker-orders.ts";

/** The workers this console has started. */
export class Crew {
  readonly #options: ConsoleOptions;
  readonly #bus: LocatedBus;
  readonly #command: RedisConnection;
  readonly #books: ConsoleBooks;
  readonly #supervisors: Supervisor[] = [];
  #busy = false;
  #closed = false;
  #started = false;

  constructor(
    options: ConsoleOptions,
    bus: LocatedBus,
    command: RedisConnection,
    books: ConsoleBooks,
  ) {
    this.#options = options;
    this.#bus = bus;
    this.#command = command;
    this.#books = books;
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
    const { agents, namespace, workers, clock } = this.#options;
    const living = await findWorkers(this.#command, namesOf(namespace), workers.host);
    for (const worker of living) this.#books.board.hear(worker, clock.now());
    if (living.length > 0 && agents === "auto") {
      this.#books.tell("info", "supervisor", `uses ${living.length} workers that are running`);
    }
    await this.#hire(agentsToStart(agents, living));
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
    const missing = this.#books.board.missingAgents(this.#options.clock.now());
    if (missing.length === 0) return;
    this.#busy = true;
    this.#books.tell("info", "supervisor", `nobody plays ${missing.join(", ")}: starting workers`);
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

  /** Drains and ends all of them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.close()));
  }

  async #hire(agents: readonly AgentName[]): Promise<void> {
    const { workers, namespace, spawner, clock, random } = this.#options;
    const names = namesOf(namespace);
    const { address } = this.#bus;
    const busAddress = address.kind === "unix" ? `unix:${address.path}` : address.url;
    const settings = { ...workers, busAddress };
    const orders = await Promise.all(
      agents.map((agent) => orderWorker(this.#command, names, agent, settings)),
    );
    if (orders.length === 0 || this.#closed) return;
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
  }
}
