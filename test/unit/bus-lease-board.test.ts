import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newBoardMemory, readBoard, writeBoard } from "../../src/bus/lease-board.ts";

const LARGEST = 2n ** 64n - 1n;
const entryId = fc
  .tuple(fc.bigInt({ min: 0n, max: LARGEST }), fc.bigInt({ min: 0n, max: LARGEST }))
  .map(([milliseconds, sequence]) => `${milliseconds}-${sequence}`);

describe("the board of leases", () => {
  test("shows what is held, and nothing else, whatever is put and taken", async () => {
    const step = fc.oneof(
      fc.record({ put: entryId }),
      fc.record({ take: fc.integer({ min: 1, max: 12 }) }),
    );
    await fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const memory = newBoardMemory();
        const board = writeBoard(memory);
        const held = new Map<number, string>();
        for (const one of steps) {
          if ("put" in one) held.set(board.put(one.put), one.put);
          else {
            board.take(one.take);
            held.delete(one.take);
          }
        }
        const seen = readBoard(memory).map(({ number, entryId: id }) => [number, id] as const);
        expect(new Map(seen)).toEqual(held);
        expect(seen).toHaveLength(held.size);
      }),
    );
  });

  test("gives each holding a number of its own, also for the same entry", () => {
    const board = writeBoard(newBoardMemory());
    const first = board.put("5-1");
    board.take(first);

    expect(board.put("5-1")).not.toBe(first);
  });

  test("refuses more than it has places for", () => {
    const board = writeBoard(newBoardMemory());

    expect(() => {
      for (let number = 0; number < 10_000; number += 1) board.put(`${number}-0`);
    }).toThrow("leases are held");
  });
});
