import type { Socket } from "node:net";
import type { Client } from "./client.ts";
import type { Executor } from "./executor.ts";
import { ProtocolError, RespParser } from "./resp-parser.ts";

/**
 * Feeds the commands of one socket to the executor, in order.
 *
 * Invariants:
 * 1. While the client is blocked its further commands wait; `resume` goes on with them.
 * 2. After a protocol error or a closing reply nothing more is read.
 */
export class Connection {
  private readonly client: Client;
  private readonly executor: Executor;
  private readonly parser = new RespParser();

  constructor(socket: Socket, client: Client, executor: Executor) {
    this.client = client;
    this.executor = executor;
    socket.on("data", (chunk: Buffer) => {
      this.parser.push(chunk);
      this.resume();
    });
  }

  /** Runs what has come in, as far as that is possible now. */
  resume(): void {
    const { client } = this;
    try {
      while (client.blocked === undefined && !client.closed) {
        const words = this.parser.next();
        if (words === undefined) return;
        this.executor.execute(client, words);
        if (client.closing) client.closeAfterReplies();
      }
      if (!client.closed) this.parser.checkSize();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      client.send({ type: "error", message: `ERR Protocol error: ${error.message}` });
      client.closeAfterReplies();
    }
  }
}
