import { createServer, type Server, Socket } from "node:net";
import type { CancelTimer, Clock } from "../../base/clock.ts";
import type { Script } from "../scripts/script.ts";
import { BlockedClients } from "./blocking.ts";
import { Client, type Outbox } from "./client.ts";
import { ALL_COMMANDS } from "./command-table.ts";
import { initialSettings } from "./commands/configuration.ts";
import { Connection } from "./connection.ts";
import { Executor, type WriteUnit } from "./executor.ts";
import { Keyspace } from "./keyspace.ts";
import { type LogOptions, WriteLog } from "./log/write-log.ts";
import { OutputLimits } from "./output-limits.ts";
import { OutputTick } from "./output-tick.ts";
import { Subscriptions } from "./pubsub.ts";
import { scriptLibrary } from "./script-library.ts";
import { listenOnSocket } from "./socket-file.ts";
import { Statistics } from "./statistics.ts";

/** What an embedded broker is started with. */
export interface EmbeddedBrokerOptions {
  readonly socketPath: string;
  /** The only scripts it runs, by the SHA-1 of their Lua text. */
  readonly scripts: readonly Script[];
  readonly clock: Clock;
  /** Calls `onIdle` once nobody has been connected for so long. */
  readonly idleExitMs?: number;
  /** The same for the time before the first client comes. */
  readonly firstClientMs?: number;
  readonly onIdle?: () => void;
  /** The append-only file; without one the data end with the broker. */
  readonly log?: LogOptions;
  /** Hears of each change, after it was made and before the reply leaves. */
  readonly onWrite?: (unit: WriteUnit) => void;
  /** Hears of a bug in a command; the broker goes on. */
  readonly onBug?: (error: unknown) => void;
}

/** A broker that runs. */
export interface EmbeddedBroker {
  /**
   * Cuts all clients, closes the log and removes the socket. Never rejects; calling it again does
   * nothing more.
   */
  close(): Promise<void>;
  stats(): BrokerStats;
}

/** Numbers of a running broker. */
interface BrokerStats {
  readonly clients: number;
  readonly blockedClients: number;
  readonly keys: number;
  readonly commands: number;
}

/**
 * Starts a broker on a unix socket; resolves once clients can connect.
 * @throws OperatorError when its log is damaged or another broker has the socket.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const broker = new RunningBroker(options);
  await broker.listen();
  return broker;
}

/** A forgotten key is looked at this often; readers never see it in between. */
const EXPIRY_INTERVAL_MS = 100;
/** Keys looked at each time, which takes well below a millisecond. */
const EXPIRY_BATCH = 1000;
const FIRST_CLIENT_MS = 15_000;

/**
 * The server: sockets in, executor inside.
 *
 * Invariants:
 * 1. `clients` holds exactly the connected ones; a client that is gone neither blocks, listens nor
 *    watches.
 * 2. The idle timer runs exactly while there is no client, and never after `close`.
 * 3. The expiry timer runs exactly while a key has a time to live.
 */
