/**
 * Lines of text with a meaning per part. Panes produce them; `paint` is the only way from them to
 * the terminal: it escapes, cuts to the width and pads, so that nothing can leave its rectangle.
 */
import stringWidth from "string-width";
import { escapeText, isPlain } from "./escape-text.ts";

/** What a part of a line means; the theme decides how it looks. */
export type Tone =
  | "text"
  | "muted"
  | "accent"
  | "good"
  | "bad"
  | "warning"
  | "live"
  | "series-0"
  | "series-1"
  | "series-2"
  | "series-3"
  | "series-4"
  | "series-5";

/** A part of a line. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone | undefined;
  readonly bold?: boolean | undefined;
  readonly inverse?: boolean | undefined;
}

/** One line; it has no line breaks. */
export type Line = readonly Span[];

/** Longest grapheme that is kept, in UTF-16 units: stops towers of combining marks. */
const MAXIMUM_CLUSTER = 12;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A span. */
export function span(text: string, tone?: Tone, bold?: boolean): Span {
  return { text, tone, bold };
}

/** The columns a text takes once it is escaped. */
export function widthOf(text: string): number {
  const escaped = escapeText(text);
  return isPlain(escaped) ? escaped.length : stringWidth(escaped);
}

/** The columns a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, part) => sum + widthOf(part.text), 0);
}

/** Escapes a text and cuts it to `width` columns; `…` stands for what is missing. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return "";
  const escaped = escapeText(text.slice(0, width * 16 + 64));
  if (isPlain(escaped)) {
    return escaped.length <= width ? escaped : `${escaped.slice(0, width - 1)}…`;
  }
  let kept = "";
  let used = 0;
  let beforeLast = "";
  for (const { segment } of graphemes.segment(escaped)) {
    const cluster = segment.slice(0, MAXIMUM_CLUSTER);
    const columns = stringWidth(cluster);
    if (used + columns > width) return `${beforeLast}…`;
    kept += cluster;
    used += columns;
    if (used <= width - 1) beforeLast = kept;
  }
  return kept;
}

/** A text cut or padded to exactly `width` columns, its end or its start aligned. */
export function cell(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = truncate(text, width);
  const padding = " ".repeat(Math.max(0, width - widthOf(cut)));
  return align === "left" ? cut + padding : padding + cut;
}

/** Escapes a line and cuts or pads it to exactly `width` columns. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const part of line) {
    if (left <= 0) break;
    const text = truncate(part.text, left);
    fitted.push({ ...part, text });
    left -= widthOf(text);
  }
  if (left > 0) fitted.push({ text: " ".repeat(left), inverse: inverseAtEnd(line) });
  return fitted;
}

/** The columns from `from` up to `to` of a line; half a wide character is a space. */
export function cutLine(line: Line, from: number, to: number): Line {
  let column = 0;
  return line.map((part) => {
    const start = column;
    column += widthOf(part.text);
    if (column <= from || start >= to) return { ...part, text: "" };
    if (start >= from && column <= to) return part;
    return { ...part, text: cutText(part.text, from - start, to - start) };
  });
}

function cutText(text: string, from: number, to: number): string {
  const escaped = escapeText(text);
  if (isPlain(escaped)) return escaped.slice(Math.max(0, from), Math.max(0, to));
  let kept = "";
  let column = 0;
  for (const { segment } of graphemes.segment(escaped)) {
    const start = column;
    column += stringWidth(segment);
    if (start >= from && column <= to) kept += segment;
    else kept += " ".repeat(Math.max(0, Math.min(column, to) - Math.max(start, from)));
  }
  return kept;
}

function inverseAtEnd(line: Line): boolean | undefined {
  return line.length > 0 && line.every((part) => part.inverse === true) ? true : undefined;
}

/** A line with the look of a selected row. */
export function selectedLine(line: Line): Line {
  return line.map((part) => ({ ...part, inverse: true }));
}

/** Most characters that are laid out; nobody reads further, and a frame must not wait for it. */
const LAID_OUT = 200_000;

/** Breaks a text into lines of at most `width` columns, at spaces where there are some. */
export function wrapText(text: string, width: number): readonly string[] {
  if (width <= 0) return [];
  const shown = text.length > LAID_OUT ? `${text.slice(0, LAID_OUT)}…` : text;
  return shown.split(/\r?\n/).flatMap((paragraph) => wrapParagraph(paragraph, width));
}

function wrapParagraph(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of escapeText(paragraph).split(" ")) {
    const candidate = current === "" ? word : `${current} ${word}`;
    if (widthOf(candidate) <= width) {
      current = candidate;
      continue;
    }
    if (current !== "") lines.push(current);
    const pieces = cutWord(word, width);
    // One by one: a call takes only so many arguments, and a word may be megabytes long.
    for (const piece of pieces.slice(0, -1)) lines.push(piece);
    current = pieces[pieces.length - 1] ?? "";
  }
  lines.push(current);
  return lines;
}

function cutWord(word: string, width: number): readonly string[] {
  if (isPlain(word)) {
    const pieces: string[] = [];
    for (let start = 0; start < word.length; start += width) {
      pieces.push(word.slice(start, start + width));
    }
    return pieces;
  }
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const { segment } of graphemes.segment(word)) {
    const columns = stringWidth(segment);
    if (used + columns > width && piece !== "") {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += segment;
    used += columns;
  }
  pieces.push(piece);
  return pieces;
}
