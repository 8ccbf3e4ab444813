import { OperatorError } from "../../../base/operator-error.ts";
import type { LogDisk } from "./log-disk.ts";
import { readLog } from "./log-format.ts";

/** What loading needs. */
interface LoadOptions {
  readonly disk: LogDisk;
  readonly path: string;
  /** Plays a command; throws when it cannot be played. */
  readonly replay: (words: readonly string[]) => void;
  /** Hears in a sentence of what was mended. */
  readonly say: (message: string) => void;
}

/**
 * Plays a log from its start and answers its length in bytes. A last change that was not written to
 * its end is cut off.
 * @throws OperatorError when the log is damaged elsewhere: nothing is changed then.
 */
export function loadLog({ disk, path, replay, say }: LoadOptions): number {
  const log = disk.read(path);
  if (log === undefined) return 0;
  const { bytes, ending } = readLog(log, (unit) => {
    try {
      for (const words of unit) replay(words);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  if (ending.type === "corrupt") throw damaged(path, log.length, ending.at, ending.reason, bytes);
  if (ending.type === "torn") {
    const file = disk.open(path);
    try {
      file.truncate(bytes);
      file.sync();
    } finally {
      file.close();
    }
    say(
      `${path}: the last change was not written to its end; ` +
        `${log.length - bytes} bytes were cut off at byte ${bytes}`,
    );
  }
  return bytes;
}

function damaged(
  path: string,
  length: number,
  at: number,
  reason: string,
  good: number,
): OperatorError {
  return new OperatorError({
    code: "bus-unreachable",
    message: `the broker's log ${path} is damaged at byte ${at} of ${length}: ${reason}`,
    nextStep:
      `move the file away to start empty, or, after making a copy, keep what stands before: ` +
      `truncate -s ${good} ${path}`,
  });
}