class RunningBroker implements EmbeddedBroker {
  private readonly options: EmbeddedBrokerOptions;
  private readonly server: Server;
  private readonly keyspace = new Keyspace();
  private readonly clients = new Map<number, Client>();
  private readonly monitors = new Set<Client>();
  private readonly connections = new Map<Client, Connection>();
  private readonly subscriptions = new Subscriptions();
  private readonly blocked = new BlockedClients((client) => this.resumeSoon(client));
  private readonly counters = new Statistics();
  private readonly limits = new OutputLimits();
  private readonly tick = new OutputTick(() => this.log?.flush() ?? true);
  private readonly executor: Executor;
  private readonly log: WriteLog | undefined;
  /** Connections ever, which gives clients their ids. */
  private accepted = 0;
  private releaseSocket: () => void = () => undefined;
  private readonly outbox: Outbox;
  private cancelIdle: CancelTimer | undefined;
  private cancelExpiry: CancelTimer | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: EmbeddedBrokerOptions) {
    this.options = options;
    this.outbox = {
      limits: this.limits,
      now: () => options.clock.now(),
      add: (client) => this.tick.add(client),
      end: () => this.tick.end(),
    };
    this.server = createServer((socket) => this.accept(socket));
    const { keyspace } = this;
    // The log is played as by a client of its own, which nobody hears.
    const player = new Client(0, new Socket(), this.outbox);
    this.log =
      options.log &&
      new WriteLog(options.log, {
        keyspace,
        commands: ALL_COMMANDS,
        clock: options.clock,
        replay: (words) => this.executor.replay(player, words),
        soon: setImmediate,
      });
    this.executor = new Executor(
      {
        limits: this.limits,
        log: this.log,
        keyspace: this.keyspace,
        clients: this.clients,
        monitors: this.monitors,
        subscriptions: this.subscriptions,
        blocked: this.blocked,
        scripts: scriptLibrary(options.scripts),
        commands: ALL_COMMANDS,
        settings: initialSettings(options.socketPath),
        clock: options.clock,
        startedAt: options.clock.now(),
        counters: this.counters,
      },
      {
        onWrite: (unit, author) => this.takeChange(unit, author),
        writeRefusal: () => this.log?.refusal(),
        onBug: (error) => options.onBug?.(error),
      },
    );
  }

  async listen(): Promise<void> {
    this.log?.open();
    try {
      this.releaseSocket = await listenOnSocket(this.server, this.options.socketPath);
    } catch (error) {
      this.log?.close();
      throw error;
    }
    this.armExpiry();
    this.armIdle(this.options.firstClientMs ?? FIRST_CLIENT_MS);
  }

  stats(): BrokerStats {
    return {
      clients: this.clients.size,
      blockedClients: [...this.clients.values()].filter(({ blocked }) => blocked).length,
      keys: this.keyspace.size,
      commands: this.counters.commands,
    };
  }

  close(): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      this.cancelIdle?.();
      this.cancelExpiry?.();
      this.tick.end();
      this.releaseSocket();
      this.server.close(() => resolve());
      for (const client of this.clients.values()) client.close();
      this.log?.close();
    });
    return this.closing;
  }

  private takeChange(unit: WriteUnit, author: Client | undefined): void {
    this.armExpiry();
    this.log?.append(unit);
    this.tick.addChange(author);
    this.options.onWrite?.(unit);
  }

  private accept(socket: Socket): void {
    const { counters } = this;
    counters.connections += 1;
    this.cancelIdle?.();
    this.accepted += 1;
    const client = new Client(this.accepted, socket, this.outbox);
    this.clients.set(client.id, client);
    this.connections.set(client, new Connection(socket, client, this.executor));
    // A reset connection is reported here first; "close" follows in every case.
    socket.on("error", () => client.close());
    socket.on("close", () => this.forget(client));
  }

  private forget(client: Client): void {
    client.close();
    this.clients.delete(client.id);
    this.connections.delete(client);
    this.monitors.delete(client);
    this.blocked.forget(client);
    this.subscriptions.unsubscribeAll(client);
    this.keyspace.unwatch(client.watch);
    if (this.clients.size === 0) this.armIdle(this.options.idleExitMs);
  }

  private resumeSoon(client: Client): void {
    setImmediate(() => this.connections.get(client)?.resume());
  }

  private armIdle(delayMs: number | undefined): void {
    const { clock, idleExitMs, onIdle } = this.options;
    if (idleExitMs === undefined || delayMs === undefined || this.closing !== undefined) return;
    this.cancelIdle?.();
    this.cancelIdle = clock.after(delayMs, () => onIdle?.());
  }

  private armExpiry(): void {
    if (this.cancelExpiry !== undefined || this.keyspace.expiring === 0) return;
    this.cancelExpiry = this.options.clock.after(EXPIRY_INTERVAL_MS, () => {
      this.cancelExpiry = undefined;
      if (this.closing !== undefined) return;
      this.executor.expire(EXPIRY_BATCH);
      this.armExpiry();
    });
  }
}
