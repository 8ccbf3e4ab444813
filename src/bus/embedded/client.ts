import type { Socket } from "node:net";
import type { CancelTimer } from "../../base/clock.ts";
import type { Watch } from "./keyspace.ts";
import { type ClientKind, isOver, type OutputLimits } from "./output-limits.ts";
import type { Subscriber } from "./pubsub.ts";
import type { Protocol, Reply } from "./reply.ts";
import { encodeReply } from "./resp-writer.ts";

/** What a MULTI has queued. */
export interface Transaction {
  readonly queued: (readonly string[])[];
  /** A command could not be queued, so EXEC will refuse. */
  failed: boolean;
}

/** A read that waits for a stream to grow. */
export interface BlockedRead {
  readonly keys: readonly string[];
  /** The reply once there is something to read, undefined to wait on; may throw. */
  readonly attempt: () => Reply | undefined;
  readonly onTimeout: Reply;
  cancelTimer: CancelTimer;
}

/** Where clients announce what they have to send, and by which limits. */
export interface Outbox {
  readonly limits: OutputLimits;
  now(): number;
  /** Has `flush` called at the end of this tick. */
  add(client: Client): void;
  /** Ends the tick now. */
  end(): void;
}

/**
 * One connection: what it asked for and what it is still to be sent.
 *
 * Invariants:
 * 1. Replies and messages leave in the order of `send` and `sendEncoded`; those of one tick of the
 *    event loop leave in one write, at its end.
 * 2. While `blocked` is set no further command of the client runs; messages still reach it.
 * 3. Once closed it sends nothing; `close` may be called again.
 * 4. `softSince` is when more than the soft limit began to wait, undefined when less waits.
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
  private readonly outbox: Outbox;
  private outgoing = "";
  private softSince: number | undefined;

  constructor(id: number, socket: Socket, outbox: Outbox) {
    this.id = id;
    this.socket = socket;
    this.outbox = outbox;
    this.connectedAt = outbox.now();
    this.lastActiveAt = this.connectedAt;
  }

  /** Bytes accepted for the client and not yet taken by the operating system. */
  get outputBytes(): number {
    return this.outgoing.length + this.socket.writableLength;
  }

  /** Whether RESP2 limits the client to the commands of a subscriber. */
  get isRestricted(): boolean {
    return this.protocol === 2 && this.subscriptionCount > 0;
  }

  /** What its limits depend on. */
  get kind(): ClientKind {
    return this.subscriptionCount > 0 ? "pubsub" : "normal";
  }

  /** How many channels and patterns it listens to. */
  get subscriptionCount(): number {
    return this.channels.size + this.patterns.size;
  }

  /** Sends the reply of a command, unless the client asked for silence. */
  reply(reply: Reply): void {
    // The reply of a command that waits is still to come: silence is for that one.
    if (this.blocked !== undefined) return;
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
    if (this.outgoing === "") this.outbox.add(this);
    this.outgoing += text;
    this.checkLimit();
  }

  /** Sends what is waiting and ends the connection. */
  closeAfterReplies(): void {
    if (this.closed) return;
    this.outbox.end();
    if (this.closed) return;
    this.closed = true;
    this.socket.end(() => this.socket.destroy());
  }

  /** Cuts the connection. */
  close(): void {
    this.closed = true;
    this.outgoing = "";
    this.socket.destroy();
  }

  /** Hands what is waiting to the operating system. */
  flush(): void {
    if (this.closed || this.outgoing === "") return;
    this.socket.write(this.outgoing, "latin1");
    this.outgoing = "";
  }

  /** Cuts a client that does not read what it asked for. */
  private checkLimit(): void {
    const { limits } = this.outbox;
    const limit = limits.of(this.kind);
    const bytes = this.outputBytes;
    if (bytes <= limit.softBytes || limit.softBytes === 0) this.softSince = undefined;
    else this.softSince ??= this.outbox.now();
    if (bytes <= limit.hardBytes && this.softSince === undefined) return;
    if (!isOver(limit, bytes, this.softSince, this.outbox.now())) return;
    limits.cut += 1;
    this.close();
  }
}
