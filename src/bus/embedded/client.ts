import type { Socket } from "node:net";
import type { CancelTimer } from "../../base/clock.ts";
import type { Watch } from "./keyspace.ts";
import type { Subscriber } from "./pubsub.ts";
import type { Protocol, Reply } from "./reply.ts";
import { encodeReply } from "./resp-writer.ts";

/** A client with more bytes than this waiting is cut: it does not read what it asked for. */
const OUTPUT_LIMIT_BYTES = 32 * 1024 * 1024;

/** What a MULTI has queued. */
export interface Transaction {
  readonly queued: (readonly string[])[];
  /** A command could not be queued, so EXEC will refuse. */
  failed: boolean;
}

/** A read that waits for a stream to grow. */
export interface BlockedRead {
  readonly keys: readonly string[];
  /** The command, for the log of writes. */
  readonly command: readonly string[];
  /** The reply once there is something to read, undefined to wait on; may throw CommandError. */
  readonly attempt: () => Reply | undefined;
  readonly onTimeout: Reply;
  cancelTimer: CancelTimer;
}

/**
 * One connection: what it asked for and what it is still to be sent.
 *
 * Invariants:
 * 1. Replies and messages leave in the order of `send` and `sendEncoded`; those of one tick of the
 *    event loop leave in one write.
 * 2. While `blocked` is set no further command of the client runs; messages still reach it.
 * 3. Once closed it sends nothing; `close` may be called again.
 */
export class Client implements Subscriber {
  readonly id: number;
  readonly connectedAt: number;
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  protocol: Protocol = 2;
  clientName = "";
  lastCommand = "NULL";
  lastActiveAt: number;
  transaction: Transaction | undefined;
  readonly watch: Watch = { keys: new Set(), dirty: false };
  blocked: BlockedRead | undefined;
  replyMode: "on" | "off" | "skip-next" | "skip" = "on";
  /** Ends once its replies are sent. */
  closing = false;
  closed = false;
  private readonly socket: Socket;
  private outgoing = "";
  private flushing: NodeJS.Immediate | undefined;

  constructor(id: number, socket: Socket, now: number) {
    this.id = id;
    this.socket = socket;
    this.connectedAt = now;
    this.lastActiveAt = now;
  }

  /** Bytes accepted for the client and not yet taken by the operating system. */
  get outputBytes(): number {
    return this.outgoing.length + this.socket.writableLength;
  }

  /** Whether RESP2 limits the client to the commands of a subscriber. */
  get isRestricted(): boolean {
    return this.protocol === 2 && this.subscriptionCount > 0;
  }

  /** How many channels and patterns it listens to. */
  get subscriptionCount(): number {
    return this.channels.size + this.patterns.size;
  }

  /** Sends the reply of a command, unless the client asked for silence. */
  reply(reply: Reply): void {
    if (this.replyMode === "on") this.send(reply);
    else if (this.replyMode === "skip-next") this.replyMode = "skip";
    else if (this.replyMode === "skip") this.replyMode = "on";
  }

  /** Sends something at the end of this tick. */
  send(reply: Reply): void {
    this.sendEncoded(encodeReply(reply, this.protocol));
  }

  /** Sends bytes (as a latin1 string) at the end of this tick. */
  sendEncoded(text: string): void {
    if (this.closed || text === "") return;
    this.outgoing += text;
    if (this.outputBytes > OUTPUT_LIMIT_BYTES) this.close();
    else this.flushing ??= setImmediate(() => this.flush());
  }

  /** Sends what is waiting and ends the connection. */
  closeAfterReplies(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    this.socket.end(() => this.socket.destroy());
  }

  /** Cuts the connection. */
  close(): void {
    if (this.flushing !== undefined) clearImmediate(this.flushing);
    this.closed = true;
    this.outgoing = "";
    this.socket.destroy();
  }

  private flush(): void {
    if (this.flushing !== undefined) clearImmediate(this.flushing);
    this.flushing = undefined;
    if (this.closed || this.outgoing === "") return;
    this.socket.write(this.outgoing, "latin1");
    this.outgoing = "";
  }
}
