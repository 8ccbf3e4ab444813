import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "../../src/console/ring.ts";
import type { LogView } from "../../src/ui/model/log-view.ts";
import {
  currentItem,
  FOLLOWING,
  moveLog,
  unseen,
  visibleItems,
} from "../../src/ui/model/log-view.ts";

function sourceOf(count: number, capacity: number, every = 1) {
  const ring = new Ring<number>(capacity);
  for (let index = 0; index < count; index += 1) ring.push(index);
  return { ring, matches: (item: number) => item % every === 0 };
}

const shown = (
  source: ReturnType<typeof sourceOf>,
  view: LogView,
  rows: number,
): readonly number[] => visibleItems(source, view, rows).map(({ item }) => item);

test("shows the newest while following", () => {
  expect(shown(sourceOf(10, 100), FOLLOWING, 3)).toEqual([7, 8, 9]);
});

test("stands still for a reader while the ring grows and wraps", () => {
  const source = sourceOf(10, 20);
  const paused = moveLog(source, FOLLOWING, { delta: -2, page: 3 });
  const before = shown(source, paused, 3);
  for (let index = 10; index < 22; index += 1) source.ring.push(index);

  expect(shown(source, paused, 3)).toEqual(before);
  expect(currentItem(source, paused)).toBe(7);
  expect(unseen(source, paused)).toBe(12);
});

test("shows what is left when the reader's place has gone from the ring", () => {
  const source = sourceOf(10, 10);
  const paused = moveLog(source, FOLLOWING, { delta: -9, page: 3 });
  for (let index = 10; index < 100; index += 1) source.ring.push(index);

  expect(() => shown(source, paused, 3)).not.toThrow();
  expect(
    shown(source, moveLog(source, paused, { delta: 1, page: 3 }), 3).length,
  ).toBeLessThanOrEqual(3);
});

test("skips what the filter hides", () => {
  const source = sourceOf(100, 100, 10);

  expect(shown(source, FOLLOWING, 3)).toEqual([70, 80, 90]);
  const moved = moveLog(source, FOLLOWING, { delta: -3, page: 3 });
  expect(currentItem(source, moved)).toBe(60);
  expect(shown(source, moved, 3)).toEqual([60, 70, 80]);
});

test("the cursor is always within the window after a move", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(
        fc.integer({ min: -9, max: 9 }).filter((delta) => delta !== 0),
        { maxLength: 12 },
      ),
      fc.integer({ min: 1, max: 8 }),
      (count, capacity, every, deltas, page) => {
        const source = sourceOf(count, capacity, every);
        let view = FOLLOWING;
        for (const delta of deltas) view = moveLog(source, view, { delta, page });
        const places = visibleItems(source, view, page).map(({ place }) => place);
        expect(places.length).toBeLessThanOrEqual(page);
        if (view.cursor !== null && places.length > 0) expect(places).toContain(view.cursor);
      },
    ),
  );
});
