/**
 * Connections to Redis, one role each, because a blocking read holds its connection.
 *
 * C1 Only idempotent scripts and reads go through a command connection: ioredis sends commands
 *    again after a cut reply.
 * C2 A connection that owes an answer for too long is opened anew, or a half-open socket would hang
 *    for ever; a blocking one may owe it for longer than its longest block. A subscriber is asked
 *    for a sign of life, as it would otherwise never notice.
 * C3 Every connection has an error listener; an outage is told once, not at every attempt.
 * C4 Commands wait for a connection in bounded number, and one that was given up is not sent later.
 * C5 Looking for a server has a deadline of its own, whatever the client waits for.
 */
import type { RedisOptions } from "ioredis";
import { Cluster, Redis } from "ioredis";
import type { BusAddress } from "./address.ts";
import { splitHosts } from "./address.ts";

type Options = Omit<RedisOptions, "replyMapping">;

/** What a connection is for. */
export type ConnectionRole = "command" | "blocking" | "subscriber";

/** A connection to one server or to a cluster; both speak the same commands. */
export type RedisConnection = Redis | Cluster;

/** Longest time a read may block, milliseconds. */
export const BLOCK_MS = 5000;

/** A command that has no answer after this long is given up, its outcome unknown. */
const COMMAND_TIMEOUT_MS = 5000;

/** How often a subscriber is asked for a sign of life, and how long it may take to give it. */
const PING_MS = 5000;

/** Commands that wait for a connection at most; more are refused. */
const WAITING_COMMANDS = 1000;

/** Longest pause between two attempts to connect. */
const MAXIMUM_RECONNECT_MS = 1000;

/** What happens to a connection. */
export interface ConnectionListener {
  onUp(): void;
  /** Called once per outage. */
  onDown(cause: Error): void;
}

/** Opens a connection and keeps it open; connects in the background. */
export function openConnection(
  address: BusAddress,
  role: ConnectionRole,
  listener?: ConnectionListener,
): RedisConnection {
  const connection = build(address, optionsFor(role));
  if (role === "command" && connection instanceof Redis) writeTogether(connection);
  if (role === "command") boundWaiting(connection);
  let down = false;
  const fail = (cause: Error): void => {
    if (down) return; // C3
    down = true;
    listener?.onDown(cause);
  };
  connection.on("error", fail);
  connection.on("close", () => fail(new Error("the connection was closed")));
  if (role === "subscriber" && connection instanceof Redis) keepAsking(connection);
  connection.on("ready", () => {
    down = false;
    listener?.onUp();
  });
  return connection;
}

/** C2 */
function keepAsking(subscriber: Redis): void {
  const timer = setInterval(() => {
    if (subscriber.status === "ready") subscriber.ping().catch(() => undefined);
  }, PING_MS);
  timer.unref();
  subscriber.once("end", () => clearInterval(timer));
}

/** What the client says to a server before it is ready; never refused. */
const GREETINGS: ReadonlySet<string> = new Set(["hello", "auth", "select", "client", "info"]);

/** C4: the client itself keeps any number, and sends also what has timed out. */
function boundWaiting(connection: {
  readonly status: string;
  sendCommand: Cluster["sendCommand"];
}): void {
  const send = connection.sendCommand.bind(connection);
  const waiting = new Set<object>();
  connection.sendCommand = (command, stream, node) => {
    if (command.isSettled) return command.promise;
    if (connection instanceof Cluster) command.setTimeout(COMMAND_TIMEOUT_MS);
    if (connection.status !== "ready" && !waiting.has(command)) {
      if (waiting.size >= WAITING_COMMANDS && !GREETINGS.has(command.name)) {
        command.reject(new Error(`Redis is away and ${WAITING_COMMANDS} commands wait for it`));
        return command.promise;
      }
      waiting.add(command);
      const settle = (): boolean => waiting.delete(command);
      command.promise.then(settle, settle);
    }
    return send(command, stream, node);
  };
}

/** Commands sent one right after the other leave in one write to the socket. */
function writeTogether(connection: Redis): void {
  const send = connection.sendCommand.bind(connection);
  let isHeld = false;
  connection.sendCommand = (command, stream) => {
    const socket = connection.stream;
    if (!isHeld && connection.status === "ready") {
      isHeld = true;
      socket.cork();
      process.nextTick(() => {
        isHeld = false;
        socket.uncork();
      });
    }
    return send(command, stream);
  };
}

/** What a probe has learned of a bus. */
export interface ProbedBus {
  /** The server's version; "" when it does not tell. */
  readonly version: string;
  /** How it is best reached; differs from what was given for a cluster of one node. */
  readonly address: BusAddress;
}

/**
 * Connects once, without retrying.
 * @throws the connection's error when it cannot be reached within `timeoutMs`.
 */
