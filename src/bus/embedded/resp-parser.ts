import { splitInlineArguments } from "./inline-arguments.ts";

/**
 * Reads commands off a byte stream, however it is cut into chunks.
 *
 * Invariants:
 * 1. Bytes are never decoded: a command's arguments are latin1 strings, one character per byte.
 * 2. Nothing is buffered beyond the limits; whoever exceeds one gets a ProtocolError, and after
 *    one the parser is dead: the connection must be closed.
 * 3. Bytes already understood are never read again: an unfinished command keeps its arguments.
 */
export class RespParser {
  private readonly limits: ParserLimits;
  private chunks: Buffer[] = [];
  private chunkBytes = 0;
  private buffer: Buffer = EMPTY;
  private offset = 0;
  /** No progress is possible before so many bytes are pending (spares re-joining big bulks). */
  private wanted = 1;
  private args: string[] = [];
  private argsBytes = 0;
  private remaining = 0;
  private bulkLength = -1;

  constructor(limits: ParserLimits = DEFAULT_LIMITS) {
    this.limits = limits;
  }

  /** Bytes received and not yet part of a finished command. */
  get pendingBytes(): number {
    return this.buffer.length - this.offset + this.chunkBytes + this.argsBytes;
  }

  /** Takes bytes in; `next` then finds the commands. */
  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.chunkBytes += chunk.length;
  }

  /** Throws when more is waiting than the limits allow. */
  checkSize(): void {
    if (this.pendingBytes > this.limits.queryBytes) {
      throw new ProtocolError("too big query buffer");
    }
  }

  /** The next whole command (never empty), or undefined until more bytes come. */
  next(): string[] | undefined {
    this.checkSize();
    this.join();
    while (this.available() >= this.wanted) {
      const finished = this.remaining > 0 ? this.readBulk() : this.readHeader();
      if (finished === "starved") return undefined;
      if (finished === "command") return this.takeCommand();
    }
    return undefined;
  }

  private available(): number {
    return this.buffer.length - this.offset;
  }

  private join(): void {
    if (this.chunkBytes === 0 || this.available() + this.chunkBytes < this.wanted) return;
    const rest = this.buffer.subarray(this.offset);
    const [only] = this.chunks;
    this.buffer =
      rest.length === 0 && this.chunks.length === 1 && only !== undefined
        ? only
        : Buffer.concat([rest, ...this.chunks]);
    this.offset = 0;
    this.chunks = [];
    this.chunkBytes = 0;
  }

  private takeCommand(): string[] {
    const command = this.args;
    this.args = [];
    this.argsBytes = 0;
    return command;
  }

  private readHeader(): Progress {
    if (this.buffer[this.offset] !== ASTERISK) return this.readInline();
    const line = this.readLine("too big mbulk count string");
    if (line === undefined) return "starved";
    const count = parseLength(line.slice(1));
    if (count === undefined || count > this.limits.args) {
      throw new ProtocolError("invalid multibulk length");
    }
    this.remaining = Math.max(count, 0);
    return "more";
  }

  private readInline(): Progress {
    const line = this.readLine("too big inline request");
    if (line === undefined) return "starved";
    const words = splitInlineArguments(line);
    if (words === undefined) throw new ProtocolError("unbalanced quotes in request");
    this.args = [...words];
    return words.length > 0 ? "command" : "more";
  }

  private readBulk(): Progress {
    if (this.bulkLength < 0) {
      const line = this.readLine("too big bulk count string");
      if (line === undefined) return "starved";
      this.bulkLength = this.parseBulkLength(line);
      this.wanted = this.bulkLength + 2;
      return "more";
    }
    const end = this.offset + this.bulkLength;
    this.args.push(this.buffer.toString("latin1", this.offset, end));
    this.argsBytes += this.bulkLength;
    this.offset = end + 2;
    this.bulkLength = -1;
    this.wanted = 1;
    this.remaining -= 1;
    return this.remaining === 0 ? "command" : "more";
  }

  private parseBulkLength(line: string): number {
    if (!line.startsWith("$")) {
      throw new ProtocolError(`expected '$', got '${line.charAt(0) || " "}'`);
    }
    const length = parseLength(line.slice(1));
    if (length === undefined || length < 0 || length > this.limits.bulkBytes) {
      throw new ProtocolError("invalid bulk length");
    }
    if (this.argsBytes + length > this.limits.queryBytes) {
      throw new ProtocolError("too big query buffer");
    }
    return length;
  }

  /** The line at the offset without its line end, or undefined when it is not whole yet. */
  private readLine(tooLong: string): string | undefined {
    const end = this.buffer.indexOf(LINE_FEED, this.offset);
    if (
      end < 0 ? this.available() > this.limits.lineBytes : end - this.offset > this.limits.lineBytes
    ) {
      throw new ProtocolError(tooLong);
    }
    if (end < 0) {
      this.wanted = this.available() + 1;
      return undefined;
    }
    const last = end > this.offset && this.buffer[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    const line = this.buffer.toString("latin1", this.offset, last);
    this.offset = end + 1;
    this.wanted = 1;
    return line;
  }
}

/** What a connection may send; all in bytes but `args`. */
export interface ParserLimits {
  /** One argument. */
  readonly bulkBytes: number;
  /** Everything received and not yet executed. */
  readonly queryBytes: number;
  /** An inline command or a length line. */
  readonly lineBytes: number;
  /** Arguments of one command. */
  readonly args: number;
}

/** Bounds that no well-meaning client of the bus comes near: messages are capped at 256 KiB. */
const DEFAULT_LIMITS: ParserLimits = {
  bulkBytes: 4 * 1024 * 1024,
  queryBytes: 8 * 1024 * 1024,
  lineBytes: 64 * 1024,
  args: 1024 * 1024,
};

/** The peer does not speak RESP; the message completes `Protocol error: …`. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

type Progress = "command" | "more" | "starved";

const EMPTY = Buffer.alloc(0);
const ASTERISK = 0x2a;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function parseLength(text: string): number | undefined {
  return /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}
