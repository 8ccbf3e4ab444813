/** Text measured in terminal columns, agreeing with `string-width`, which lays out the screens. */

const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Code points that take two columns: the East Asian wide ranges. */
const WIDE =
  /^[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\u33ff\u3400-\u4dbf\u4dc0-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f320}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const INVISIBLE =
  /^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{M}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Regional_Indicator}]/u;
const MARKS_ONLY = /^(?!.*[\ufe0e\ufe0f\u20e3])\p{Mn}+$/u;

/** A character as a terminal shows it. */
interface Glyph {
  readonly text: string;
  readonly columns: 1 | 2;
}

/** The graphemes that can be shown; what has no safe width (controls, joiners) is left out. */
export function glyphs(text: string): Glyph[] {
  const shown: Glyph[] = [];
  for (const { segment } of SEGMENTER.segment(text.normalize("NFC"))) {
    const base = String.fromCodePoint(segment.codePointAt(0) ?? 0x20);
    if (INVISIBLE.test(base)) continue;
    const marks = segment.slice(base.length);
    const columns = WIDE.test(base) ? 2 : 1;
    const keepsMarks = columns === 1 && MARKS_ONLY.test(marks);
    shown.push({ text: keepsMarks ? segment : base, columns });
  }
  return shown;
}

/** How many terminal columns the showable part of `text` takes. */
export function columnsOf(text: string): number {
  return glyphs(text).reduce((sum, glyph) => sum + glyph.columns, 0);
}

/** `text` in at most `columns` columns, ending in `…` when it had to be cut. */
export function cutToColumns(text: string, columns: number): string {
  const all = glyphs(text);
  const whole = all.map((glyph) => glyph.text).join("");
  if (all.reduce((sum, glyph) => sum + glyph.columns, 0) <= columns) return whole;
  if (columns <= 0) return "";
  let used = 1;
  let kept = "";
  for (const glyph of all) {
    if (used + glyph.columns > columns) break;
    used += glyph.columns;
    kept += glyph.text;
  }
  return `${kept}…`;
}

/** `text` cut or filled with spaces to exactly `columns` columns. */
export function fitColumns(
  text: string,
  columns: number,
  align: "left" | "right" = "left",
): string {
  const cut = cutToColumns(text, columns);
  const filler = " ".repeat(Math.max(0, columns - columnsOf(cut)));
  return align === "left" ? cut + filler : filler + cut;
}
