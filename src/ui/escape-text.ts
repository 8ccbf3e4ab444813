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

/** Whether a text is printable ASCII only: as many columns wide as it is long. */
export function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) return false;
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
