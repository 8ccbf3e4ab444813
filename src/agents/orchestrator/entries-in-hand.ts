/**
 * The entries an orchestrator has read and not settled yet.
 *
 * E1 Work of one lane (a run) is done one after the other, that of different lanes side by side.
 * E2 No more is in hand than may be: who takes more waits for room.
 * E3 A failure is kept until somebody asks, then told once: what failed is read again. One waits at a
 *    time: the loop that reads.
 */

/** Work in hand, by lane. */
export interface EntriesInHand {
  /** Begins work, or puts it behind what its lane is doing. */
  take(lane: string, work: () => Promise<void>): void;
  /** How much more may be taken now. */
  room(): number;
  /** Resolves when something may be taken. Rejects with the first failure since it was last told. */
  untilRoom(): Promise<void>;
  /** Resolves when nothing is in hand. Rejects with the first failure since it was last told. */
  untilIdle(): Promise<void>;
}

/** Nothing in hand, and room for `limit` entries. */
export function holdEntries(limit: number): EntriesInHand {
  const lanes = new Map<string, Promise<void>>();
  let size = 0;
  let failure: { readonly cause: unknown } | undefined;
  let wake: (() => void) | undefined;

  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const told = failure;
    failure = undefined; // E3
    if (told !== undefined) throw told.cause;
  };

  return {
    take(lane, work) {
      size += 1;
      const before = lanes.get(lane);
      const done = (before === undefined ? work() : before.then(work)) // E1
        .catch((cause: unknown) => {
          failure ??= { cause };
        })
        .then(() => {
          if (lanes.get(lane) === done) lanes.delete(lane);
          size -= 1;
          wake?.();
        });
      lanes.set(lane, done);
    },
    room: () => Math.max(0, limit - size), // E2
    untilRoom: () => until(() => size < limit),
    untilIdle: () => until(() => size === 0),
  };
}
