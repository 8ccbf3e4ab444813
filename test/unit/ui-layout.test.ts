import fc from "fast-check";
import { expect, test } from "vitest";
import type { Rect } from "../../src/ui/layout.ts";
import { layoutOf } from "../../src/ui/layout.ts";
import { PANE_IDS } from "../../src/ui/model/pane-ids.ts";

const wish = fc.record({
  focus: fc.constantFrom(...PANE_IDS),
  zoomed: fc.boolean(),
  lower: fc.constantFrom("events", "topics", "runs", "sessions"),
  flowRows: fc.integer({ min: 5, max: 60 }),
} as const);

function overlap(one: Rect, other: Rect): boolean {
  const across = one.x < other.x + other.width && other.x < one.x + one.width;
  return across && one.y < other.y + other.height && other.y < one.y + one.height;
}

test("panes stay within the terminal, do not overlap, and the focused one is there", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 320 }),
      fc.integer({ min: 15, max: 100 }),
      wish,
      (columns, rows, wished) => {
        // A shared place shows the pane that was focused last.
        const shares = ["events", "topics", "runs", "sessions"].includes(wished.focus);
        const lower = shares ? wished.focus : wished.lower;
        const layout = layoutOf({ columns, rows }, { ...wished, lower });
        if (layout.kind === "too-small") throw new Error("large enough");
        expect(layout.panes.has(wished.focus)).toBe(true);
        const rects = [layout.header, layout.tabs, layout.footer, ...layout.panes.values()];
        for (const rect of rects) {
          expect(rect.width).toBeGreaterThan(0);
          expect(rect.height).toBeGreaterThan(0);
          expect(rect.x + rect.width).toBeLessThanOrEqual(columns);
          expect(rect.y + rect.height).toBeLessThanOrEqual(rows);
          expect(rects.filter((other) => overlap(rect, other))).toEqual([rect]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  [59, 24],
  [60, 14],
  [1, 1],
])("says that %i×%i is too small", (columns, rows) => {
  const layout = layoutOf(
    { columns, rows },
    { focus: "flow", zoomed: false, lower: "events", flowRows: 9 },
  );
  expect(layout.kind).toBe("too-small");
});

test("shows the graph and its details together at 80×24", () => {
  const layout = layoutOf(
    { columns: 80, rows: 24 },
    { focus: "flow", zoomed: false, lower: "events", flowRows: 9 },
  );
  if (layout.kind === "too-small") throw new Error("large enough");
  expect(layout.panes.get("flow")?.height).toBe(9);
  expect(layout.panes.get("detail")?.height).toBe(11);
});
