import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionEntry } from "../../src/session/core/entry.ts";
import type { Mirror } from "../../src/session/mirror.ts";
import { createMirror } from "../../src/session/mirror.ts";
import type { SessionStore } from "../../src/session/store.ts";
import { handClock } from "../support/hand-clock.ts";
import { MemoryMirror } from "../support/memory-mirror.ts";
import { entryIdOf, session1, session2, storeFolder } from "../support/session-fixtures.ts";

/** What may happen in a world of two consoles and one mirror. */
type Happening =
  | { readonly type: "write"; readonly at: 0 | 1; readonly kind: number; readonly to: 0 | 1 }
  | { readonly type: "sync"; readonly at: 0 | 1 }
  | { readonly type: "restart"; readonly at: 0 | 1 }
  | { readonly type: "mirror-lost" };

const side = fc.constantFrom(0 as const, 1 as const);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("write"),
      at: side,
      to: side,
      kind: fc.nat({ max: 20 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("sync"), at: side }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart"), at: side }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("mirror-lost") }) },
);

function entryOf(n: number, { kind, to }: Happening & { type: "write" }): SessionEntry {
  const sessionId = to === 0 ? session1 : session2;
  const common = { v: 1, entryId: entryIdOf(n), sessionId, at: n } as const;
  if (kind === 20) return { ...common, type: "session-deleted" };
  if (kind < 5) return { ...common, type: "session-renamed", name: `name ${n}` };
  return { ...common, type: "note-added", text: `note ${n}` };
}

class Side {
  readonly folder = storeFolder();
  readonly store: SessionStore = this.folder.open();
  readonly port: MemoryMirror;
  mirror: Mirror;
  constructor(port: MemoryMirror) {
    this.port = port;
    this.mirror = this.#start();
  }
  #start(): Mirror {
    return createMirror({
      store: this.store,
      port: this.port,
      clock: handClock(),
      onProblem: (problem) => expect(problem).toBeUndefined(),
    });
  }
  async sync(): Promise<void> {
    this.mirror.wake();
    await this.mirror.idle();
  }
  async restart(): Promise<void> {
    await this.mirror.close();
    this.mirror = this.#start();
  }
  async end(): Promise<void> {
    await this.mirror.close();
    this.folder.remove();
  }
}

type Sides = readonly [Side, Side];

/** Lets it all happen; answers what was written. */
async function play(
  happenings: readonly Happening[],
  sides: Sides,
  port: MemoryMirror,
): Promise<readonly SessionEntry[]> {
  const written: SessionEntry[] = [];
  for (const [n, one] of happenings.entries()) {
    if (one.type === "mirror-lost") port.lose();
    else if (one.type === "sync") await sides[one.at].sync();
    else if (one.type === "restart") await sides[one.at].restart();
    else {
      const entry = entryOf(n + 1, one);
      written.push(entry);
      sides[one.at].store.append(entry);
    }
  }
  return written;
}

function expectSame(written: readonly SessionEntry[], [left, right]: Sides, port: MemoryMirror) {
  expect(left.store.listSessions()).toEqual(right.store.listSessions());
  for (const sessionId of [session1, session2]) {
    const own = written.filter((entry) => entry.sessionId === sessionId);
    if (own.some((entry) => entry.type === "session-deleted")) continue;
    for (const { store } of [left, right]) {
      expect(store.entries(sessionId)).toEqual({ entries: own, damage: [] });
    }
    expect(port.textsOf(sessionId)).toHaveLength(own.length);
  }
}

test("two stores that sync through a mirror come to hold the same, whatever the order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
      const port = new MemoryMirror();
      const sides: Sides = [new Side(port), new Side(port)];
      try {
        const written = await play(happenings, sides, port);
        for (let round = 0; round < 2; round += 1) for (const one of sides) await one.sync();
        expectSame(written, sides, port);
      } finally {
        for (const one of sides) await one.end();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
