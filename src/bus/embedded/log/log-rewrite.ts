import type { Command } from "../command.ts";
import { keyWords } from "../command.ts";
import type { WriteUnit } from "../executor.ts";
import type { Keyspace } from "../keyspace.ts";
import { dumpKey } from "./dump-value.ts";
import { encodeUnit, LOG_HEADER } from "./log-format.ts";
import type { LogWriter } from "./log-writer.ts";

/**
 * Writes a new, short log key by key while the keyspace goes on changing.
 *
 * Invariants:
 * 1. Played at any moment, the new log makes every key what it is, but for those of `remaining`,
 *    of which it knows nothing.
 * 2. So a change of keys it knows is appended as it is; one that touches a key of `remaining` is
 *    appended as what all its keys have become, and they remain no longer.
 */
export class LogRewrite {
  private readonly keyspace: Keyspace;
  private readonly commands: ReadonlyMap<string, Command>;
  private readonly writer: LogWriter;
  private readonly stepBytes: number;
  private readonly remaining: Set<string>;

  constructor(
    keyspace: Keyspace,
    commands: ReadonlyMap<string, Command>,
    writer: LogWriter,
    stepBytes: number,
  ) {
    this.keyspace = keyspace;
    this.commands = commands;
    this.writer = writer;
    this.stepBytes = stepBytes;
    this.remaining = new Set(keyspace.keys());
    writer.append(LOG_HEADER);
  }

  /** Writes some more keys, about `stepBytes` of them; answers whether any remain. Throws what the disk throws. */
  step(): boolean {
    let bytes = 0;
    for (const key of this.remaining) {
      if (bytes >= this.stepBytes) break;
      this.remaining.delete(key);
      bytes += this.append(dumpKey(this.keyspace, key));
    }
    this.writer.flush();
    return this.remaining.size > 0;
  }

  /** Hears of a change right after it was made. */
  follow(unit: WriteUnit): void {
    const keys = new Set(unit.flatMap((words) => this.keysOf(words)));
    const isFlush = unit.some((words) => isFlushName(words[0] ?? ""));
    if (!isFlush && [...keys].every((key) => !this.remaining.has(key))) {
      this.append(unit);
      return;
    }
    if (isFlush) this.remaining.clear();
    for (const key of keys) this.remaining.delete(key);
    const became = [...keys].flatMap((key) => [["DEL", key], ...dumpKey(this.keyspace, key)]);
    this.append(isFlush ? [["FLUSHALL"], ...became] : became);
  }

  private append(unit: WriteUnit): number {
    if (unit.length === 0) return 0;
    const text = encodeUnit(unit);
    this.writer.append(text);
    return text.length;
  }

  private keysOf(words: readonly string[]): readonly string[] {
    const command = this.commands.get((words[0] ?? "").toLowerCase());
    return command === undefined ? [] : keyWords(command, words);
  }
}

function isFlushName(name: string): boolean {
  return /^flush(?:all|db)$/i.test(name);
}
