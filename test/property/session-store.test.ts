import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import type { SessionEntry } from "../../src/session/core/entry.ts";
import { foldSession } from "../../src/session/core/fold.ts";
import { randomWorld } from "../support/random-world.ts";
import { FORK_FLOW, runId } from "../support/runs.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import {
  created,
  entryIdOf,
  run1,
  run2,
  session1,
  storeFolder,
} from "../support/session-fixtures.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = storeFolder();
});
afterEach(() => folder.remove());

const entry = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.nat({ max: 4 }), fc.nat({ max: 1000 }))
  .map(([n, kind, at]): SessionEntry => {
    const common = { v: 1, entryId: entryIdOf(n * 5 + kind), sessionId: session1, at } as const;
    const kinds: readonly SessionEntry[] = [
      { ...created(n, `name ${n}`), ...common },
      { ...common, type: "session-renamed", name: `renamed ${n}` },
      { ...common, type: "note-added", text: `note ${n}` },
      { ...common, type: "run-started", runId: n % 2 ? run1 : run2, flowName: "x", commandId: "c" },
      { ...common, type: "session-deleted" },
    ];
    return kinds[kind] ?? created(n, "x");
  });

/** Entries whose ids differ, in some order. */
const logs = fc.uniqueArray(entry, { selector: (one) => one.entryId, maxLength: 20 });

const shuffledTwice = <T>(items: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.shuffledSubarray([...items, ...items], { minLength: items.length * 2 });

test("folds a session alike in any order and with repetitions", () => {
  fc.assert(
    fc.property(
      logs.chain((log) => fc.tuple(fc.constant(log), shuffledTwice(log))),
      ([log, shuffled]) => {
        expect(foldSession(shuffled)).toEqual(foldSession(log));
      },
    ),
  );
});

test("changes a session's time of change only forward, its deletion only once", () => {
  fc.assert(
    fc.property(logs, entry, (log, more) => {
      const before = foldSession(log);
      const after = foldSession([...log.filter((one) => one.entryId !== more.entryId), more]);
      if (before === undefined || log.some((one) => one.entryId === more.entryId)) return;
      expect(after?.changedAt).toBeGreaterThanOrEqual(before.changedAt);
      if (before.deleted) expect(after?.deleted).toBe(true);
    }),
  );
});

test("lists what the entries amount to, in whatever order they were written", () => {
  let n = 0;
  fc.assert(
    fc.property(logs.chain(shuffledTwice), (log) => {
      const store = folder.open();
      n += 1;
      const sessionId = created(1, "x", `S-${n}` as typeof session1).sessionId;
      const mine = log.map((one) => ({
        ...one,
        sessionId,
        entryId: entryIdOf(n * 1000 + Number(one.entryId.slice(2))),
      }));
      for (const one of mine) store.append(one);
      const session = foldSession(mine);
      const row = store.listSessions().find((one) => one.sessionId === sessionId);
      store.close();
      const { name, createdAt, changedAt, deleted = true } = session ?? {};
      if (deleted) expect(row).toBeUndefined();
      else expect(row).toMatchObject({ sessionId, name, createdAt, changedAt });
    }),
    { numRuns: 15 },
  );
});

test("gives the same run in whatever order its events arrive, however often", () => {
  fc.assert(
    fc.property(fc.integer(), fc.infiniteStream(fc.nat()), (seed, keys) => {
      const world = randomWorld({ flowText: FORK_FLOW, random: seededRandom(seed) });
      while (world.step()) {
        // Until the run has ended.
      }
      const log = world.events.map((event, index) => ({ runId, seq: index + 1, event }));
      const arrivals = [...log, ...log]
        .map((data) => ({ data, key: keys.next().value ?? 0 }))
        .sort((left, right) => left.key - right.key);
      const own = storeFolder();
      try {
        const store = own.open();
        const news = arrivals.filter(({ data }) => store.recordRunEvent(data, session1));
        expect(news).toHaveLength(log.length);
        expect(store.runEvents(runId)).toEqual({ events: log, damage: [] });
        const state = fold(world.events);
        expect(store.runState(runId)).toEqual({ state, seq: log.length, damage: [] });
        expect(store.listRuns(session1)).toMatchObject([
          { status: state?.status, finishedAt: state?.finishedAt },
        ]);
      } finally {
        own.remove();
      }
    }),
    { numRuns: 20 },
  );
});
