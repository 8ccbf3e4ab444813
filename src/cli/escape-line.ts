/** Control, bidirectional and invisible characters: what could move a cursor or hide a text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text from elsewhere made safe for a terminal: unsafe characters become visible escapes. */
export function escapeText(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    if (character === "\t") return "    ";
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
