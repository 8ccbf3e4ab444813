import fc from "fast-check";
import { expect, test } from "vitest";
import type { Edge } from "../../src/ui/panes/graph-edges.ts";
import { drawEdges } from "../../src/ui/panes/graph-edges.ts";

const HEIGHT = 24;

/** The directions each character of a drawing reaches. */
const REACHES: Readonly<Record<string, string>> = {
  "─": "lr",
  "▸": "lr",
  "│": "ud",
  "╭": "dr",
  "╰": "ur",
  "╮": "dl",
  "╯": "ul",
  "├": "udr",
  "┤": "udl",
  "┬": "dlr",
  "┴": "ulr",
  "┼": "udlr",
};
const STEPS = { u: [-1, 0], d: [1, 0], r: [0, 1] } as const;
const BACK = { u: "d", d: "u", r: "l" } as const;
const WAYS = ["u", "d", "r"] as const;
type Way = (typeof WAYS)[number];

interface Place {
  readonly row: number;
  readonly at: number;
  /** The direction it was come from. */
  readonly came: Way;
}

/** The rows at the right border that a reader's eye comes to from a row at the left one. */
function followed(drawing: readonly string[], from: number): ReadonlySet<number> {
  const cells = drawing.map((line) => [...line]);
  const width = cells[0]?.length ?? 0;
  const ends = new Set<number>();
  const seen = new Set<string>();
  const open: Place[] = [{ row: from, at: 0, came: "r" }];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    const { row, at, came } = here;
    const ways = waysOn(cells[row]?.[at] ?? " ", came);
    const key = `${row} ${at} ${came}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (at === width - 1 && ways.includes("r")) ends.add(row);
    for (const way of ways) {
      open.push({ row: row + STEPS[way][0], at: at + STEPS[way][1], came: way });
    }
  }
  return ends;
}

/** Where a line that comes into a character goes on to; never back to the left. */
function waysOn(character: string, came: Way): readonly Way[] {
  const reaches = REACHES[character] ?? "";
  // A level line that meets an upright passes behind it.
  if (reaches === "ud" && came === "r") return ["r"];
  if (!reaches.includes(BACK[came])) return [];
  return WAYS.filter((way) => way !== BACK[came] && reaches.includes(way));
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
