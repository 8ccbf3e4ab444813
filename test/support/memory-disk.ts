import type { LogDisk, LogFile } from "../../src/bus/embedded/log/log-disk.ts";

/** A disk in memory, which can be told to fail. */
export class MemoryDisk implements LogDisk {
  readonly files = new Map<string, Buffer>();
  /** How many more bytes it takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  syncFails = false;
  /** Called at each sync, before it is done. */
  onSync: () => void = () => undefined;

  read(path: string): Buffer | undefined {
    return this.files.get(path);
  }

  open(path: string): LogFile {
    if (!this.files.has(path)) this.files.set(path, Buffer.alloc(0));
    // A file keeps its bytes under whatever name it has later.
    const content = { bytes: this.files.get(path) ?? Buffer.alloc(0) };
    this.names.set(path, content);
    const sync = () => {
      this.onSync();
      if (this.syncFails) throw new Error("EIO: i/o error, fdatasync");
    };
    return {
      write: (bytes) => {
        if (this.room === 0) throw new Error("ENOSPC: no space left on device, write");
        const taken = Math.min(bytes.length, this.room);
        this.room -= taken;
        content.bytes = Buffer.concat([content.bytes, bytes.subarray(0, taken)]);
        this.store(content);
        return taken;
      },
      truncate: (length) => {
        content.bytes = content.bytes.subarray(0, length);
        this.store(content);
      },
      sync,
      syncSoon: (done) => {
        try {
          sync();
          done(null);
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
      close: () => undefined,
    };
  }

  replace(path: string, by: string): void {
    const content = this.names.get(by);
    const bytes = this.files.get(by);
    if (content === undefined || bytes === undefined) throw new Error(`ENOENT: ${by}`);
    this.remove(by);
    this.files.set(path, bytes);
    this.names.set(path, content);
  }

  remove(path: string): void {
    this.files.delete(path);
    this.names.delete(path);
  }

  private readonly names = new Map<string, { bytes: Buffer }>();

  private store(content: { readonly bytes: Buffer }): void {
    for (const [path, named] of this.names) {
      if (named === content) this.files.set(path, content.bytes);
    }
  }
}
