/** Words that are numbers without a digit: “half a dozen”, “two thirds”, “twice”. */
import type { Groups, PrintedNumber, Taken } from "./printed-number.ts";
import { take } from "./printed-number.ts";
import { SCALES, scaleOf, UNITS } from "./scales.ts";

const UNIT = `(?:${Object.keys(UNITS).join("|")})`;
const SCALE = `(?:${Object.keys(SCALES).join("|")})s?`;

/** “half a million”. */
const HALVED = new RegExp(String.raw`\bhalf\s+(?:of\s+)?an?\s+(?<scale>${SCALE})\b`, "giu");

const PARTS: Readonly<Record<string, number>> = {
  ...{ half: 2, halve: 2, third: 3, quarter: 4, fourth: 4, fifth: 5, sixth: 6, seventh: 7 },
  ...{ eighth: 8, ninth: 9, tenth: 10, hundredth: 100, thousandth: 1000 },
};
const PART = `(?:${Object.keys(PARTS).join("|")})s?`;

/** “two thirds”; “a third of”, as “a third curve” is none; “two and a half”. */
const FRACTIONS = new RegExp(
  String.raw`\b(?:(?<count>${UNIT})[\s-]+(?<parts>${PART})\b|an?\s+(?<part>${PART})\s+(?=of\b|as\b|more\b|less\b|lower\b|higher\b|smaller\b|larger\b|the\b)|(?<whole>${UNIT})\s+and\s+a\s+half\b)`,
  "giu",
);

/** “half of them”, but not “the first half” or “half-life”. */
const HALF =
  /(?<!\b(?:first|second|other|latter|former|last|later|earlier)\s+)\b(?:half|halves|halved?)\b(?![\s-]+(?:lives|life|way)\b)/giu;

const MULTIPLES: Readonly<Record<string, number>> = {
  ...{ twice: 2, thrice: 3, double: 2, triple: 3, treble: 3, quadruple: 4 },
};
const MULTIPLE = new RegExp(
  String.raw`\b(?:(?<times>${Object.keys(MULTIPLES).join("|")})[sd]?\b|(?<fold>${UNIT}|hundred|thousand)-?fold\b)`,
  "giu",
);

/** How near a share has to be that is told in words: two in a hundred. */
const SHARE_HALF_UNIT = 2;

/** Takes halves of a multitude out of a text. */
export function scaledHalves(text: string): Taken {
  return takeWords(text, HALVED, ({ scale }) => ({
    value: (scaleOf(scale) ?? Number.NaN) / 2,
    halfUnit: 0.5,
    isPercent: false,
  }));
}

/** Takes shares out of a text; a known percentage vouches for one too. */
export function fractionWords(text: string): Taken {
  const [rest, fractions] = takeWords(text, FRACTIONS, ({ count, parts, part, whole }) => {
    if (whole !== undefined)
      return { value: unitOf(whole) + 0.5, halfUnit: 0.05, isPercent: false };
    const named = (parts ?? part ?? "").toLowerCase();
    const size = PARTS[named] ?? PARTS[named.replace(/s$/u, "")] ?? Number.NaN;
    return share((count === undefined ? 1 : unitOf(count)) / size);
  });
  const [left, halves] = takeWords(rest, HALF, () => share(0.5));
  return [left, [...fractions, ...halves]];
}

/** Takes multiples out of a text. */
export function multipleWords(text: string): Taken {
  return takeWords(text, MULTIPLE, ({ times, fold }) => ({
    value: times === undefined ? multitude(fold) : (MULTIPLES[times.toLowerCase()] ?? Number.NaN),
    halfUnit: 0.5,
    isPercent: false,
  }));
}

function multitude(word: string | undefined): number {
  return scaleOf(word) ?? unitOf(word ?? "");
}

function unitOf(word: string): number {
  return UNITS[word.toLowerCase()] ?? Number.NaN;
}

function share(value: number): Omit<PrintedNumber, "text"> {
  return { value: value * 100, halfUnit: SHARE_HALF_UNIT, isPercent: true };
}

function takeWords(
  text: string,
  pattern: RegExp,
  read: (groups: Groups) => Omit<PrintedNumber, "text">,
): Taken {
  return take(text, pattern, (found, groups) => ({ text: found.trim(), ...read(groups) }));
}
