import type { LogFile } from "./log-disk.ts";

const NOTHING = Buffer.alloc(0);

/**
 * Appends to a file.
 *
 * Invariants:
 * 1. `size` is the length of the file; what was appended and is not in it yet is kept, in order,
 *    also when a write fails half-way: a later `flush` goes on where it stopped.
 * 2. `unsynced` is set exactly while the file has bytes no finished sync has seen.
 */
export class LogWriter {
  private readonly file: LogFile;
  private text = "";
  private left: Buffer = NOTHING;
  private written: number;
  private dirty = false;

  constructor(file: LogFile, size: number) {
    this.file = file;
    this.written = size;
  }

  /** The length of the file in bytes. */
  get size(): number {
    return this.written;
  }

  /** Whether a loss of power could cost something that was written. */
  get unsynced(): boolean {
    return this.dirty;
  }

  /** Takes bytes (a latin1 string) for the next `flush`. */
  append(text: string): void {
    this.text += text;
  }

  /** Writes what was appended. Throws what the disk throws. */
  flush(): void {
    if (this.text !== "") {
      const bytes = Buffer.from(this.text, "latin1");
      this.text = "";
      this.left = this.left.length === 0 ? bytes : Buffer.concat([this.left, bytes]);
    }
    while (this.left.length > 0) {
      const taken = this.file.write(this.left);
      this.written += taken;
      this.dirty = true;
      this.left = this.left.subarray(taken);
    }
    this.left = NOTHING;
  }

  /** Puts what was written on the disk itself. Throws what the disk throws. */
  sync(): void {
    if (!this.dirty) return;
    this.file.sync();
    this.dirty = false;
  }

  /** The same while the broker goes on. */
  syncSoon(done: (error: Error | null) => void): void {
    this.dirty = false;
    this.file.syncSoon((error) => {
      if (error !== null) this.dirty = true;
      done(error);
    });
  }

  /** Closes the file; what is not written is lost. */
  close(): void {
    this.file.close();
  }
}
