/** The words and signs that multiply a number, and the words that count. */

/** Words that multiply. */
export const SCALES: Readonly<Record<string, number>> = {
  dozen: 12,
  hundred: 1e2,
  thousand: 1e3,
  lakh: 1e5,
  million: 1e6,
  crore: 1e7,
  billion: 1e9,
  trillion: 1e12,
  quadrillion: 1e15,
  quintillion: 1e18,
};

/** Words that count, up to ninety. */
export const UNITS: Readonly<Record<string, number>> = {
  zero: 0,
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

/** Signs behind a number that mean nothing else. */
const SIGNS: Readonly<Record<string, number>> = {
  ...{ bn: 1e9, mn: 1e6, mln: 1e6, mio: 1e6, tn: 1e12 },
};

/** Letters that are units too: only right behind the number, as in `5M`, do they multiply. */
const TIGHT: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** What a word multiplies by, in the singular or the plural. */
export function scaleOf(word: string | undefined): number | undefined {
  return SCALES[word?.toLowerCase().replace(/s$/u, "") ?? ""];
}

/** What the sign behind a number multiplies by; `gap` is what lies between. */
export function shortScale(sign: string | undefined, gap: string | undefined): number | undefined {
  if (sign === undefined) return undefined;
  if (sign === "k") return 1e3;
  return SIGNS[sign.toLowerCase()] ?? (gap === "" ? TIGHT[sign] : undefined);
}
