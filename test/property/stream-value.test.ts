import fc from "fast-check";
import { expect, test } from "vitest";
import { compareIds, FIRST_ID, LAST_ID } from "../../src/bus/embedded/stream-id.ts";
import {
  assign,
  deliver,
  ensureConsumer,
  forget,
  type Group,
  type PendingEntry,
  StreamValue,
} from "../../src/bus/embedded/stream-value.ts";

const consumerName = fc.constantFrom("a", "b", "c");
const seq = fc.integer({ min: 1, max: 12 });
const step = fc.oneof(
  fc.record({ type: fc.constant("add" as const) }),
  fc.record({ type: fc.constant("delete" as const), seq }),
  fc.record({ type: fc.constant("trim" as const), count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ type: fc.constant("deliver" as const), seq, name: consumerName }),
  fc.record({ type: fc.constant("assign" as const), seq, name: consumerName }),
  fc.record({ type: fc.constant("forget" as const), seq }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function play(stream: StreamValue, group: Group, move: Step): void {
  switch (move.type) {
    case "add":
      stream.append({ id: { ms: 1, seq: Number(stream.lastId.seq) + 1 }, fields: [] });
      return;
    case "delete":
      stream.delete({ ms: 1, seq: move.seq });
      return;
    case "trim":
      stream.trim(Math.min(move.count, stream.entries.length));
      return;
    case "deliver":
      deliver(group, ensureConsumer(group, move.name, 0), { ms: 1, seq: move.seq }, 0);
      return;
    case "assign": {
      const pending = group.pending.find({ ms: 1, seq: move.seq });
      if (pending !== undefined) assign(pending, ensureConsumer(group, move.name, 0));
      return;
    }
    case "forget":
      forget(group, { ms: 1, seq: move.seq });
      return;
    default:
      move satisfies never;
  }
}

function ascends(items: readonly PendingEntry[]): boolean {
  return items.every(({ id }, index) => compareIds(items[index - 1]?.id ?? FIRST_ID, id) < 0);
}

test("keeps each pending entry with its group and exactly one consumer, in order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const stream = new StreamValue();
      const group = stream.createGroup("g", FIRST_ID, 0);
      if (group === undefined) throw new Error("The first group has a free name.");
      for (const move of steps) play(stream, group, move);

      const pending = group.pending.range(FIRST_ID, LAST_ID);
      const perConsumer = [...group.consumers.values()].flatMap((consumer) => {
        const own = consumer.pending.range(FIRST_ID, LAST_ID);
        expect(own.every((entry) => entry.consumer === consumer) && ascends(own)).toBe(true);
        return own;
      });

      expect(ascends(pending)).toBe(true);
      expect(new Set(perConsumer)).toEqual(new Set(pending));
      expect(perConsumer.length).toBe(pending.length);
      expect(stream.entriesAdded).toBeGreaterThanOrEqual(stream.entries.length);
      expect(compareIds(stream.newestId(), stream.lastId)).toBeLessThanOrEqual(0);
    }),
  );
});