export async function probe(address: BusAddress, timeoutMs: number): Promise<ProbedBus> {
  const found = address.kind === "cluster" ? await lookAtCluster(address.url, timeoutMs) : address;
  const connection = build(found, probing(timeoutMs, found.kind === "cluster"));
  let problem: Error | undefined;
  const note = (cause: Error): void => {
    problem ??= cause;
  };
  connection.on("error", note);
  connection.on("node error", note);
  try {
    const version = await inTime(timeoutMs, async () => {
      await connection.connect();
      const info = await connection.info("server").catch(() => ""); // May be forbidden to a guest.
      if (info === "") await connection.ping();
      return /^redis_version:(\S+)/m.exec(info)?.[1] ?? "";
    });
    return { version, address: found };
  } catch (cause) {
    throw problem ?? cause;
  } finally {
    connection.disconnect();
  }
}

/**
 * Asks the named nodes of a cluster one after the other who has which slots. A node that has never
 * met another does not know its own address and tells none, and the client then waits for ever; it
 * has every slot, so it is used as the single server it is.
 */
async function lookAtCluster(url: string, timeoutMs: number): Promise<BusAddress> {
  let problem: unknown;
  for (const { host, port } of splitHosts(url).hosts) {
    const node = singleNode(url, host, port);
    const connection = build(node, probing(timeoutMs, false));
    connection.on("error", (cause: Error) => {
      problem ??= cause;
    });
    try {
      const slots: unknown = await inTime(timeoutMs, async () => {
        await connection.connect();
        return await connection.call("CLUSTER", "SLOTS");
      });
      return knowsAddresses(slots) ? { kind: "cluster", url } : node;
    } catch (cause) {
      problem ??= cause;
    } finally {
      connection.disconnect();
    }
  }
  throw problem ?? new Error("no node was named");
}

function knowsAddresses(slots: unknown): boolean {
  if (!Array.isArray(slots) || slots.length === 0) throw new Error("no node of it has any slot");
  return slots.every((range: unknown) => {
    const owner: unknown = Array.isArray(range) ? range[2] : undefined;
    return Array.isArray(owner) && typeof owner[0] === "string" && owner[0] !== "";
  });
}

/** The address of one node, with the cluster's credentials. */
function singleNode(url: string, host: string, port: number): BusAddress {
  const credentials = /^[a-z-]+:\/\/([^/]*@)?/.exec(url)?.[1] ?? "";
  const scheme = url.startsWith("rediss") ? "rediss" : "redis";
  const name = host.includes(":") ? `[${host}]` : host;
  return { kind: "single", url: `${scheme}://${credentials}${name}:${port}` };
}

function probing(timeoutMs: number, queues: boolean): Options {
  return {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableOfflineQueue: queues,
  };
}

/** C5: connecting may neither succeed nor fail for ever. */
async function inTime<Value>(limitMs: number, work: () => Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function optionsFor(role: ConnectionRole): Options {
  const shared: Options = {
    maxRetriesPerRequest: null,
    maxLoadingRetryTime: 200,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAXIMUM_RECONNECT_MS),
    connectionName: "aimie-console",
  };
  // C2: a command given up leaves its socket in doubt, so that is given up as well.
  const answers = { commandTimeout: COMMAND_TIMEOUT_MS, socketTimeout: COMMAND_TIMEOUT_MS + 1000 };
  if (role === "blocking") return { ...shared, socketTimeout: BLOCK_MS + 3000 };
  return role === "command" ? { ...shared, ...answers } : { ...shared, socketTimeout: PING_MS };
}

function build(address: BusAddress, options: Options): RedisConnection {
  switch (address.kind) {
    case "unix":
      return new Redis({ ...options, path: address.path });
    case "single":
      return new Redis(address.url, options);
    case "sentinel": {
      const { hosts, username, password, name } = splitHosts(address.url);
      return new Redis({
        ...options,
        sentinels: [...hosts],
        // Without this, a probe of sentinels that do not answer would never end.
        ...(options.maxRetriesPerRequest === 0 ? { sentinelRetryStrategy: () => null } : {}),
        name: name === "" ? "mymaster" : name,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      });
    }
    case "cluster":
      return buildCluster(address.url, options);
  }
}

function buildCluster(url: string, options: Options): Cluster {
  const { hosts, username, password } = splitHosts(url);
  const { lazyConnect, retryStrategy: _, ...redisOptions } = options;
  return new Cluster([...hosts], {
    ...(lazyConnect === undefined ? {} : { lazyConnect }),
    clusterRetryStrategy: (attempt) =>
      options.maxRetriesPerRequest === 0 ? null : Math.min(50 * attempt, MAXIMUM_RECONNECT_MS),
    redisOptions: {
      ...redisOptions,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(url.startsWith("rediss") ? { tls: {} } : {}),
    },
  });
}
