/**
 * A question as pieces: its tokens, with the names of variables already recognised. Each piece has
 * a symbol, so that the shapes of time expressions and thresholds can be written as patterns over
 * a line of symbols: `#` a number, `%` a part, `~` a word for time, `@` a variable.
 */
import { EPIDEMIC_VARIABLE, EPIDEMIC_WORDS, PERSON_WORDS } from "./lexicon.ts";
import { matchSubject, type SubjectMatch } from "./match-subject.ts";
import type { AnalystTable, Subject } from "./table.ts";
import { timeWordsOf } from "./time-unit.ts";
import { type Token, tokenize } from "./tokenize.ts";

/** A token, or the words that name a subject taken together. */
export type Piece = (
  | Token
  | { readonly type: "subject"; readonly subject: Subject; readonly isEpidemic: boolean }
  | { readonly type: "doubtful"; readonly text: string; readonly subjects: readonly Subject[] }
) & { readonly symbol: string };

/** Splits a question into pieces. */
export function piecesOf(question: string, table: AnalystTable): readonly Piece[] {
  const tokens = tokenize(question);
  const timeWords = timeWordsOf(table.timeUnit);
  const pieces: Piece[] = [];
  let index = 0;
  while (index < tokens.length) {
    const found = readSubject(tokens, index, table, timeWords);
    const token = tokens[index];
    if (found !== undefined) {
      pieces.push(found.piece);
      index += found.length;
    } else if (token !== undefined) {
      pieces.push({ ...token, symbol: symbolOf(token, timeWords) });
      index += 1;
    }
  }
  return pieces;
}

function symbolOf(token: Token, timeWords: ReadonlySet<string>): string {
  if (token.type === "number") return token.percent ? "%" : "#";
  if (token.type === "word" && timeWords.has(token.text)) return "~";
  // No sign of a question may pass for one of our symbols.
  return token.type === "sign" && /[#%~@]/u.test(token.text) ? "?" : token.text;
}

function readSubject(
  tokens: readonly Token[],
  index: number,
  table: AnalystTable,
  timeWords: ReadonlySet<string>,
): { readonly piece: Piece; readonly length: number } | undefined {
  const head = tokens[index];
  if (head?.type !== "word") return undefined;
  const words = wordsFrom(tokens, index);
  const match =
    head.original.length === 1
      ? matchLetter(head.original, table.subjects)
      : matchSubject(words, table.subjects);
  // A word for time is a name only together with others: "time constant", never "time".
  if (timeWords.has(head.text) && (match?.length ?? 0) < 2) return undefined;
  if (match === undefined) return readEpidemic(head.text, table);
  if (match.type === "several") {
    const text = words.slice(0, match.length).join(" ");
    const piece = { type: "doubtful", text, subjects: match.subjects, symbol: "?" } as const;
    return { piece, length: match.length };
  }
  const { subject, length } = match;
  const tail = countsPeople(subject) && isPeopleNoun(words[length]) ? 1 : 0;
  return {
    piece: { type: "subject", subject, isEpidemic: false, symbol: "@" },
    length: length + tail,
  };
}

function wordsFrom(tokens: readonly Token[], index: number): readonly string[] {
  const rest = tokens.slice(index);
  const end = rest.findIndex((token) => token.type !== "word");
  const run = end === -1 ? rest : rest.slice(0, end);
  return run.flatMap((token) => (token.type === "word" ? [token.text] : []));
}

/** Names of one letter count only in their own case: `I` is a variable, `i` and `a` are words. */
function matchLetter(letter: string, subjects: readonly Subject[]): SubjectMatch | undefined {
  const subject = subjects.find(({ name, label }) => name === letter || label === letter);
  return subject === undefined ? undefined : { type: "one", subject, length: 1 };
}

function readEpidemic(
  word: string,
  table: AnalystTable,
): { readonly piece: Piece; readonly length: number } | undefined {
  if (!EPIDEMIC_WORDS.has(word)) return undefined;
  const match = matchSubject([EPIDEMIC_VARIABLE], table.subjects);
  if (match?.type !== "one") return undefined;
  const { subject } = match;
  return { piece: { type: "subject", subject, isEpidemic: true, symbol: "epidemic" }, length: 1 };
}

/** Whether a subject's unit says that it counts people. */
export function countsPeople(subject: Subject): boolean {
  return subject.unit !== null && PERSON_WORDS.has(subject.unit.trim().toLowerCase());
}

/** "infectious people", "the susceptible population": a noun that repeats the unit. */
function isPeopleNoun(word: string | undefined): boolean {
  return word !== undefined && (PERSON_WORDS.has(word) || word === "population");
}
