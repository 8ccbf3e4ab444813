/**
 * The one choke point between foreign text and the terminal: everything that could move the cursor,
 * reorder or hide characters, or reach the clipboard becomes visible. Linear time; what comes out
 * holds nothing that would be escaped again.
 */

/** First and last code point of each range that is shown as `<U+…>`. */
const ESCAPED_RANGES: readonly (readonly [number, number])[] = [
  [0x80, 0x9f], // C1 controls
  [0xad, 0xad], // soft hyphen
  [0x34f, 0x34f], // combining grapheme joiner
  [0x61c, 0x61c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x17b4, 0x17b5], // Khmer inherent vowels
  [0x180b, 0x180f], // Mongolian selectors
  [0x200b, 0x200f], // zero-width and direction marks
  [0x2028, 0x202e], // separators and bidi embeddings
  [0x2060, 0x206f], // joiners, isolates, deprecated format characters
  [0x3164, 0x3164], // Hangul filler
  [0xd800, 0xdfff], // lone surrogates
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff], // byte order mark
  [0xffa0, 0xffa0], // half-width filler
  [0xfff0, 0xfffb], // interlinear annotation
  [0xe0000, 0xe0fff], // tags and supplementary variation selectors
];

/** Whole Unicode categories that are not seen: format characters and separators of lines. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}]/u;

const FIRST_ESCAPED = 0x80;

/** The text with every dangerous character replaced by a visible form. */
export function escapeText(text: string): string {
  if (isPlain(text)) return text;
  let escaped = "";
  for (const character of text) escaped += visibleForm(character);
  return escaped;
}

/**
 * First and last code of what is shown as it is, a column each and a letter by itself: Latin letters,
 * punctuation, arrows, mathematical operators, and what frames, bars and charts are drawn with.
 */
const PLAIN_RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa1, 0xac],
  [0xae, 0x24f],
  [0x2010, 0x2027],
  [0x2030, 0x203b],
  [0x203d, 0x2048],
  [0x204a, 0x205e],
  [0x2190, 0x2193],
  [0x21bb, 0x21bb],
  [0x2200, 0x22ff],
  [0x2500, 0x25fc],
  [0x2713, 0x2713],
  [0x2717, 0x2717],
  [0x2800, 0x28ff],
];

/** By code: 1 for what is plain. Every text on the screen is looked at, many times a second. */
const PLAIN = new Uint8Array(0x2900);
for (const [first, last] of PLAIN_RANGES) PLAIN.fill(1, first, last + 1);

/** Whether a text needs no escape and is as many columns wide as it is long. */
export function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (PLAIN[text.charCodeAt(index)] !== 1) return false;
  }
  return true;
}

function visibleForm(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  if (code < FIRST_ESCAPED || !isEscaped(character, code)) return character;
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

function isEscaped(character: string, code: number): boolean {
  if (INVISIBLE.test(character)) return true;
  return ESCAPED_RANGES.some(([first, last]) => code >= first && code <= last);
}
