import { canonicalName, canonicalPath } from "./identifier.ts";
import type { Place } from "./problem.ts";
import { refuse, shorten } from "./problem.ts";

/** A word of an equation. `written` is for messages; names are canonical in `text`. */
export interface Token {
  readonly type: "number" | "name" | "symbol" | "end";
  readonly text: string;
  readonly written: string;
}

const PATTERNS = [
  ["space", /[\s\u00a0]+|\{[^}]*\}/uy],
  ["number", /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ["quoted", /"(?:[^"\\]|\\.)*"(?!\.["A-Za-z_])/suy],
  [
    "path",
    /\.?(?:"(?:[^"\\]|\\.)*"|[A-Za-z_$\u00a1-\u{10ffff}][A-Za-z0-9_$\u00a0-\u{10ffff}]*)(?:\.(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9_$\u00a1-\u{10ffff}][A-Za-z0-9_$\u00a0-\u{10ffff}]*))*/suy,
  ],
  ["symbol", /<>|<=|>=|\/\/|[-+*/^()<>=,;[\]:@']/y],
] as const;

const KEYWORDS = new Set(["and", "or", "not", "mod", "if", "then", "else"]);

/** The longest equation that is read, in tokens; bounds the recursion of everything after. */
const MAX_TOKENS = 2000;

/** Splits an equation into tokens; spaces and `{comments}` are dropped. */
export function tokenize(equation: string, place: Place): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < equation.length) {
    const { kind, written } = match(equation, position, place);
    position += written.length;
    if (kind !== "space") tokens.push(tokenOf(kind, written));
    if (tokens.length > MAX_TOKENS) {
      refuse(
        "too-large",
        place,
        `The equation has more than ${MAX_TOKENS} words and symbols`,
        "Divide it among several variables.",
      );
    }
  }
  tokens.push({ type: "end", text: "", written: "the end" });
  return tokens;
}

type Kind = (typeof PATTERNS)[number][0];

function match(equation: string, position: number, place: Place): { kind: Kind; written: string } {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = position;
    const written = pattern.exec(equation)?.[0];
    if (written !== undefined) return { kind, written };
  }
  const found = String.fromCodePoint(equation.codePointAt(position) ?? 0);
  return refuse("invalid-model", place, complaintAbout(found, equation));
}

function complaintAbout(character: string, equation: string): string {
  if (character === '"') return "A quoted name is not closed";
  if (character === "{") return "A comment is not closed";
  if (character === "?" && /^[\s?]+$/.test(equation)) {
    return "The equation is a placeholder (`???`): the model is unfinished";
  }
  return `The equation has the character \`${character}\`, which means nothing in XMILE`;
}

function tokenOf(kind: Exclude<Kind, "space">, written: string): Token {
  if (kind === "number") return { type: "number", text: written, written };
  if (kind === "symbol") return { type: "symbol", text: written, written };
  const text = kind === "path" ? canonicalPath(written) : canonicalName(written);
  const keyword = kind === "path" && KEYWORDS.has(text);
  return { type: keyword ? "symbol" : "name", text, written: shorten(written) };
}
