import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** The disk, as far as the log needs it. Whatever fails throws. */
export interface LogDisk {
  /** A file's bytes, undefined when there is no such file. */
  read(path: string): Buffer | undefined;
  /** Opens a file to append to it; made with mode 0600 when there is none. */
  open(path: string): LogFile;
  /** Puts a file in another's place, and that on the disk itself. */
  replace(path: string, by: string): void;
  /** Removes a file if it is there. */
  remove(path: string): void;
}

/** A file that grows at its end. */
export interface LogFile {
  /** Appends bytes; answers how many were taken, which may be fewer. */
  write(bytes: Buffer): number;
  /** Cuts the file to a length. */
  truncate(bytes: number): void;
  /** Puts what was written on the disk itself. */
  sync(): void;
  /** The same meanwhile; `done` hears of the error, if there was one. */
  syncSoon(done: (error: Error | null) => void): void;
  close(): void;
}

/** The disk of this machine. */
export const nodeDisk: LogDisk = {
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  },
  open(path) {
    const file = openSync(path, "a", 0o600);
    return {
      write: (bytes) => writeSync(file, bytes),
      truncate: (bytes) => ftruncateSync(file, bytes),
      sync: () => fdatasyncSync(file),
      syncSoon: (done) => fdatasync(file, done),
      close: () => closeSync(file),
    };
  },
  replace(path, by) {
    renameSync(by, path);
    const folder = openSync(dirname(path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  remove: (path) => rmSync(path, { force: true }),
};
