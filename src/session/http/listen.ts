/** The session API on a port of this machine or a unix socket. */
import { chmodSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import { connect } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { errorMessage } from "../../base/error-message.ts";
import { OperatorError } from "../../base/operator-error.ts";

/** How long a request's head and body may take, milliseconds. */
const REQUEST_MS = 30_000;

/** Connections at once, followers of events included. */
const CONNECTIONS_MAX = 200;

/** Where to listen. */
export type ListenPlace =
  | { readonly host: string; readonly port: number }
  | { readonly socket: string };

/** A server that listens. */
export interface ListeningServer {
  /** Its URL, or the path of its socket. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves `fetch`; resolves when it listens.
 * @throws OperatorError `usage` when the place is taken or not ours.
 */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  place: ListenPlace,
): Promise<ListeningServer> {
  const server = createAdaptorServer({
    fetch,
    createServer,
    serverOptions: { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
  }) as Server;
  server.maxConnections = CONNECTIONS_MAX;
  if ("socket" in place) await removeStaleSocket(place.socket);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      if ("socket" in place) server.listen(place.socket, resolve);
      else server.listen(place.port, place.host, resolve);
    });
  } catch (cause) {
    throw refused(place, errorMessage(cause), cause);
  }
  if ("socket" in place) chmodSync(place.socket, 0o600);
  return {
    address: addressOf(server, place),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function addressOf(server: Server, place: ListenPlace): string {
  if ("socket" in place) return place.socket;
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : place.port;
  return `http://${place.host.includes(":") ? `[${place.host}]` : place.host}:${port}`;
}

/** Removes a socket that nobody listens on any more. */
async function removeStaleSocket(path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once("error", () => resolve(false));
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
  });
  if (!alive) rmSync(path, { force: true });
}

function refused(place: ListenPlace, why: string, cause: unknown): OperatorError {
  const where = "socket" in place ? place.socket : `${place.host}:${place.port}`;
  const message = `cannot listen on ${where}: ${why}`;
  const nextStep = "choose another --port or --socket, or end what uses it";
  return new OperatorError({ code: "usage", message, nextStep }, { cause });
}
