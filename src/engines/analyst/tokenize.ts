import { FRACTION_WORDS, MULTIPLIERS, NUMBER_WORDS } from "./lexicon.ts";

/** A piece of a question: a word, a number, or a sign. */
export type Token =
  | { readonly type: "word"; readonly text: string; readonly original: string }
  | { readonly type: "number"; readonly value: number; readonly percent: boolean }
  | { readonly type: "sign"; readonly text: string };

const CONTRACTIONS = /\b(what|when|how|which|it|that|there)['’]s\b/giu;
const POSSESSIVES = /(\p{L})['’]s\b/giu;
const QUOTES = /["'“”‘’`]/gu;
const ENDINGS = /[?!.]+\s*$/u;
const PIECE =
  /(?<![\p{L}\d.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?(?![\p{L}\d])(?:\s?%)?|[\p{L}][\p{L}\d]*|\d[\p{L}\d]*|[<>]=|\S/giu;

/** After a number, "20 min" are minutes; without one, "min" is a minimum. */
const SHORT_UNITS = /(\d)\s?(mins?|hrs?|wks?|yrs?)\b/giu;
const LONG_UNITS = { m: "minutes", h: "hours", w: "weeks", y: "years" };

/** What is glued to letters, such as 10k, is no number but a sign nobody explains. */
const NUMBER = /^-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?\s?%?$/iu;

/** Splits a question; what is neither word nor number stays a sign, for someone to explain. */
export function tokenize(question: string): readonly Token[] {
  const plain = question
    .normalize("NFKC")
    .replace(CONTRACTIONS, "$1 is")
    .replace(POSSESSIVES, "$1")
    .replace(QUOTES, " ")
    .replace(/_/gu, " ")
    .replace(SHORT_UNITS, (_, number: string, unit: string) => `${number} ${longUnit(unit)}`)
    .replace(/(\d)\s*(?:percent|per cent)\b/giu, "$1%")
    .trim()
    .replace(ENDINGS, "")
    // A question mark between two questions joins them, as a comma would.
    .replace(/[?:]\s+/gu, " , ");
  return joinMultipliers((plain.match(PIECE) ?? []).map(tokenOf));
}

function longUnit(short: string): string {
  const entry = Object.entries(LONG_UNITS).find(([letter]) =>
    short.toLowerCase().startsWith(letter),
  );
  return entry?.[1] ?? short;
}

/** `5 thousand` is one number. */
function joinMultipliers(tokens: readonly Token[]): readonly Token[] {
  const joined: Token[] = [];
  for (const token of tokens) {
    const factor = token.type === "word" ? MULTIPLIERS.get(token.text) : undefined;
    const before = joined.at(-1);
    if (factor !== undefined && before?.type === "number" && !before.percent) {
      joined[joined.length - 1] = { ...before, value: before.value * factor };
    } else joined.push(token);
  }
  return joined;
}

function tokenOf(piece: string): Token {
  if (NUMBER.test(piece)) {
    const percent = piece.endsWith("%");
    const value = Number(piece.replace(/[,%\s]/gu, ""));
    return { type: "number", value, percent };
  }
  const part = FRACTION_WORDS.get(piece.toLowerCase());
  if (part !== undefined) return { type: "number", value: 100 * part, percent: true };
  const count = NUMBER_WORDS.get(piece.toLowerCase());
  if (count !== undefined) return { type: "number", value: count, percent: false };
  if (/^\p{L}/u.test(piece)) return { type: "word", text: piece.toLowerCase(), original: piece };
  return { type: "sign", text: piece };
}

/** The words a variable's name is made of: `contactRate_per day` → contact, rate, per, day. */
export function wordsOfName(name: string): readonly string[] {
  return name
    .normalize("NFKC")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}
