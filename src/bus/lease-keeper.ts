/**
 * Keeps the leases of tasks in hand, from a thread of its own: a worker that is busy computing does
 * not lose its task, because the renewal does not wait for its event loop.
 *
 * B1 A lease is renewed at a third of its length, or sooner.
 * B2 Whoever holds a task is told once when its lease is lost; a renewal that could not be sent is
 *    no loss, it is repeated.
 * B3 A thread that ends is started again, with everything that is held.
 * B4 What is held is written on a board that the thread looks at; it is woken for no task.
 */
import { isDeepStrictEqual } from "node:util";
import { Worker } from "node:worker_threads";
import { Redis } from "ioredis";
import type { BusAddress } from "./address.ts";
import { splitHosts } from "./address.ts";
import type { RedisConnection } from "./connection.ts";
import type { BoardMemory } from "./lease-board.ts";
import { newBoardMemory, writeBoard } from "./lease-board.ts";

/** Keeps leases until they are released. */
export interface LeaseKeeper {
  /**
   * Renews the lease of an entry from now on; call what it answers to let go. All entries are of
   * one stream.
   */
  hold(entry: HeldEntry, onLost: () => void): () => void;
  close(): Promise<void>;
}

/** An entry whose lease is kept. */
export interface HeldEntry {
  readonly stream: string;
  readonly id: string;
}

/** Where the thread finds the server. */
export type ServerEndpoint =
  | { readonly path: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly tls: boolean;
      readonly username: string | undefined;
      readonly password: string | undefined;
      readonly database: number;
    };

/** Where the bus is, and a connection to it: behind sentinels it knows which server leads. */
export interface LeaseBus {
  readonly address: BusAddress;
  readonly command: RedisConnection;
}

/** What the thread is told at its start. */
export interface LeaseKeeperOptions {
  readonly group: string;
  readonly consumer: string;
  readonly leaseMs: number;
}

/** What the thread is given besides. */
export interface LeaseThreadData extends LeaseKeeperOptions {
  readonly board: BoardMemory;
}

/** What the thread is told later: where the entries on the board are. */
export interface LeasePlace {
  readonly stream: string;
  readonly endpoint: ServerEndpoint;
}

/** What the thread tells; `holding` is the number on the board. */
export type LeaseNews =
  | { readonly type: "lost"; readonly holding: number }
  | { readonly type: "problem"; readonly message: string };

/** The thread's program lies beside this one, in the source and in the bundle. */
const THREAD = new URL(
  import.meta.url.endsWith(".ts") ? "./lease-keeper-thread.ts" : "./lease-keeper-thread.js",
  import.meta.url,
);

/** Starts the thread. */
export function startLeaseKeeper(
  bus: LeaseBus,
  options: LeaseKeeperOptions,
  onProblem: (cause: unknown) => void,
): LeaseKeeper {
  const memory = newBoardMemory();
  const board = writeBoard(memory);
  const held = new Map<number, () => void>();
  const mayMove = bus.address.kind === "sentinel" || bus.address.kind === "cluster";
  let place: LeasePlace | undefined;
  let closed = false;
  const hear = (news: LeaseNews): void => {
    if (news.type === "problem") {
      onProblem(new Error(news.message));
      return;
    }
    const onLost = held.get(news.holding);
    held.delete(news.holding);
    board.take(news.holding);
    onLost?.(); // B2
  };
  const start = (): Worker => {
    const workerData: LeaseThreadData = { ...options, board: memory };
    const thread = new Worker(THREAD, { workerData });
    thread.unref();
    thread.on("message", hear);
    thread.on("error", onProblem);
    thread.on("exit", () => {
      if (!closed) worker = start(); // B3
    });
    if (place !== undefined) thread.postMessage(place);
    return thread;
  };
  let worker = start();
  return {
    hold({ stream, id }, onLost) {
      if (place?.stream !== stream || mayMove) {
        const present: LeasePlace = { stream, endpoint: endpointOf(bus) };
        if (!isDeepStrictEqual(place, present)) worker.postMessage(present);
        place = present;
      }
      const holding = board.put(id); // B4
      held.set(holding, onLost);
      return () => {
        held.delete(holding);
        board.take(holding);
      };
    },
    async close() {
      closed = true;
      await worker.terminate();
    },
  };
}

function endpointOf({ address, command }: LeaseBus): ServerEndpoint {
  if (address.kind === "unix") return { path: address.path };
  const { hosts, username, password, name } = splitHosts(address.url);
  const leader = address.kind === "single" ? hosts[0] : serverOf(command);
  return {
    host: leader?.host ?? "localhost",
    port: leader?.port ?? 6379,
    tls: address.url.startsWith("rediss:"),
    username,
    password,
    database: address.kind === "single" ? Number.parseInt(name, 10) || 0 : 0,
  };
}

/** The server at the other end of a connection. */
function serverOf(command: RedisConnection): { host: string; port: number } | undefined {
  if (!(command instanceof Redis) || !("remoteAddress" in command.stream)) return undefined;
  const { remoteAddress: host, remotePort: port } = command.stream;
  return host === undefined || port === undefined ? undefined : { host, port };
}
