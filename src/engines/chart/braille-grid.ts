/** The bit of each dot of a braille cell (2 wide, 4 high), by row then column. */
const DOT_BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const BLANK_BRAILLE = 0x2800;

/** A piece of a line of text; `series` says whose colour it takes, absent for axes and titles. */
export interface ChartSpan {
  readonly text: string;
  readonly series?: number;
}

/** One line of a chart, from left to right. */
export type ChartLine = readonly ChartSpan[];

/** A position in dots: two per column, four per row, from the top left. */
export interface Dot {
  readonly x: number;
  readonly y: number;
}

/** A drawing surface of `columns × rows` braille cells; a cell takes the colour drawn last. */
export interface BrailleGrid {
  readonly columns: number;
  readonly rows: number;
  /** Sets one dot; outside the grid nothing happens. */
  dot(at: Dot, series?: number): void;
  /** Draws a straight line between two dots, clipped to the grid. */
  line(from: Dot, to: Dot, series?: number): void;
  /** The bits set in a cell, and the series that set the last of them. */
  cell(column: number, row: number): { readonly bits: number; readonly series?: number };
}

/** An empty grid. */
export function brailleGrid(columns: number, rows: number): BrailleGrid {
  const bits = new Uint8Array(columns * rows);
  const owners = new Int16Array(columns * rows).fill(-1);
  const area = { right: columns * 2 - 1, bottom: rows * 4 - 1 };
  const dot: BrailleGrid["dot"] = ({ x, y }, series = -1) => {
    const [dx, dy] = [Math.round(x), Math.round(y)];
    if (dx < 0 || dy < 0 || dx > area.right || dy > area.bottom) return;
    const cell = (dy >> 2) * columns + (dx >> 1);
    bits[cell] = (bits[cell] ?? 0) | (DOT_BITS[dy & 3]?.[dx & 1] ?? 0);
    owners[cell] = series;
  };
  return {
    columns,
    rows,
    dot,
    line(from, to, series) {
      const clipped = clipLine(from, to, area);
      if (clipped === undefined) return;
      const [start, end] = clipped;
      const steps = Math.max(
        1,
        Math.round(Math.max(Math.abs(end.x - start.x), Math.abs(end.y - start.y))),
      );
      for (let step = 0; step <= steps; step += 1) {
        const part = step / steps;
        dot(
          { x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part },
          series,
        );
      }
    },
    cell(column, row) {
      const index = row * columns + column;
      const owner = owners[index] ?? -1;
      return { bits: bits[index] ?? 0, ...(owner < 0 ? {} : { series: owner }) };
    },
  };
}

/** The character for a cell's dots; a space for none. */
export function brailleCharacter(bits: number): string {
  return bits === 0 ? " " : String.fromCodePoint(BLANK_BRAILLE + bits);
}

/** Joins neighbours of the same colour, so that a line has few spans. */
export function joinSpans(spans: readonly ChartSpan[]): ChartLine {
  const joined: ChartSpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (span.text === "") continue;
    if (last !== undefined && last.series === span.series) {
      joined[joined.length - 1] = { ...last, text: last.text + span.text };
    } else joined.push(span);
  }
  return joined;
}

/** The part of a line inside the grid (Liang and Barsky 1984); undefined when none of it is. */
function clipLine(
  from: Dot,
  to: Dot,
  area: { readonly right: number; readonly bottom: number },
): readonly [Dot, Dot] | undefined {
  if (![from.x, from.y, to.x, to.y].every(Number.isFinite)) return undefined;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const edges = [
    { direction: -dx, distance: from.x },
    { direction: dx, distance: area.right - from.x },
    { direction: -dy, distance: from.y },
    { direction: dy, distance: area.bottom - from.y },
  ];
  let enter = 0;
  let leave = 1;
  for (const { direction, distance } of edges) {
    if (direction === 0 && distance < 0) return undefined;
    if (direction === 0) continue;
    const part = distance / direction;
    if (direction < 0) enter = Math.max(enter, part);
    else leave = Math.min(leave, part);
  }
  if (enter > leave) return undefined;
  const at = (part: number): Dot => ({ x: from.x + dx * part, y: from.y + dy * part });
  return [at(enter), at(leave)];
}
