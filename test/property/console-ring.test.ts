import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "../../src/console/ring.ts";

test("holds what the end of a list of all pushed items holds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      fc.integer({ min: -3, max: 15 }),
      fc.integer({ min: -3, max: 15 }),
      (capacity, pushed, start, end) => {
        const ring = new Ring<number>(capacity);
        for (const item of pushed) ring.push(item);
        const model = pushed.slice(-capacity);

        expect(ring.version).toBe(pushed.length);
        expect(ring.length).toBe(model.length);
        expect(ring.slice(0, ring.length)).toEqual(model);
        expect(ring.slice(start, end)).toEqual(model.slice(Math.max(0, start), Math.max(0, end)));
        expect(ring.at(start)).toBe(start < 0 ? undefined : model[start]);
      },
    ),
  );
});
