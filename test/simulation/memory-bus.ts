/**
 * A bus in memory: the embedded broker's own keyspace, commands and scripts, reached through
 * connections whose every command waits until the world lets it happen — or fail.
 *
 * B1 Commands of one connection happen in their order; nothing happens by itself.
 * B2 A connection that was cut off never answers again, and its commands are never carried out.
 * B3 What was written is remembered, so that the bus can go back to what it was at any change.
 */
import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { systemClock } from "../../src/base/clock.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { BlockedClients } from "../../src/bus/embedded/blocking.ts";
import { Client } from "../../src/bus/embedded/client.ts";
import { ALL_COMMANDS } from "../../src/bus/embedded/command-table.ts";
import { Executor } from "../../src/bus/embedded/executor.ts";
import { Keyspace } from "../../src/bus/embedded/keyspace.ts";
import { OutputLimits } from "../../src/bus/embedded/output-limits.ts";
import { Subscriptions } from "../../src/bus/embedded/pubsub.ts";
import type { Reply } from "../../src/bus/embedded/reply.ts";
import { scriptLibrary } from "../../src/bus/embedded/script-library.ts";
import { Statistics } from "../../src/bus/embedded/statistics.ts";
import { ALL_SCRIPTS } from "../../src/bus/scripts/all-scripts.ts";

/** A command on its way. */
interface Operation {
  readonly words: readonly string[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: Error) => void;
  /** For a blocking read that found nothing: the keyspace it has seen. */
  seenChanges: number;
  isOverdue: boolean;
}

/** What may become of a command. */
export type Fate = "done" | "done-twice" | "done-unanswered" | "lost";

class MemoryClient extends Client {
  last: Reply = null;

  constructor(id: number, limits: OutputLimits) {
    const nothing = (): void => undefined;
    super(id, new Socket(), { limits, now: () => 0, add: nothing, end: nothing });
  }

  override reply(reply: Reply): void {
    this.last = reply;
  }
}

class RecordedTopics extends Subscriptions {
  readonly #onPublish: (channel: string, text: string) => void;

  constructor(onPublish: (channel: string, text: string) => void) {
    super();
    this.#onPublish = onPublish;
  }

  override publish(channel: string, message: string): number {
    this.#onPublish(channel, message);
    return 0;
  }
}

/** What a world is told of its bus. */
interface MemoryBusOptions {
  readonly onWrite: (commands: Unit) => void;
  readonly onPublish: (channel: string, text: string) => void;
}

/** The commands of one change. */
type Unit = readonly (readonly string[])[];

/** The memory behind all connections of a world. */
export class MemoryBus {
  readonly #options: MemoryBusOptions;
  readonly #limits = new OutputLimits();
  readonly #client = new MemoryClient(1, this.#limits);
  #keyspace = new Keyspace();
  #executor: Executor;
  #units: Unit[] = [];
  /** Changes of keyspaces that were lost. */
  #earlier = 0;

  constructor(options: MemoryBusOptions) {
    this.#options = options;
    this.#executor = this.#open();
  }

  #open(): Executor {
    return new Executor(
      {
        keyspace: this.#keyspace,
        clients: new Map(),
        monitors: new Set(),
        subscriptions: new RecordedTopics(this.#options.onPublish),
        blocked: new BlockedClients(() => undefined),
        scripts: scriptLibrary(ALL_SCRIPTS),
        commands: ALL_COMMANDS,
        settings: new Map(),
        clock: systemClock,
        startedAt: 0,
        counters: new Statistics(),
        limits: this.#limits,
        log: undefined,
      },
      {
        onWrite: (unit) => {
          this.#units.push(unit);
          this.#options.onWrite(unit);
        },
        writeRefusal: () => undefined,
        onBug: (error) => {
          throw error;
        },
      },
    );
  }

  /** How often anything was changed. */
  get changes(): number {
    return this.#earlier + this.#keyspace.changes;
  }

  /** How many changes there are to go back through. */
  get length(): number {
    return this.#units.length;
  }

