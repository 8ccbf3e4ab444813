import { parseInteger } from "./arguments.ts";
import { CommandError } from "./reply.ts";

/** What clients of one kind may have waiting; zero is no limit. */
interface OutputLimit {
  /** Cut at once. */
  readonly hardBytes: number;
  /** Cut when above it for `softSeconds` on end. */
  readonly softBytes: number;
  readonly softSeconds: number;
}

/** The kinds of clients that differ in their limits. */
export type ClientKind = "normal" | "pubsub";

const MIB = 1024 * 1024;
const ZERO: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };

/**
 * How much output may wait for a client that does not read it. Redis bounds only subscribers by
 * default; a JavaScript heap is smaller, so other clients have a bound too.
 */
export class OutputLimits {
  /** Clients that were cut. */
  cut = 0;
  private readonly limits: Record<ClientKind, OutputLimit> = {
    normal: { hardBytes: 64 * MIB, softBytes: 0, softSeconds: 0 },
    pubsub: { hardBytes: 32 * MIB, softBytes: 8 * MIB, softSeconds: 60 },
  };

  /** The limit of a kind. */
  of(kind: ClientKind): OutputLimit {
    return this.limits[kind];
  }

  /** As CONFIG GET prints it. */
  toString(): string {
    const all = { normal: this.limits.normal, slave: ZERO, pubsub: this.limits.pubsub };
    return Object.entries(all)
      .map(([kind, { hardBytes, softBytes, softSeconds }]) =>
        [kind, hardBytes, softBytes, softSeconds].join(" "),
      )
      .join(" ");
  }

  /** Sets them as CONFIG SET is told: `<kind> <hard> <soft> <seconds>`, once or more. */
  set(text: string): void {
    const words = text.split(/ +/).filter((word) => word !== "");
    const wanted: [ClientKind, OutputLimit][] = [];
    for (let index = 0; index < words.length; index += 4) {
      const [kind = "", hard = "", soft = "", seconds = ""] = words.slice(index, index + 4);
      const limit = {
        hardBytes: parseBytes(hard),
        softBytes: parseBytes(soft),
        softSeconds: parseInteger(seconds),
      };
      if (kind === "normal" || kind === "pubsub") wanted.push([kind, limit]);
      else if (kind !== "slave" && kind !== "replica") throw invalidLimits();
    }
    for (const [kind, limit] of wanted) this.limits[kind] = limit;
  }
}

/** Whether so many bytes are too many, above the soft limit since `softSince`. */
export function isOver(
  limit: OutputLimit,
  bytes: number,
  softSince: number | undefined,
  now: number,
): boolean {
  if (limit.hardBytes > 0 && bytes > limit.hardBytes) return true;
  return softSince !== undefined && now - softSince >= limit.softSeconds * 1000;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, kb: 1024, mb: MIB, gb: 1024 * MIB };

function parseBytes(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,15})(kb|mb|gb|)$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) throw invalidLimits();
  return Number(digits) * factor;
}

function invalidLimits(): CommandError {
  return new CommandError(
    "ERR CONFIG SET failed (possibly related to argument 'client-output-buffer-limit') - " +
      "Wrong number of arguments in buffer limit configuration.",
  );
}
