/**
 * The screen as rectangles of lines, put together row by row. Ink lays out nothing here and sees no
 * text: it would take every cell of the screen apart and put it together again for each frame.
 *
 * C1 Every line is painted to exactly the width of its rectangle, once for as long as it is shown.
 * C2 Rectangles of one level do not overlap; those of the upper level cover what is below them.
 * C3 Changes of one turn of the event loop become one frame.
 * C4 What cannot be painted is told, as an error in a component is; it does not end the console.
 */
import type { Rect, Size } from "./layout.ts";
import type { Line } from "./spans.ts";
import { cutLine, fitLine } from "./spans.ts";
import type { Theme } from "./theme.ts";

/** A rectangle with what is in it. */
export interface Layer {
  readonly rect: Rect;
  readonly lines: readonly Line[];
  readonly level: "lower" | "upper";
  readonly theme: Theme;
}

/** Where components put what they show. */
export interface Canvas {
  /** Puts a rectangle, in the place of what its owner had put before. */
  put(owner: object, layer: Layer): void;
  /** Takes away what an owner has put. */
  remove(owner: object): void;
}

/** Where a canvas is shown. */
export interface CanvasPlace {
  size(): Size;
  /** Gets every row of the screen, soon after something has changed. */
  draw(rows: readonly string[]): void;
  /** C4 */
  onProblem(thrown: unknown): void;
}

/** Makes a canvas. */
export function canvasFor(place: CanvasPlace): Canvas {
  const layers = new Map<object, Layer>();
  const paint = painter();
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    try {
      place.draw(rowsOf([...layers.values()], place.size(), paint));
    } catch (thrown) {
      place.onProblem(thrown); // C4
    }
  };
  const changed = (): void => {
    if (isDue) return; // C3
    isDue = true;
    queueMicrotask(flush);
  };
  return {
    put(owner, layer) {
      layers.set(owner, layer);
      changed();
    },
    remove(owner) {
      if (layers.delete(owner)) changed();
    },
  };
}

type Paint = (line: Line, width: number, theme: Theme) => string;

/** C1 */
function painter(): Paint {
  const known = new WeakMap<Line, { width: number; theme: Theme; text: string }>();
  return (line, width, theme) => {
    const before = known.get(line);
    if (before?.width === width && before.theme === theme) return before.text;
    const text = theme.paint(line, width);
    known.set(line, { width, theme, text });
    return text;
  };
}

/** What stands for a row of a rectangle that has no line there; one, so that it is painted once. */
const NOTHING: Line = [];

/** The rows of the screen, from the top. */
function rowsOf(
  layers: readonly Layer[],
  { columns, rows }: Size,
  paint: Paint,
): readonly string[] {
  const ordered = [...layers].sort((one, other) => one.rect.x - other.rect.x);
  const lower = ordered.filter(({ level }) => level === "lower");
  const upper = ordered.filter(({ level }) => level === "upper");
  return Array.from({ length: rows }, (_, y) => {
    const below = lower.filter(({ rect }) => covers(rect, y));
    const cover = upper.find(({ rect }) => covers(rect, y)); // C2
    return cover === undefined
      ? joined(below, { y, from: 0, to: columns }, paint)
      : joined(below, { y, from: 0, to: cover.rect.x }, paint) +
          paint(lineAt(cover, y), cover.rect.width, cover.theme) +
          joined(below, { y, from: cover.rect.x + cover.rect.width, to: columns }, paint);
  });
}

function covers({ y: top, height }: Rect, y: number): boolean {
  return y >= top && y < top + height;
}

function lineAt({ rect, lines }: Layer, y: number): Line {
  return lines[y - rect.y] ?? NOTHING;
}

/** The columns from `from` to `to` of a row. */
function joined(
  layers: readonly Layer[],
  { y, from, to }: { readonly y: number; readonly from: number; readonly to: number },
  paint: Paint,
): string {
  let text = "";
  let at = from;
  for (const layer of layers) {
    const { rect, theme } = layer;
    const [left, right] = [Math.max(rect.x, from), Math.min(rect.x + rect.width, to)];
    if (left >= right) continue;
    text += " ".repeat(Math.max(0, left - at));
    const line = lineAt(layer, y);
    const isWhole = left === rect.x && right === rect.x + rect.width;
    text += isWhole
      ? paint(line, rect.width, theme)
      : theme.paint(
          cutLine(fitLine(line, rect.width), left - rect.x, right - rect.x),
          right - left,
        );
    at = right;
  }
  return text + " ".repeat(Math.max(0, to - at));
}
