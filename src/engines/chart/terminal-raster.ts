import type { BrailleGrid, ChartLine, ChartSpan, Dot } from "./braille-grid.ts";
import { brailleCharacter, brailleGrid, joinSpans } from "./braille-grid.ts";
import { columnsOf, glyphs } from "./cell-text.ts";
import type { Box, Ink, Shape, TerminalCanvas } from "./terminal-canvas.ts";

/** Colours paler than this are paper and grid lines; a terminal has its own paper. */
const PALEST = 0.82;
/** Colours with less colour than this are axes and text. */
const GREYEST = 24;
/** Fillings more transparent than this are dotted instead of full. */
const TRANSLUCENT = 0.75;

/** From a letter's foot to its middle, in pixels. */
const HALF_LETTER = 4;

interface Raster {
  readonly grid: BrailleGrid;
  /** The text over the dots, by cell; `""` is the second half of a wide character. */
  readonly texts: Map<number, ChartSpan>;
  /** The cells beside texts, kept free so that two numbers never read as one. */
  readonly gaps: Set<number>;
  readonly toDots: (pixel: Dot) => Dot;
  readonly seriesOf: (ink: Ink) => number | undefined;
}

/**
 * What was drawn on the canvas as lines of braille and text: exactly `rows` lines of `columns`
 * columns. Colours become series in order of `palette`, others in order of appearance after it.
 */
export function rasterize(
  canvas: TerminalCanvas,
  box: { readonly columns: number; readonly rows: number; readonly palette: readonly string[] },
): ChartLine[] {
  const { columns, rows } = box;
  const scale = { x: (columns * 2) / canvas.size.x, y: (rows * 4) / canvas.size.y };
  const raster: Raster = {
    grid: brailleGrid(columns, rows),
    texts: new Map(),
    gaps: new Set(),
    toDots: ({ x, y }) => ({ x: x * scale.x, y: y * scale.y }),
    seriesOf: seriesByColour(box.palette),
  };
  for (const shape of canvas.shapes) draw(raster, shape);
  return Array.from({ length: rows }, (_, row) => rowOf(raster, row));
}

function draw(raster: Raster, shape: Shape): void {
  const rgb = channelsOf(shape.ink.colour);
  if (rgb === undefined || shape.ink.opacity < 0.05 || brightness(rgb) > PALEST) return;
  if (shape.type === "text") writeText(raster, shape);
  else if (shape.type === "fill") for (const path of shape.paths) fillPath(raster, path, shape.ink);
  else for (const path of shape.paths) strokePath(raster, path, shape.ink);
}

function strokePath({ grid, toDots, seriesOf }: Raster, path: readonly Dot[], ink: Ink): void {
  const series = seriesOf(ink);
  const clip = ink.clip;
  for (const [index, point] of path.entries()) {
    const next = path[index + 1];
    if (next === undefined || !(isInside(point, clip) || isInside(next, clip))) continue;
    grid.line(corner(toDots(point)), corner(toDots(next)), series);
  }
}

/** The dot a position in dots falls on. */
function corner({ x, y }: Dot): Dot {
  return { x: x - 0.5, y: y - 0.5 };
}

function isInside({ x, y }: Dot, clip: Box | undefined): boolean {
  if (clip === undefined) return true;
  return x >= clip.left - 1 && x <= clip.right + 1 && y >= clip.top - 1 && y <= clip.bottom + 1;
}

/** Fills by lines of dots; the outline is drawn too, so that thin shapes do not vanish. */
function fillPath(raster: Raster, path: readonly Dot[], ink: Ink): void {
  const { grid, toDots } = raster;
  const dots = path.map(toDots);
  for (let y = 0; y < grid.rows * 4; y += 1) {
    const crossings = crossingsAt(dots, y + 0.5);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const [from = 0, to = 0] = crossings.slice(pair, pair + 2);
      fillRow(raster, { y, from, to }, ink);
    }
  }
  if (ink.opacity >= TRANSLUCENT) strokePath(raster, path, ink);
}

function fillRow(
  { grid, seriesOf }: Raster,
  row: { readonly y: number; readonly from: number; readonly to: number },
  ink: Ink,
): void {
  const { y } = row;
  const series = seriesOf(ink);
  const last = Math.min(grid.columns * 2, row.to - 0.5);
  const step = ink.opacity < TRANSLUCENT ? 2 : 1;
  const first = Math.max(0, Math.ceil(row.from - 0.5));
  for (let x = first + ((first + y) % step); x <= last; x += step) grid.dot({ x, y }, series);
}

