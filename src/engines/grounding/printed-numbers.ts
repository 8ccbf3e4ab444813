/**
 * The numbers in a text, as they are printed: digits with their precision, and number words.
 * What looks like a number and cannot be read has the value NaN, so that nothing vouches for it.
 */

import { fractionWords, multipleWords, scaledHalves } from "./number-words.ts";
import type { Groups, PrintedNumber, Taken } from "./printed-number.ts";
import { take } from "./printed-number.ts";
import { SCALES, scaleOf, shortScale, UNITS } from "./scales.ts";

const SCALE = String.raw`(?:${Object.keys(SCALES).join("|")})s?\b`;
const UNIT = String.raw`(?:${Object.keys(UNITS).join("|")})\b`;

/** Not inside a name (CO2, x_1), a power (m^2, m^-2) or another number. */
const BEFORE = String.raw`(?<![\p{L}\p{N}_.^]|\^[-−+])`;
const WHOLE = String.raw`(?<whole>\d{1,3}(?:[,'’_\s]\d{3})+(?!\d)|\d+|(?=\.\d))`;
const POWER = String.raw`(?:\s?[×x*·]\s?10\s?(?:\^|\*\*)?\s?(?<power>[-−]?\d+)|[eE](?<exponent>[-−+]?\d+)|\s?(?:\^|\*\*)\s?(?<raised>[-−+]?\d+))?`;
const PERCENT = String.raw`\s?(?<percent>%|‰|percent(?:age points?)?\b|per cent\b)`;
const SHORT = String.raw`(?<gap>\s?)(?<short>bn|mn|mln|mio|tn|[kmbt])(?![\p{L}\p{N}_])`;
const AFTER = String.raw`(?:${PERCENT}|[\s-]?(?<scale>${SCALE})|${SHORT})?`;

const DIGITS = new RegExp(
  String.raw`${BEFORE}(?<sign>[-−]?)${WHOLE}(?<part>\.\d+)?${POWER}${AFTER}`,
  "giu",
);

/** `1/3` and `2 1/2`, but no date. */
const FRACTION =
  /(?<![\p{L}\p{N}_.^/])(?:(?<whole>\d+)\s)?(?<top>\d{1,3})\s?[⁄/]\s?(?<bottom>\d{1,3})(?![\d/⁄]|\.\d)/gu;

const WORDS = new RegExp(
  String.raw`(?<article>\b(?:the|these|those|both|all)\s+)?(?<words>\b(?:${UNIT}|${SCALE})(?:[\s-]+(?:and\s+)?(?:${UNIT}|${SCALE}))*)(?:${PERCENT})?`,
  "giu",
);

/** Digits of other scripts are numbers too, which nobody here can read. */
const FOREIGN_DIGITS = /[^\P{Nd}0-9]+/gu;

/** A list's own numbering at the beginning of a line. */
const LIST_MARK = /^\s*(\d{1,2})[.)]\s+(?=\S)/u;

/** The numbers of a text; those inside `names` are part of the names. */
export function printedNumbers(text: string, names: readonly string[] = []): PrintedNumber[] {
  const [plain, fractions] = taken(
    withoutListMarks(withoutNames(normalised(text), names)),
    (rest) => take(rest, FRACTION, readFraction),
  );
  // What is read as one thing is taken out, so that a part of it does not count again.
  const [left, digits] = taken(plain, (text) => take(text, DIGITS, readDigits));
  const [rest, spoken] = taken(left, scaledHalves, fractionWords, multipleWords);
  return [
    ...fractions,
    ...digits,
    ...spoken,
    ...[...rest.matchAll(WORDS)].flatMap(({ groups = {} }) => readWords(groups)),
    ...[...rest.matchAll(FOREIGN_DIGITS)].map(([found]) => unreadable(found)),
  ];
}

type Take = (text: string) => Taken;

function taken(text: string, ...takes: readonly Take[]): readonly [string, PrintedNumber[]] {
  let rest = text;
  const all: PrintedNumber[] = [];
  for (const one of takes) {
    const [left, found] = one(rest);
    rest = left;
    all.push(...found);
  }
  return [rest, all];
}

