import { invariant } from "../../../base/assert.ts";
import type { CancelTimer, Clock } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/error-message.ts";
import type { Command } from "../command.ts";
import type { WriteUnit } from "../executor.ts";
import type { Keyspace } from "../keyspace.ts";
import { loadLog } from "./load-log.ts";
import { type LogDisk, nodeDisk } from "./log-disk.ts";
import { encodeUnit, LOG_HEADER } from "./log-format.ts";
import { LogRewrite } from "./log-rewrite.ts";
import { LogWriter } from "./log-writer.ts";

/** When the disk itself is told: `always` before each answer. */
export type FsyncPolicy = "everysec" | "always";

/** Where the broker keeps its data and how. */
export interface LogOptions {
  readonly path: string;
  readonly fsync: FsyncPolicy;
  /** The disk of this machine where none is given. */
  readonly disk?: LogDisk;
  /** Rewritten only when larger than this. */
  readonly rewriteMinBytes?: number;
  /** So much of a new log is written before clients are served again. */
  readonly rewriteStepBytes?: number;
  /** Hears in a sentence of what an operator would want to know. */
  readonly say: (message: string) => void;
}

/** What the log needs of the broker. */
export interface LogSurroundings {
  readonly keyspace: Keyspace;
  readonly commands: ReadonlyMap<string, Command>;
  readonly clock: Clock;
  /** Plays a command; throws when it cannot be played. */
  readonly replay: (words: readonly string[]) => void;
  /** Calls back after clients have been served. */
  readonly soon: (callback: () => void) => void;
}

const FSYNC_EVERY_MS = 1000;
/** How often a disk that refused is tried again. */
const RETRY_EVERY_MS = 1000;
/** After a rewrite that failed none is tried for so long. */
const REWRITE_PAUSE_MS = 10_000;
/** Takes about a millisecond. */
const REWRITE_STEP_BYTES = 128 * 1024;
const REWRITE_MIN_BYTES = 16 * 1024 * 1024;

/**
 * The append-only file: every change, so that the broker's data outlive it.
 *
 * Invariants:
 * 1. Played from its start, the file and what waits to be written make the keyspace what it is.
 * 2. `flush` comes between a change and the answer to whoever made it. A change that could not be
 *    written (or synced, with `always`) is not answered.
 * 3. While `failure` is set no command may write. It ends when a write succeeds again; after a
 *    failed sync, when a new file has been written, because the kernel may have forgotten what the
 *    old one lacks.
 * 4. While `rewrite` is set every change goes to both files; the new one takes the old one's place
 *    whole and synced, or not at all.
 */
export class WriteLog {
  private readonly options: LogOptions;
  private readonly broker: LogSurroundings;
  private readonly disk: LogDisk;
  /** Undefined until the log is open. */
  private file: LogWriter | undefined;
  private fsync: FsyncPolicy;
  private failure: { readonly of: "write" | "sync"; readonly message: string } | undefined;
  private rewrite: { readonly pass: LogRewrite; readonly writer: LogWriter } | undefined;
  private rewriteFailed = false;
  private rewriteNotBefore = 0;
  private rewrites = 0;
  private baseSize = 0;
  private syncing = false;
  private cancelSync: CancelTimer | undefined;
  private cancelRetry: CancelTimer | undefined;
  private closed = false;

  constructor(options: LogOptions, broker: LogSurroundings) {
    this.options = options;
    this.broker = broker;
    this.disk = options.disk ?? nodeDisk;
    this.fsync = options.fsync;
  }

  /**
   * Plays what there is and opens the file for more.
   * @throws OperatorError when it is damaged.
   */
  open(): void {
    const { disk } = this;
    const { path } = this.options;
    disk.remove(this.rewritePath);
    this.baseSize = this.load();
    this.file = new LogWriter(disk.open(path), this.baseSize);
    if (this.baseSize === 0) this.file.append(LOG_HEADER);
  }

  /**
   * Forgets everything and plays the file.
   * @throws OperatorError when it is damaged, what the disk throws when it cannot be written.
   */
  reload(): void {
    this.writer.flush();
    this.broker.keyspace.clear();
    this.load();
  }

  private load(): number {
    const { disk, broker } = this;
    const { path, say } = this.options;
    const { keyspace } = broker;
    keyspace.loading = true;
    keyspace.now = broker.clock.now();
    try {
      return loadLog({ disk, path, say, replay: broker.replay });
    } finally {
      keyspace.loading = false;
    }
  }

  private get writer(): LogWriter {
    invariant(this.file !== undefined, "the log is written to before it is open");
    return this.file;
  }

  /** When the disk itself is told. */
  get policy(): FsyncPolicy {
    return this.fsync;
  }

  set policy(policy: FsyncPolicy) {
    this.fsync = policy;
  }

  /** Why no command may write now, as the error reply of Redis. */
  refusal(): string | undefined {
    return this.failure && `MISCONF Errors writing to the AOF file: ${this.failure.message}`;
  }

  /** Takes a change. */
  append(unit: WriteUnit): void {
    this.writer.append(encodeUnit(unit));
    this.rewrite?.pass.follow(unit);
  }

  /** Writes all changes taken so far; answers whether they may be acknowledged. */
  flush(): boolean {
    if (this.closed) return false;
    try {
      this.writer.flush();
    } catch (error) {
      this.fail("write", error);
      return false;
    }
    try {
      if (this.fsync === "always") this.writer.sync();
    } catch (error) {
      this.fail("sync", error);
      return false;
    }
    if (this.failure?.of === "write") this.recover();
    this.armSync();
    this.considerRewrite();
    return this.failure === undefined;
  }

