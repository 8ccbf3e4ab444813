/**
 * Connections to Redis, one role each, because a blocking read holds its connection.
 *
 * C1 Only idempotent scripts and reads go through a command connection: ioredis sends commands
 *    again after a cut reply.
 * C2 A blocking connection has a socket timeout longer than its longest block, or a half-open
 *    socket would hang for ever.
 * C3 Every connection has an error listener; an outage is told once, not at every attempt.
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
  let down = false;
  const fail = (cause: Error): void => {
    if (down) return; // C3
    down = true;
    listener?.onDown(cause);
  };
  connection.on("error", fail);
  connection.on("close", () => fail(new Error("the connection was closed")));
  connection.on("ready", () => {
    down = false;
    listener?.onUp();
  });
  return connection;
}

/**
 * Connects once, without retrying; resolves with the server's version, as far as it tells.
 * @throws the connection's error when it cannot be reached within `timeoutMs`.
 */
export async function probe(address: BusAddress, timeoutMs: number): Promise<string> {
  const connection = build(address, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableOfflineQueue: address.kind === "cluster",
  });
  let problem: Error | undefined;
  connection.on("error", (cause: Error) => {
    problem ??= cause;
  });
  try {
    await connection.connect();
    const info = await connection.info("server").catch(() => ""); // May be forbidden to a guest.
    if (info === "") await connection.ping();
    return /^redis_version:(\S+)/m.exec(info)?.[1] ?? "";
  } catch (cause) {
    throw problem ?? cause;
  } finally {
    connection.disconnect();
  }
}

function optionsFor(role: ConnectionRole): Options {
  const shared: Options = {
    maxRetriesPerRequest: null,
    maxLoadingRetryTime: 200,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAXIMUM_RECONNECT_MS),
    connectionName: "aimie-console",
  };
  if (role === "command") return { ...shared, commandTimeout: COMMAND_TIMEOUT_MS };
  if (role === "blocking") return { ...shared, socketTimeout: BLOCK_MS + 3000 }; // C2
  return shared;
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