  /** Goes back to what it held after so many of its changes: B3. */
  goBack(length: number): void {
    this.#earlier += this.#keyspace.changes + 1;
    this.#units = this.#units.slice(0, length);
    this.#keyspace = new Keyspace();
    this.#executor = this.#open();
    this.#keyspace.loading = true;
    for (const words of this.#units.flat()) this.#executor.replay(this.#client, words);
    this.#keyspace.loading = false;
  }

  /** Carries out a command at once. */
  execute(words: readonly string[]): unknown {
    this.#executor.execute(this.#client, words);
    return plain(this.#client.last);
  }
}

/** A connection of one actor, as far as our code uses one. */
export class MemoryConnection extends EventEmitter {
  isCut = false;
  readonly patterns: string[] = [];
  readonly #bus: MemoryBus;
  readonly #queue: Operation[] = [];

  constructor(bus: MemoryBus) {
    super();
    this.#bus = bus;
    this.setMaxListeners(0);
  }

  /** The connection as our code sees it: any command is a method. */
  asRedis(): RedisConnection {
    const send = (words: readonly unknown[]): Promise<unknown> => this.#send(words.map(String));
    const special = {
      status: "ready",
      disconnect: () => undefined,
      psubscribe: (...names: string[]) => this.#subscribe(names),
      call: (...words: unknown[]) => send(words),
    };
    const proxy = new Proxy(this, {
      get(target, name) {
        if (name === "on" || name === "off") return target[name].bind(target);
        // A promise would be asked for it.
        if (name === "then") return undefined;
        if (Object.hasOwn(special, name)) return Reflect.get(special, name);
        return (...words: unknown[]) => send([String(name), ...words]);
      },
    });
    return proxy as unknown as RedisConnection;
  }

  /** Whether a command could happen now. */
  get isReady(): boolean {
    const [head] = this.#queue;
    if (this.isCut || head === undefined) return false;
    return head.isOverdue || head.seenChanges !== this.#bus.changes;
  }

  /** Lets the first command happen, in one of the ways it may. */
  perform(fate: Fate): void {
    const [head] = this.#queue;
    if (head === undefined) return;
    const answer = fate === "lost" ? undefined : this.#carryOut(head);
    if (fate === "done-twice") {
      // The reply was cut and the command sent again, as ioredis does.
      this.#finish(head, this.#carryOut(head));
      this.emit("ready");
    } else if (fate === "done") this.#finish(head, answer);
    else {
      this.#queue.shift();
      head.reject(new Error("Command timed out"));
    }
  }

  /** The server came back: what waits is sent again, or given up. */
  reconnect(isSentAgain: boolean): void {
    for (const { reject } of isSentAgain ? [] : this.#queue.splice(0)) {
      reject(new Error("Connection is closed."));
    }
    this.emit("ready");
  }

  #finish(head: Operation, answer: unknown): void {
    if (answer === null && head.words.includes("BLOCK") && !head.isOverdue) {
      head.seenChanges = this.#bus.changes;
      return;
    }
    this.#queue.shift();
    if (answer instanceof Error) head.reject(answer);
    else head.resolve(answer);
  }

  #carryOut({ words }: Operation): unknown {
    const block = words.indexOf("BLOCK");
    return this.#bus.execute(block < 0 ? words : words.toSpliced(block, 2));
  }

  #send(words: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const operation = { words, resolve, reject, seenChanges: -1, isOverdue: false };
      this.#queue.push(operation);
      const block = words.indexOf("BLOCK");
      if (block < 0) return;
      setTimeout(
        () => {
          operation.isOverdue = true;
        },
        Number(words[block + 1]),
      );
    });
  }

  #subscribe(names: readonly string[]): Promise<number> {
    this.patterns.push(...names);
    return Promise.resolve(names.length);
  }
}

/** A reply as ioredis would give it. */
function plain(reply: Reply): unknown {
  if (reply === null || typeof reply !== "object") return reply;
  if (Array.isArray(reply)) return reply.map((one: Reply) => plain(one));
  if (!("type" in reply)) return reply;
  switch (reply.type) {
    case "status":
      return reply.text;
    case "error":
      return new Error(reply.message);
    case "map":
      return reply.pairs.flatMap((pair) => pair.map((one: Reply) => plain(one)));
    case "double":
      return String(reply.value);
    default:
      return null;
  }
}