  /** Starts a rewrite; answers whether it could. */
  startRewrite(): boolean {
    if (this.rewrite !== undefined || this.closed) return false;
    try {
      this.disk.remove(this.rewritePath);
      const writer = new LogWriter(this.disk.open(this.rewritePath), 0);
      const { keyspace, commands } = this.broker;
      const stepBytes = this.options.rewriteStepBytes ?? REWRITE_STEP_BYTES;
      this.rewrite = { writer, pass: new LogRewrite(keyspace, commands, writer, stepBytes) };
    } catch (error) {
      this.abandonRewrite(error);
      return false;
    }
    this.broker.soon(() => this.continueRewrite());
    return true;
  }

  /** The lines of INFO. */
  info(): Readonly<Record<string, string | number>> {
    return {
      loading: 0,
      aof_enabled: 1,
      aof_rewrite_in_progress: this.rewrite === undefined ? 0 : 1,
      aof_rewrites: this.rewrites,
      aof_last_bgrewrite_status: this.rewriteFailed ? "err" : "ok",
      aof_last_write_status: this.failure === undefined ? "ok" : "err",
      aof_current_size: this.writer.size,
      aof_base_size: this.baseSize,
    };
  }

  /** Writes and syncs what is left, and closes the file; the answer is whether that worked. */
  close(): boolean {
    if (this.closed || this.file === undefined) return true;
    this.cancelSync?.();
    this.cancelRetry?.();
    if (this.rewrite !== undefined) this.dropRewrite(this.rewrite.writer);
    let isKept = true;
    try {
      this.writer.flush();
      this.writer.sync();
    } catch (error) {
      isKept = false;
      this.options.say(`${this.options.path}: the last changes are lost: ${errorMessage(error)}`);
    }
    this.closed = true;
    this.writer.close();
    return isKept;
  }

  private get rewritePath(): string {
    return `${this.options.path}.rewrite`;
  }

  private fail(of: "write" | "sync", error: unknown): void {
    const message = systemMessage(error);
    if (this.failure === undefined) {
      this.options.say(
        `${this.options.path}: ${message}; changes are refused until it can be written`,
      );
    }
    this.failure = { of, message };
    this.cancelRetry ??= this.broker.clock.after(RETRY_EVERY_MS, () => {
      this.cancelRetry = undefined;
      this.retry();
    });
  }

  private retry(): void {
    if (this.closed || this.failure === undefined) return;
    if (this.failure.of === "write") {
      this.flush();
      return;
    }
    this.startRewrite();
    this.fail("sync", this.failure.message);
  }

  private recover(): void {
    this.failure = undefined;
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    this.options.say(`${this.options.path}: can be written again`);
  }

  private armSync(): void {
    if (this.cancelSync !== undefined || this.syncing || !this.writer.unsynced) return;
    this.cancelSync = this.broker.clock.after(FSYNC_EVERY_MS, () => {
      this.cancelSync = undefined;
      if (this.closed) return;
      this.syncing = true;
      const { writer } = this;
      writer.syncSoon((error) => {
        this.syncing = false;
        if (this.closed || writer !== this.writer) return;
        if (error !== null) this.fail("sync", error);
        else this.armSync();
      });
    });
  }

  private considerRewrite(): void {
    const minBytes = this.options.rewriteMinBytes ?? REWRITE_MIN_BYTES;
    const { size } = this.writer;
    if (size < minBytes || size < this.baseSize * 2 || this.rewrite !== undefined) return;
    if (this.broker.clock.now() >= this.rewriteNotBefore) this.startRewrite();
  }

  private continueRewrite(): void {
    const { rewrite } = this;
    if (rewrite === undefined || this.closed) return;
    try {
      if (rewrite.pass.step()) {
        this.broker.soon(() => this.continueRewrite());
        return;
      }
    } catch (error) {
      this.abandonRewrite(error);
      return;
    }
    // The bulk is synced meanwhile; what comes in until then is little and synced at once.
    rewrite.writer.syncSoon((error) => {
      if (this.rewrite !== rewrite || this.closed) return;
      if (error === null) this.finishRewrite(rewrite.writer);
      else this.abandonRewrite(error);
    });
  }

  private finishRewrite(writer: LogWriter): void {
    try {
      writer.flush();
      writer.sync();
      this.disk.replace(this.options.path, this.rewritePath);
    } catch (error) {
      this.abandonRewrite(error);
      return;
    }
    // What waits in the old writer is in the new file already.
    this.writer.close();
    this.file = writer;
    this.baseSize = writer.size;
    this.rewrite = undefined;
    this.rewriteFailed = false;
    this.rewrites += 1;
    if (this.failure !== undefined) this.recover();
  }

  private abandonRewrite(error: unknown): void {
    this.options.say(`${this.options.path}: was not rewritten: ${systemMessage(error)}`);
    if (this.rewrite !== undefined) this.dropRewrite(this.rewrite.writer);
    this.rewriteFailed = true;
    this.rewriteNotBefore = this.broker.clock.now() + REWRITE_PAUSE_MS;
  }

  private dropRewrite(writer: LogWriter): void {
    this.rewrite = undefined;
    writer.close();
    this.disk.remove(this.rewritePath);
  }
}

/** What the system said, without the call it said it about: `ENOSPC: no space left on device`. */
function systemMessage(error: unknown): string {
  return errorMessage(error).replace(/, \w+( '.*')?$/, "");
}
