/** A proxy in front of a server's unix socket that can cut a connection just after its work was done. */
import { rmSync } from "node:fs";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { BusAddress } from "../../src/bus/address.ts";

/** A proxy of a test's own. */
export interface CuttingProxy {
  readonly address: BusAddress;
  /** The next reply is swallowed and its connection closed; resolves when that has happened. */
  cutNextReply(): Promise<void>;
  close(): void;
}

/** Starts a proxy for the server at `path`. */
export async function startCuttingProxy(path: string): Promise<CuttingProxy> {
  const own = `${path}.proxy`;
  const sockets = new Set<Socket>();
  let cut: (() => void) | undefined;
  const server = createServer((client) => {
    const upstream = connect(path);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => {
      if (cut === undefined) {
        client.write(chunk);
        return;
      }
      const done = cut;
      cut = undefined;
      client.destroy();
      done();
    });
  });
  await new Promise<void>((resolve) => server.listen(own, resolve));
  return {
    address: { kind: "unix", path: own },
    cutNextReply: () =>
      new Promise((resolve) => {
        cut = resolve;
      }),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      rmSync(own, { force: true });
    },
  };
}