/** One form for all: raised digits as powers, `½` as `1⁄2` beside a whole number. */
function normalised(text: string): string {
  return text
    .replace(/[⁺⁻]?[⁰¹²³⁴-⁹]+/gu, "^$&")
    .replace(/[¼-¾⅐-⅞]/gu, " $&")
    .normalize("NFKC");
}

function readFraction(found: string, { whole = "0", top, bottom }: Groups): PrintedNumber {
  const value = Number(whole) + Number(top) / Number(bottom);
  if (!Number.isFinite(value)) return unreadable(found);
  return { text: found, value, halfUnit: 0.005, isPercent: false };
}

function readDigits(found: string, groups: Groups): PrintedNumber {
  const {
    sign,
    whole = "",
    part = "",
    power,
    exponent,
    raised,
    percent,
    scale,
    gap,
    short,
  } = groups;
  const text = found.trim();
  const digits = `${whole.replace(/\D/gu, "")}${part}`;
  // A power of ten is a number; of what another one would be the power is not said here.
  if (raised !== undefined && digits !== "10") return unreadable(text);
  const ten = raised === undefined ? (power ?? exponent ?? "0") : String(Number(minus(raised)) - 1);
  const tenfold = Number(minus(ten));
  const factor = scaleOf(scale) ?? shortScale(short, gap) ?? 1;
  const perMille = percent === "‰" ? 0.1 : 1;
  const size = Number(`${digits}e${tenfold}`) * factor * perMille;
  const decimals = Math.max(0, part.length - 1) - (raised === undefined ? 0 : 1);
  const halfUnit = 0.5 * 10 ** (tenfold - decimals) * factor * perMille;
  // Without this, 1e999 would be as near to every number as it is precise.
  if (!Number.isFinite(size) || !Number.isFinite(halfUnit)) return unreadable(text);
  const isPercent = percent !== undefined;
  return { text, value: sign === "" ? size : -size, halfUnit, isPercent };
}

function minus(digits: string): string {
  return digits.replace("−", "-");
}

function readWords({ article, words = "", percent }: Groups): readonly PrintedNumber[] {
  const value = valueOfWords(words.toLowerCase().split(/[\s-]+/u));
  // “one of them”, “the two curves”: these point, they do not count.
  const isPointing =
    percent === undefined && (value === 1 || (article !== undefined && value <= 12));
  if (isPointing) return [];
  return [{ text: words, value, halfUnit: 0.5, isPercent: percent !== undefined }];
}

function valueOfWords(words: readonly string[]): number {
  let total = 0;
  let group = 0;
  for (const word of words) {
    const scale = scaleOf(word);
    if (scale === undefined) group += UNITS[word] ?? 0;
    else if (scale < 1000) group = Math.max(1, group) * scale;
    else {
      total += Math.max(1, group) * scale;
      group = 0;
    }
  }
  return total + group;
}

function unreadable(text: string): PrintedNumber {
  return { text, value: Number.NaN, halfUnit: 0, isPercent: false };
}

/** A name is more than digits, and stands for itself: a variable called `7` must not hide a 7. */
function withoutNames(text: string, names: readonly string[]): string {
  const numbered = names.filter((name) => /\p{N}/u.test(name) && /\p{L}/u.test(name));
  const longestFirst = numbered.toSorted((left, right) => right.length - left.length);
  return longestFirst.reduce(
    (rest, name) => rest.replaceAll(standing(normalised(name)), " · "),
    text,
  );
}

function standing(name: string): RegExp {
  const plain = name.replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&");
  return new RegExp(String.raw`(?<![\p{L}\p{N}_.])${plain}(?![\p{L}\p{N}_]|[.,]\d)`, "gu");
}

function withoutListMarks(text: string): string {
  let expected = 1;
  const strip = (line: string): string => {
    const mark = LIST_MARK.exec(line);
    if (mark === null || Number(mark[1]) !== expected) return line;
    expected += 1;
    return line.slice(mark[0].length);
  };
  return text.split("\n").map(strip).join("\n");
}
