/** Follows the lines of a drawing as a reader's eye does: from left to right, never back. */

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

/** A direction a line is followed in. */
export type Way = (typeof WAYS)[number];

/** A character of a drawing. */
export interface Place {
  readonly row: number;
  readonly at: number;
}

/**
 * Goes wherever lines lead from `start`, which is come to from the left. `visit` is told of each place
 * and the ways on from there, and answers those to go.
 */
export function followLines(
  drawing: readonly string[],
  start: Place,
  visit: (place: Place, ways: readonly Way[]) => readonly Way[],
): void {
  const cells = drawing.map((line) => [...line]);
  const seen = new Set<string>();
  const open: (Place & { readonly came: Way })[] = [{ ...start, came: "r" }];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    const { row, at, came } = here;
    const key = `${row} ${at} ${came}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const way of visit({ row, at }, waysOn(cells[row]?.[at] ?? " ", came))) {
      open.push({ row: row + STEPS[way][0], at: at + STEPS[way][1], came: way });
    }
  }
}

/** Where a line that comes into a character goes on to. */
function waysOn(character: string, came: Way): readonly Way[] {
  const reaches = REACHES[character] ?? "";
  // A level line that meets an upright passes behind it.
  if (reaches === "ud" && came === "r") return ["r"];
  if (!reaches.includes(BACK[came])) return [];
  return WAYS.filter((way) => way !== BACK[came] && reaches.includes(way));
}
