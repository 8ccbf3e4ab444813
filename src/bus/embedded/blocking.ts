import type { BlockedRead, Client } from "./client.ts";
import type { Reply } from "./reply.ts";

/** How a blocked read is tried: runs `attempt` as a command of its own; never throws. */
export type TryRead = (client: Client, read: BlockedRead) => Reply | undefined;

/**
 * The clients that wait for a stream to grow.
 *
 * Invariants:
 * 1. A client is listed under each of its keys exactly while `client.blocked` is set.
 * 2. The clients of a key are tried in the order in which they came to wait.
 * 3. Nothing runs a further command inside `release`: the owner hears of it by `onReleased`.
 */
export class BlockedClients {
  private readonly waiting = new Map<string, Set<Client>>();
  private readonly onReleased: (client: Client) => void;

  constructor(onReleased: (client: Client) => void) {
    this.onReleased = onReleased;
  }

  /** Makes the client wait. */
  block(client: Client, read: BlockedRead): void {
    client.blocked = read;
    for (const key of read.keys) {
      const clients = this.waiting.get(key) ?? new Set();
      this.waiting.set(key, clients.add(client));
    }
  }

  /** Ends the wait with a reply; does nothing when the client does not wait. */
  release(client: Client, reply: Reply): void {
    if (!this.forget(client)) return;
    client.reply(reply);
    this.onReleased(client);
  }

  /** Ends the wait without a reply, as for a connection that is gone. */
  forget(client: Client): boolean {
    const read = client.blocked;
    if (read === undefined) return false;
    client.blocked = undefined;
    read.cancelTimer();
    for (const key of read.keys) {
      const clients = this.waiting.get(key);
      clients?.delete(client);
      if (clients?.size === 0) this.waiting.delete(key);
    }
    return true;
  }

  /** Tries the clients that wait for one of these keys, and empties the set. */
  serve(touched: Set<string>, tryRead: TryRead): void {
    if (this.waiting.size === 0) touched.clear();
    for (const key of touched) {
      touched.delete(key);
      for (const client of [...(this.waiting.get(key) ?? [])]) this.tryOne(client, tryRead);
    }
  }

  private tryOne(client: Client, tryRead: TryRead): void {
    if (client.blocked === undefined) return;
    const reply = tryRead(client, client.blocked);
    if (reply !== undefined) this.release(client, reply);
  }
}
