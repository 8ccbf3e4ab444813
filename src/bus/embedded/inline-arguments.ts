const SPACE = /[ \t\v\f\r\n\0]/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

/**
 * The words of an inline command ("telnet style"), with the quoting rules of redis-cli.
 * Answers undefined when the quotes are unbalanced.
 */
export function splitInlineArguments(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let index = 0;
  while (index < line.length) {
    if (SPACE.test(line.charAt(index))) {
      index += 1;
      continue;
    }
    const word = readWord(line, index);
    if (word === undefined) return undefined;
    words.push(word.text);
    index = word.end;
  }
  return words;
}

interface Piece {
  readonly text: string;
  /** The index after the piece. */
  readonly end: number;
}

function readWord(line: string, start: number): Piece | undefined {
  let text = "";
  let index = start;
  while (index < line.length && !SPACE.test(line.charAt(index))) {
    const quote = line.charAt(index);
    if (quote !== '"' && quote !== "'") {
      text += quote;
      index += 1;
      continue;
    }
    const quoted = readQuoted(line, index + 1, quote);
    if (quoted === undefined || !endsWord(line, quoted.end)) return undefined;
    text += quoted.text;
    index = quoted.end;
  }
  return { text, end: index };
}

/** A closing quote must be followed by a space or by nothing. */
function endsWord(line: string, index: number): boolean {
  return index >= line.length || SPACE.test(line.charAt(index));
}

function readQuoted(line: string, start: number, quote: string): Piece | undefined {
  let text = "";
  let index = start;
  while (index < line.length) {
    const character = line.charAt(index);
    if (character === quote) return { text, end: index + 1 };
    const escaped = character === "\\" ? readEscape(line, index, quote) : undefined;
    text += escaped?.text ?? character;
    index = escaped?.end ?? index + 1;
  }
  return undefined;
}

function readEscape(line: string, index: number, quote: string): Piece | undefined {
  const next = line.charAt(index + 1);
  if (quote === "'") return next === "'" ? { text: "'", end: index + 2 } : undefined;
  const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(index + 1, index + 4))?.[1];
  if (hex !== undefined)
    return { text: String.fromCharCode(Number.parseInt(hex, 16)), end: index + 4 };
  return next === "" ? undefined : { text: ESCAPES[next] ?? next, end: index + 2 };
}
