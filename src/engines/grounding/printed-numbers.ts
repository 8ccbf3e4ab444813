/**
 * The numbers in a text, as they are printed: digits with their precision, and number words.
 * What looks like a number and cannot be read has the value NaN, so that nothing vouches for it.
 */

/** A number of a text. */
export interface PrintedNumber {
  /** As it stands there. */
  readonly text: string;
  /** NaN when it cannot be read. */
  readonly value: number;
  /** Half of what one more in the last printed digit would be worth. */
  readonly halfUnit: number;
  readonly isPercent: boolean;
}

const SCALES: Readonly<Record<string, number>> = {
  hundred: 1e2,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
};

const UNITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
      .split(" ")
      .map((word, index) => [word, index + 1]),
  ),
  ...Object.fromEntries(
    "twenty thirty forty fifty sixty seventy eighty ninety"
      .split(" ")
      .map((word, index) => [word, (index + 2) * 10]),
  ),
};

const SCALE = `(?:${Object.keys(SCALES).join("|")})\\b`;
const UNIT = `(?:${Object.keys(UNITS).join("|")})\\b`;

/** Not inside a name (CO2, x_1), a power (m^2) or another number. */
const BEFORE = String.raw`(?<![\p{L}\p{N}_.^])`;
const WHOLE = String.raw`(?<whole>\d{1,3}(?:[,'’_\s]\d{3})+(?!\d)|\d+|(?=\.\d))`;
const POWER = String.raw`(?:\s?[×x*·]\s?10\s?(?:\^|\*\*)?\s?(?<power>[-−]?\d+)|[eE](?<exponent>[-−+]?\d+))?`;
const AFTER = String.raw`(?:\s?(?<percent>%|percent\b|per cent\b)|[\s-]?(?<scale>${SCALE}))?`;

const DIGITS = new RegExp(
  String.raw`${BEFORE}(?<sign>[-−]?)${WHOLE}(?<part>\.\d+)?${POWER}${AFTER}`,
  "giu",
);

const WORDS = new RegExp(
  String.raw`(?<article>\b(?:the|these|those|both|all)\s+)?(?<words>\b${UNIT}(?:[\s-]+(?:and\s+)?(?:${UNIT}|${SCALE}))*)(?:\s?(?<percent>%|percent\b|per cent\b))?`,
  "giu",
);

/** Digits of other scripts are numbers too, which nobody here can read. */
const FOREIGN_DIGITS = /[^\P{Nd}0-9]+/gu;

/** A list's own numbering at the beginning of a line. */
const LIST_MARK = /^\s*(\d{1,2})[.)]\s+(?=\S)/u;

/** The numbers of a text; those inside `names` are part of the names. */
export function printedNumbers(text: string, names: readonly string[] = []): PrintedNumber[] {
  const plain = withoutListMarks(withoutNames(text.normalize("NFKC"), names));
  return [
    ...[...plain.matchAll(DIGITS)].flatMap(({ 0: found, groups = {} }) =>
      readDigits(found, groups),
    ),
    ...[...plain.matchAll(WORDS)].flatMap(({ groups = {} }) => readWords(groups)),
    ...[...plain.matchAll(FOREIGN_DIGITS)].map(([found]) => unreadable(found)),
  ];
}

type Groups = Readonly<Record<string, string | undefined>>;

function readDigits(found: string, groups: Groups): readonly PrintedNumber[] {
  const { sign, whole = "", part = "", power, exponent, percent, scale = "" } = groups;
  const tenfold = Number((power ?? exponent ?? "0").replace("−", "-"));
  const factor = SCALES[scale.toLowerCase()] ?? 1;
  const size = Number(`${whole.replace(/\D/gu, "")}${part}e${tenfold}`) * factor;
  const decimals = Math.max(0, part.length - 1);
  const halfUnit = 0.5 * 10 ** (tenfold - decimals) * factor;
  // Without this, 1e999 would be as near to every number as it is precise.
  if (!Number.isFinite(size) || !Number.isFinite(halfUnit)) return [unreadable(found.trim())];
  return [
    {
      text: found.trim(),
      value: sign === "" ? size : -size,
      halfUnit,
      isPercent: percent !== undefined,
    },
  ];
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
    const scale = SCALES[word];
    if (scale === undefined) group += UNITS[word] ?? 0;
    else if (scale === 100) group = Math.max(1, group) * scale;
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

function withoutNames(text: string, names: readonly string[]): string {
  const numbered = names.filter((name) => /\p{N}/u.test(name));
  const longestFirst = numbered.toSorted((left, right) => right.length - left.length);
  return longestFirst.reduce((rest, name) => rest.replaceAll(name.normalize("NFKC"), " · "), text);
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
