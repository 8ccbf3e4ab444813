import fc from "fast-check";
import { expect, test } from "vitest";
import type { Edge } from "../../src/ui/panes/graph-edges.ts";
import { drawEdges } from "../../src/ui/panes/graph-edges.ts";
import { followLines } from "../support/follow-lines.ts";

const HEIGHT = 24;

/** The rows at the right border that a reader's eye comes to from a row at the left one. */
function followed(drawing: readonly string[], from: number): ReadonlySet<number> {
  const border = [...(drawing[0] ?? "")].length - 1;
  const ends = new Set<number>();
  followLines(drawing, { row: from, at: 0 }, ({ row, at }, ways) => {
    if (at === border && ways.includes("r")) ends.add(row);
    return ways;
  });
  return ends;
}

/** Rows far enough apart that no two places share one. */
const rows = fc.uniqueArray(fc.integer({ min: 0, max: HEIGHT / 2 - 1 }), {
  minLength: 1,
  maxLength: 6,
});

const graphs = fc.tuple(rows, rows).chain(([left, right]) =>
  fc
    .subarray(
      left.flatMap((from) => right.map((to) => ({ from: from * 2, to: to * 2 }))),
      {
        minLength: 1,
      },
    )
    .map((edges): readonly Edge[] => edges),
);

const drawn = (edges: readonly Edge[]): readonly string[] => drawEdges(edges, HEIGHT, () => true);

test("every edge can be followed from its source to its target", () => {
  fc.assert(
    fc.property(graphs, (edges) => {
      const drawing = drawn(edges);
      for (const { from, to } of edges) expect([...followed(drawing, from)]).toContain(to);
    }),
  );
});

test("every row of a gap is equally wide", () => {
  fc.assert(
    fc.property(graphs, (edges) => {
      expect(new Set(drawn(edges).map((line) => line.length)).size).toBe(1);
    }),
  );
});

/** Groups of places that are fully linked within and not at all between: forks and joins. */
const blocks = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 }),
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 }),
  )
  .map(([left, right]): readonly Edge[] =>
    left.flatMap((group, from) =>
      // Targets on rows of their own: nothing leaves where something else arrives.
      right.flatMap((other, to) => (group === other ? [{ from: from * 2, to: to * 2 + 1 }] : [])),
    ),
  )
  .filter((edges) => edges.length > 0);

test("forks and joins are seen as they are, however they cross", () => {
  fc.assert(
    fc.property(blocks, (edges) => {
      const drawing = drawn(edges);
      for (const from of new Set(edges.map((edge) => edge.from))) {
        const targets = edges.filter((edge) => edge.from === from).map((edge) => edge.to);
        expect([...followed(drawing, from)].sort((one, two) => one - two)).toEqual(targets);
      }
    }),
  );
});
