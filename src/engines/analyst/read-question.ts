/**
 * Explains every piece of a question, or says which ones it cannot explain.
 *
 * Q1 Each piece is explained by exactly one reader: a time, a threshold, a variable, a phrase.
 * Q2 What nobody explains is reported, never skipped.
 */
import type { Threshold, TimePoint, TimeWindow } from "./intent.ts";
import { type Cue, PERSON_WORDS, readPhrase } from "./lexicon.ts";
import { type Piece, piecesOf } from "./piece.ts";
import { readThreshold } from "./read-threshold.ts";
import { readTime } from "./read-time.ts";
import type { AnalystTable, Subject } from "./table.ts";

/** A question explained piece by piece. */
export interface Reading {
  /** The meanings in the order of the question, for instance `what peak @ and when`. */
  readonly order: string;
  readonly cues: ReadonlySet<Cue>;
  readonly subjects: readonly Subject[];
  /** Whether a variable is meant only by way of "the epidemic". */
  readonly isEpidemic: boolean;
  readonly points: readonly TimePoint[];
  readonly windows: readonly TimeWindow[];
  readonly thresholds: readonly Threshold[];
  readonly mentionsPeople: boolean;
  /** The pieces nobody explains. */
  readonly unknown: readonly string[];
  /** Names that fit several variables. */
  readonly doubtful: readonly Extract<Piece, { type: "doubtful" }>[];
}

/** One explained stretch of a question. */
type Item =
  | { readonly type: "cue"; readonly cue: Cue }
  | { readonly type: "point"; readonly point: TimePoint }
  | { readonly type: "window"; readonly window: TimeWindow }
  | { readonly type: "threshold"; readonly threshold: Threshold }
  | { readonly type: "subject"; readonly subject: Subject; readonly isEpidemic: boolean }
  | { readonly type: "person" | "filler" }
  | { readonly type: "unknown"; readonly text: string }
  | Extract<Piece, { type: "doubtful" }>;

/** Explains a question against a table. */
export function readQuestion(question: string, table: AnalystTable): Reading {
  const pieces = piecesOf(question, table);
  const items: Item[] = [];
  let index = 0;
  while (index < pieces.length) {
    const { item, length } = readItem(pieces.slice(index), table);
    items.push(item);
    index += length;
  }
  return summarize(items);
}

function readItem(
  pieces: readonly Piece[],
  table: AnalystTable,
): { readonly item: Item; readonly length: number } {
  const symbols = pieces.map((piece) => piece.symbol).join(" ");
  const numbers = pieces.flatMap((piece) => (piece.type === "number" ? [piece.value] : []));
  const time = readTime(symbols, numbers, table);
  if (time !== undefined) return { item: time, length: time.length };
  const subject = pieces.flatMap((piece) =>
    piece.type === "subject" && !piece.isEpidemic ? [piece.subject] : [],
  )[0];
  const threshold = readThreshold(symbols, { number: numbers[0] ?? 0, subject });
  if (threshold !== undefined) {
    return { item: { type: "threshold", ...threshold }, length: threshold.length };
  }
  return readWords(pieces);
}

function readWords(pieces: readonly Piece[]): { readonly item: Item; readonly length: number } {
  const [head] = pieces;
  if (head?.type === "subject" || head?.type === "doubtful") return { item: head, length: 1 };
  const end = pieces.findIndex((piece) => piece.type !== "word" && piece.type !== "sign");
  const run = pieces.slice(0, end === -1 ? undefined : end);
  const words = run.flatMap((piece) => ("text" in piece ? [piece.text] : []));
  const phrase = readPhrase(
    words,
    run.map((piece) => piece.symbol),
  );
  if (phrase !== undefined) {
    const item: Item = phrase.cue === null ? { type: "filler" } : { type: "cue", cue: phrase.cue };
    return { item, length: phrase.length };
  }
  const [word] = words;
  if (word !== undefined && PERSON_WORDS.has(word)) return { item: { type: "person" }, length: 1 };
  const text = head?.type === "number" ? String(head.value) : (word ?? "");
  return { item: { type: "unknown", text }, length: 1 };
}

function summarize(items: readonly Item[]): Reading {
  const cues = items.flatMap((item) => (item.type === "cue" ? [item.cue] : []));
  return {
    order: items.flatMap(codeOf).join(" "),
    cues: new Set(cues),
    subjects: items.flatMap((item) => (item.type === "subject" ? [item.subject] : [])),
    isEpidemic: items.some((item) => item.type === "subject" && item.isEpidemic),
    points: items.flatMap((item) => (item.type === "point" ? [item.point] : [])),
    windows: items.flatMap((item) => (item.type === "window" ? [item.window] : [])),
    thresholds: items.flatMap((item) => (item.type === "threshold" ? [item.threshold] : [])),
    mentionsPeople: items.some((item) => item.type === "person"),
    unknown: items.flatMap((item) => (item.type === "unknown" ? [item.text] : [])),
    doubtful: items.flatMap((item) => (item.type === "doubtful" ? [item] : [])),
  };
}

function codeOf(item: Item): readonly string[] {
  switch (item.type) {
    case "cue":
      return [item.cue];
    case "subject":
      return ["@"];
    case "point":
    case "window":
    case "threshold":
      return [item.type];
    case "person":
    case "filler":
    case "unknown":
    case "doubtful":
      return [];
  }
}
