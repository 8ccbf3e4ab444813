/**
 * One slot of a supervisor: its state, its process, and the timers of its ladder.
 */
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { WorkerConfig, WorkerMessage } from "../../protocol/control.ts";
import type { WorkerSlot } from "../../protocol/ids.ts";
import { stopLadder } from "./deadlines.ts";
import type { Spawner, WorkerProcess } from "./spawn.ts";
import type { WorkerEffect, WorkerSign, WorkerState } from "./worker-state.ts";
import { NEW_WORKER, reduceWorker } from "./worker-state.ts";

/** Lines of output kept for the case that the process ends badly. */
const LAST_WORDS = 12;

/** A slot to keep filled. */
export interface WorkerOrder {
  readonly program: string;
  readonly config: WorkerConfig;
}

/** How a slot stands, for those who show it. */
export interface SupervisedWorker {
  readonly slot: WorkerSlot;
  readonly agent: WorkerConfig["agent"];
  readonly state: WorkerState;
  readonly lastWords: readonly string[];
}

/** What is told of slots. */
export interface SupervisorListener {
  onChange(worker: SupervisedWorker): void;
  onLog(slot: WorkerSlot, level: "info" | "warning" | "error", text: string): void;
}

/** The ports a supervisor works through. */
export interface SupervisorPorts {
  readonly spawner: Spawner;
  readonly clock: Clock;
  readonly random: Random;
}

/** One slot under supervision. */
export class SupervisedSlot {
  readonly #order: WorkerOrder;
  readonly #ports: SupervisorPorts;
  readonly #listener: SupervisorListener;
  #state: WorkerState = NEW_WORKER;
  #process: WorkerProcess | null = null;
  #lastWords: readonly string[] = [];
  #cancelTimers: readonly (() => void)[] = [];

  constructor(order: WorkerOrder, ports: SupervisorPorts, listener: SupervisorListener) {
    this.#order = order;
    this.#ports = ports;
    this.#listener = listener;
  }

  /** Whether a process of this slot still exists. */
  get hasProcess(): boolean {
    return this.#process !== null;
  }

  /** Takes in a sign or a wish, and does what follows from it. */
  apply(sign: WorkerSign): void {
    const [state, effects] = reduceWorker(this.#state, sign, this.#ports.random);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    const { slot, agent } = this.#order.config;
    this.#listener.onChange({ slot, agent, state: this.#state, lastWords: this.#lastWords });
  }

  /** Starts the slot's process. P1 */
  spawn(): void {
    this.#clearTimers();
    const { config, program } = this.#order;
    const child = this.#ports.spawner(program, {
      onMessage: (message) => this.#hear(message),
      onLine: (line) => {
        this.#lastWords = [...this.#lastWords, line].slice(-LAST_WORDS);
        this.#listener.onLog(config.slot, "warning", line);
      },
      onEnd: (description, exitCode) => this.#end(description, exitCode),
    });
    this.#process = child;
    child.send({ type: "configure", config });
    if (child.pid !== undefined) this.apply({ type: "process-spawned", pid: child.pid });
  }

  /** Ends the process at once. */
  kill(): void {
    this.#process?.signal("SIGKILL");
  }

  #perform(effect: WorkerEffect): void {
    switch (effect.type) {
      case "spawn":
        this.spawn();
        return;
      case "schedule-restart":
        this.#cancelTimers = [
          this.#ports.clock.after(effect.delayMs, () => this.apply({ type: "restart-due" })),
        ];
        return;
      case "stop-process":
        this.#stop();
        return;
    }
  }

  #hear(message: WorkerMessage): void {
    if (message.type === "log") {
      this.#listener.onLog(this.#order.config.slot, message.level, message.text);
      return;
    }
    if (message.type !== "activity") return;
    const { activity } = message;
    if (activity !== "ready" && activity !== "busy") return;
    this.apply({ type: "activity-changed", activity, at: this.#ports.clock.now() });
  }

  #end(description: string, exitCode: number | null): void {
    this.#clearTimers();
    this.#process = null;
    if (this.#state.status !== "draining") {
      this.#listener.onLog(this.#order.config.slot, "error", `its process ended: ${description}`);
    }
    this.apply({ type: "process-ended", at: this.#ports.clock.now(), exitCode });
  }

  /** P2. A second wish to stop neither lengthens the ladder nor starts another one. */
  #stop(): void {
    const child = this.#process;
    if (child === null || this.#cancelTimers.length > 0) return;
    child.send({ type: "drain", restarting: this.#state.status !== "draining" });
    const { termMs, killMs } = stopLadder(this.#order.config.drainDeadlineMs);
    this.#cancelTimers = [
      this.#ports.clock.after(termMs, () => child.signal("SIGTERM")),
      this.#ports.clock.after(killMs, () => child.signal("SIGKILL")),
    ];
  }

  #clearTimers(): void {
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
  }
}
