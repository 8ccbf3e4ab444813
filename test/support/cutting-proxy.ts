/**
 * A proxy in front of a server's unix socket that can cut a connection just after its work was done,
 * or let all that are open go silent without closing them.
 */
import { rmSync } from "node:fs";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { BusAddress } from "../../src/bus/address.ts";

/** A proxy of a test's own. */
export interface CuttingProxy {
  readonly address: BusAddress;
  /**
   * The next reply to a request that holds `text` is swallowed and its connection closed; resolves
   * when that has happened.
   */
  cutNextReply(text?: string): Promise<void>;
  /** Connections that are open stay so, but nothing goes through them any more, either way. */
  silence(): void;
  close(): void;
}

/** Starts a proxy for the server at `path`. */
export async function startCuttingProxy(path: string): Promise<CuttingProxy> {
  const own = `${path}.proxy`;
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const silent = new Set<Socket>();
  let cut: { readonly text: string; readonly done: () => void } | undefined;
  const server = createServer((client) => {
    const upstream = connect(path);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        if (silent.has(client)) return; // The other side does not learn of it.
        client.destroy();
        upstream.destroy();
      });
    }
    let isMeant = false;
    client.on("data", (chunk) => {
      if (silent.has(client)) return;
      isMeant = cut !== undefined && (isMeant || chunk.includes(cut.text));
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (silent.has(client)) return;
      if (cut === undefined || !isMeant) {
        client.write(chunk);
        return;
      }
      const { done } = cut;
      cut = undefined;
      client.destroy();
      done();
    });
    clients.add(client);
    client.on("close", () => clients.delete(client));
  });
  await new Promise<void>((resolve) => server.listen(own, resolve));
  return {
    address: { kind: "unix", path: own },
    cutNextReply: (text = "") =>
      new Promise((resolve) => {
        cut = { text, done: resolve };
      }),
    silence() {
      for (const client of clients) silent.add(client);
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      rmSync(own, { force: true });
    },
  };
}
