/**
 * Draws the edges between two neighbouring stages as box lines. Pure.
 *
 * E1 Edges that leave the same places for the same places share one upright; others have their own.
 * E2 Where lines merely cross, the upright is drawn and the level line passes behind it: a corner,
 *    a tee or a cross is always a joint.
 */

/** An edge from a row at the left border of the gap to a row at its right border. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

/** Edges that share an upright: every source reaches every target. */
interface Bundle {
  readonly sources: readonly number[];
  readonly targets: readonly number[];
  readonly top: number;
  readonly bottom: number;
}

const UP = 1;
const DOWN = 2;
const LEFT = 4;
const RIGHT = 8;

/** Box-drawing characters by the directions they reach. */
const JOINTS: Readonly<Record<number, string>> = {
  0: " ",
  [UP]: "│",
  [DOWN]: "│",
  [UP | DOWN]: "│",
  [LEFT]: "─",
  [RIGHT]: "─",
  [LEFT | RIGHT]: "─",
  [DOWN | RIGHT]: "╭",
  [UP | RIGHT]: "╰",
  [DOWN | LEFT]: "╮",
  [UP | LEFT]: "╯",
  [UP | DOWN | RIGHT]: "├",
  [UP | DOWN | LEFT]: "┤",
  [DOWN | LEFT | RIGHT]: "┬",
  [UP | LEFT | RIGHT]: "┴",
  [UP | DOWN | LEFT | RIGHT]: "┼",
};

/** Columns before the first upright, and after the last one with the arrow. */
const BEFORE = 2;
const AFTER = 2;

/** The rows of a gap: `width` characters each, the same for every row. */
export function drawEdges(
  edges: readonly Edge[],
  height: number,
  isArrow: (row: number) => boolean,
): readonly string[] {
  const bundles = bundlesOf(edges);
  const tracks = tracksOf(bundles);
  const count = Math.max(1, ...[...tracks.values()].map((track) => track + 1));
  const width = BEFORE + count * 2 - 1 + AFTER;
  const grid = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const crossed = Array.from({ length: height }, () => new Array<boolean>(width).fill(false));
  const canvas: Canvas = { grid, crossed };
  for (const bundle of bundles) drawBundle(canvas, bundle, columnOf(tracks.get(bundle)));
  return grid.map((cells, row) => {
    const text = cells.map((bits, at) => (crossed[row]?.[at] ? "│" : (JOINTS[bits] ?? "┼")));
    if ((cells[width - 1] ?? 0) !== 0 && isArrow(row)) text[width - 1] = "▸";
    return text.join("");
  });
}

interface Canvas {
  readonly grid: number[][];
  /** Where an upright of one bundle hides a level line of another (E2). */
  readonly crossed: boolean[][];
}

function columnOf(track: number | undefined): number | undefined {
  return track === undefined ? undefined : BEFORE + track * 2;
}

/** Edges by what they have in common (E1). */
function bundlesOf(edges: readonly Edge[]): readonly Bundle[] {
  const targets = new Map<number, number[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const alike = new Map<string, Bundle>();
  for (const [source, rows] of targets) {
    const sorted = [...new Set(rows)].sort((left, right) => left - right);
    const key = sorted.join(" ");
    const sources = [...(alike.get(key)?.sources ?? []), source];
    const all = [...sources, ...sorted];
    const [top, bottom] = [Math.min(...all), Math.max(...all)];
    alike.set(key, { sources, targets: sorted, top, bottom });
  }
  return [...alike.values()];
}

/**
 * The upright of each bundle, counted from the left; a straight line has none. A bundle that leaves
 * a row stands left of the one that arrives on that row, so that the two are not taken for one; of
 * two that arrive on one row the one with more targets stands left, since who follows the other one
 * may turn into it.
 */
function tracksOf(bundles: readonly Bundle[]): ReadonlyMap<Bundle, number> {
  const open = new Set(bundles.filter(({ top, bottom }) => top !== bottom));
  const tracks = new Map<Bundle, number>();
  const isBefore = (left: Bundle, right: Bundle): boolean =>
    left !== right &&
    (left.sources.some((row) => right.targets.includes(row)) ||
      (left.targets.length > right.targets.length &&
        left.targets.some((row) => right.targets.includes(row))));
  while (open.size > 0) {
    const free = [...open].filter((one) => ![...open].some((other) => isBefore(other, one)));
    // Bundles that wait for each other in a circle are taken as they come.
    const next = free.length > 0 ? free : [...open].slice(0, 1);
    for (const bundle of next.sort((left, right) => left.top - right.top)) {
      open.delete(bundle);
      tracks.set(bundle, trackFor(bundle, tracks, isBefore));
    }
  }
  return tracks;
}

function trackFor(
  bundle: Bundle,
  tracks: ReadonlyMap<Bundle, number>,
  isBefore: (left: Bundle, right: Bundle) => boolean,
): number {
  const placed = [...tracks];
  let track = Math.max(0, ...placed.map(([other, at]) => (isBefore(other, bundle) ? at + 1 : 0)));
  const taken = (at: number): boolean =>
    placed.some(
      ([other, its]) => its === at && other.top <= bundle.bottom && bundle.top <= other.bottom,
    );
  while (taken(track)) track += 1;
  return track;
}

function drawBundle(canvas: Canvas, bundle: Bundle, column: number | undefined): void {
  const width = canvas.grid[0]?.length ?? 0;
  const own = new Map<string, number>();
  const add = (row: number, at: number, bits: number): void => {
    const key = `${row} ${at}`;
    own.set(key, (own.get(key) ?? 0) | bits);
  };
  const level = (row: number, from: number, to: number): void => {
    for (let at = from; at < to; at += 1) {
      add(row, at, RIGHT);
      add(row, at + 1, LEFT);
    }
  };
  const middle = column ?? 0;
  for (const row of bundle.sources) {
    add(row, 0, LEFT);
    level(row, 0, middle);
  }
  for (const row of bundle.targets) {
    level(row, middle, width - 1);
    add(row, width - 1, RIGHT);
  }
  for (let row = bundle.top; row < bundle.bottom; row += 1) {
    add(row, middle, DOWN);
    add(row + 1, middle, UP);
  }
  for (const [key, bits] of own) {
    const [row = 0, at = 0] = key.split(" ").map(Number);
    put(canvas, { row, at, bits });
  }
}

/** Adds a bundle's piece of a cell to what others have drawn there. */
function put(
  { grid, crossed }: Canvas,
  { row, at, bits }: { readonly row: number; readonly at: number; readonly bits: number },
): void {
  const line = grid[row];
  const before = line?.[at] ?? 0;
  if (line === undefined) return;
  const level = LEFT | RIGHT;
  const upright = UP | DOWN;
  const passes = (before === level && bits === upright) || (before === upright && bits === level);
  const marks = crossed[row];
  if (passes && marks !== undefined) marks[at] = true;
  line[at] = before | bits;
}