function crossingsAt(path: readonly Dot[], y: number): number[] {
  const crossings: number[] = [];
  for (const [index, from] of path.entries()) {
    const to = path[(index + 1) % path.length] ?? from;
    if (from.y > y === to.y > y) continue;
    crossings.push(from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x));
  }
  return crossings.sort((left, right) => left - right);
}

type TextShape = Extract<Shape, { type: "text" }>;

/** Writes a text where all its cells are free; where they are not, the text that was first stays. */
function writeText(raster: Raster, shape: TextShape): void {
  const { texts, gaps, seriesOf } = raster;
  const series = seriesOf(shape.ink);
  const colour = series === undefined ? {} : { series };
  const cells = cellsOf(raster, shape);
  if (cells.some(([cell]) => texts.has(cell) || (!shape.upright && gaps.has(cell)))) return;
  for (const [cell, text] of cells) texts.set(cell, { text, ...(text === "" ? {} : colour) });
  const [first, last] = [cells[0]?.[0], cells.at(-1)?.[0]];
  if (shape.upright || first === undefined || last === undefined) return;
  gaps.add(first - 1).add(last + 1);
}

/** The cells a text takes, those outside the grid left out; a wide character takes two. */
function cellsOf(raster: Raster, shape: TextShape): [number, string][] {
  const { grid } = raster;
  const { upright } = shape;
  let { column, row } = startOf(shape, raster);
  return glyphs(shape.text).flatMap(({ text, columns }): [number, string][] => {
    const isInGrid = column >= 0 && row >= 0 && column + columns <= grid.columns && row < grid.rows;
    const cell = row * grid.columns + column;
    if (upright) row += 1;
    else column += columns;
    if (!isInGrid) return [];
    return columns === 2
      ? [
          [cell, text],
          [cell + 1, ""],
        ]
      : [[cell, text]];
  });
}

/**
 * The cell of a text's first character. Upright text is centred on its place; other text is moved
 * into the grid, since a number that lost a digit at the edge would be another number.
 */
function startOf(
  { text, at, align, upright }: TextShape,
  { grid, toDots }: Raster,
): { readonly column: number; readonly row: number } {
  if (upright) {
    const { x, y } = toDots(at);
    return { column: Math.floor(x / 2), row: Math.round(y / 4 - glyphs(text).length / 2) };
  }
  const { x, y } = toDots({ x: at.x, y: at.y - HALF_LETTER });
  const before = { left: 0, start: 0, center: 0.5, right: 1, end: 1 }[align] ?? 0;
  const length = columnsOf(text);
  const column = Math.round(x / 2 - before * length);
  const inGrid = Math.max(0, Math.min(column, grid.columns - length));
  return { column: inGrid, row: Math.floor(y / 4) };
}

function rowOf({ grid, texts }: Raster, row: number): ChartLine {
  const spans = Array.from({ length: grid.columns }, (_, column): ChartSpan => {
    const text = texts.get(row * grid.columns + column);
    if (text !== undefined) return text;
    const { bits, ...owner } = grid.cell(column, row);
    return { text: brailleCharacter(bits), ...(bits === 0 ? {} : owner) };
  });
  return joinSpans(spans);
}

function seriesByColour(palette: readonly string[]): (ink: Ink) => number | undefined {
  const known = new Map(palette.map((colour, index) => [String(channelsOf(colour)), index]));
  return ({ colour }) => {
    const channels = channelsOf(colour);
    const key = String(channels);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (channels === undefined || Math.max(...channels) - Math.min(...channels) < GREYEST)
      return undefined;
    known.set(key, known.size);
    return known.size - 1;
  };
}

type Channels = readonly [red: number, green: number, blue: number];

/** The channels of `#rgb`, `#rrggbb` and `rgb(…)`; black for names; undefined when invisible. */
function channelsOf(colour: string): Channels | undefined {
  if (colour === "transparent" || colour === "none") return undefined;
  if (colour === "white") return [255, 255, 255];
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour)?.[1];
  if (hex !== undefined) {
    const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
    const value = Number.parseInt(full, 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return alpha < 0.05 ? undefined : [red, green, blue];
}

function brightness([red, green, blue]: Channels): number {
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
