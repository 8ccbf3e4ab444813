/** Who works: what the own supervisor knows, joined with what heartbeats tell. */
import type { SupervisedWorker } from "../agents/supervisor/supervised-slot.ts";
import type { AgentName, WorkerSlot } from "../protocol/ids.ts";
import { AGENT_NAMES } from "../protocol/ids.ts";
import type { HeartbeatData } from "../protocol/telemetry.ts";
import type { WorkerView } from "./console-state.ts";

/** A worker that has been silent for this long is lost, milliseconds. */
const LOST_AFTER_MS = 5000;

/** A lost foreign worker is shown for this long. */
const FORGET_AFTER_MS = 60_000;

/** Foreign workers shown at most. */
const MAXIMUM_WORKERS = 200;

interface Heard {
  readonly heartbeat: HeartbeatData;
  readonly at: number;
}

/** Keeps the table of workers. */
export class WorkerBoard {
  readonly #own = new Map<WorkerSlot, SupervisedWorker>();
  readonly #heard = new Map<WorkerSlot, Heard>();
  #version = 0;

  /** Grows with everything that is heard: until it does, only time changes the picture. */
  get version(): number {
    return this.#version;
  }

  /** Takes in a change of an own worker. */
  supervise(worker: SupervisedWorker): void {
    this.#version += 1;
    this.#own.set(worker.slot, worker);
  }

  /** Takes an own slot that was given back off the table. */
  dismiss(slot: WorkerSlot): void {
    this.#version += 1;
    this.#own.delete(slot);
    this.#heard.delete(slot);
  }

  /** The own slots of an agent, in their order. */
  ownSlots(agent: AgentName): readonly WorkerSlot[] {
    return [...this.#own.values()]
      .filter((worker) => worker.agent === agent)
      .map((worker) => worker.slot)
      .sort(bySlot);
  }

  /** Takes in a heartbeat. */
  hear(heartbeat: HeartbeatData, at: number): void {
    this.#version += 1;
    if (heartbeat.activity === "stopped") {
      this.#heard.delete(heartbeat.slot);
      return;
    }
    if (this.#heard.size >= MAXIMUM_WORKERS && !this.#heard.has(heartbeat.slot)) this.#forget(at);
    if (this.#heard.size >= MAXIMUM_WORKERS && !this.#heard.has(heartbeat.slot)) return;
    this.#heard.set(heartbeat.slot, { heartbeat, at });
  }

  /** Makes room: those that are no longer shown. */
  #forget(at: number): void {
    for (const [slot, heard] of this.#heard) {
      if (at - heard.at >= FORGET_AFTER_MS) this.#heard.delete(slot);
    }
  }

  /** Agents nobody plays: no own slot that is kept alive, and no foreign sign of life lately. */
  missingAgents(at: number, custom: readonly AgentName[] = []): readonly AgentName[] {
    return [...AGENT_NAMES, ...custom].filter((agent) => {
      const own = [...this.#own.values()].some((worker) => worker.agent === agent);
      const foreign = [...this.#heard.values()].some(
        ({ heartbeat, at: heardAt }) => heartbeat.agent === agent && at - heardAt < LOST_AFTER_MS,
      );
      return !own && !foreign;
    });
  }

  /** The picture at time `at`, in the order of agents and slots. */
  views(at: number): readonly WorkerView[] {
    const own = [...this.#own.values()].map((worker) => this.#ownView(worker));
    const foreign = [...this.#heard]
      .filter(([slot, heard]) => !this.#own.has(slot) && at - heard.at < FORGET_AFTER_MS)
      .map(([, heard]) => foreignView(heard, at));
    return [...own, ...foreign].sort(byAgentAndSlot);
  }

  #ownView(worker: SupervisedWorker): WorkerView {
    const heard = this.#heard.get(worker.slot);
    const { state } = worker;
    return {
      slot: worker.slot,
      agent: worker.agent,
      status: state.status,
      own: true,
      pid: "pid" in state ? state.pid : null,
      restarts: state.history.restarts,
      heartbeat: heard?.heartbeat ?? null,
      heartbeatAt: heard?.at ?? null,
      lastWords: worker.lastWords,
    };
  }
}

function foreignView({ heartbeat, at: heardAt }: Heard, at: number): WorkerView {
  return {
    slot: heartbeat.slot,
    agent: heartbeat.agent,
    status: at - heardAt > LOST_AFTER_MS ? "lost" : heartbeat.activity,
    own: false,
    pid: heartbeat.pid,
    restarts: 0,
    heartbeat,
    heartbeatAt: heardAt,
    lastWords: [],
  };
}

function byAgentAndSlot(left: WorkerView, right: WorkerView): number {
  const order = placeOf(left.agent) - placeOf(right.agent);
  return order === 0 ? bySlot(left.slot, right.slot) : order;
}

/** Built-in agents in their order, then those of the user's own. */
function placeOf(agent: AgentName): number {
  const names: readonly AgentName[] = AGENT_NAMES;
  const place = names.indexOf(agent);
  return place < 0 ? AGENT_NAMES.length : place;
}

/** Making one is slow, and slots are compared all the time. */
const byNumber = new Intl.Collator("en", { numeric: true });

/** Slots by their number: 2 before 10. */
function bySlot(left: WorkerSlot, right: WorkerSlot): number {
  return byNumber.compare(left, right);
}
