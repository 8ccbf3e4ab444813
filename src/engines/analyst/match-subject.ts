/**
 * Finds which variable or parameter some words name. Better evidence wins: the exact name, then a
 * plural, then a synonym, then one mistyped letter; among equals nothing is chosen.
 */
import { GENERIC_NAME_WORDS, SYNONYMS } from "./lexicon.ts";
import type { Subject } from "./table.ts";
import { wordsOfName } from "./tokenize.ts";

/** What some words name: one subject, or several that fit equally well. */
export type SubjectMatch =
  | { readonly type: "one"; readonly subject: Subject; readonly length: number }
  | { readonly type: "several"; readonly subjects: readonly Subject[]; readonly length: number };

/** Shorter words have too many neighbours for a typing mistake to be told from another word. */
const TYPO_LENGTH_MIN = 7;
const NO_MATCH = 99;

/** Matches the longest run of words at the head of `words` with a subject. */
export function matchSubject(
  words: readonly string[],
  subjects: readonly Subject[],
): SubjectMatch | undefined {
  const longest = Math.max(0, ...subjects.flatMap((one) => phrasesOf(one).map((p) => p.length)));
  for (let length = Math.min(longest, words.length); length > 0; length -= 1) {
    const span = words.slice(0, length);
    const ranked = subjects.map((subject) => ({ subject, rank: rankOf(span, subject, subjects) }));
    const best = Math.min(NO_MATCH, ...ranked.map(({ rank }) => rank));
    if (best === NO_MATCH) continue;
    const found = ranked.filter(({ rank }) => rank === best).map(({ subject }) => subject);
    const [only] = found;
    return only !== undefined && found.length === 1
      ? { type: "one", subject: only, length }
      : { type: "several", subjects: found, length };
  }
  return undefined;
}

/** The ways a subject's name can be written: by name, by label, without generic words. */
function phrasesOf(subject: Subject): readonly (readonly string[])[] {
  const full = [wordsOfName(subject.name), wordsOfName(subject.label)];
  const short = full.map((words) => words.filter((word) => !GENERIC_NAME_WORDS.has(word)));
  const phrases = [...full, ...short].filter((words) => words.length > 0);
  return [...new Map(phrases.map((words) => [words.join(" "), words])).values()];
}

function rankOf(span: readonly string[], subject: Subject, all: readonly Subject[]): number {
  const ranks = phrasesOf(subject).map((phrase) => rankOfPhrase(span, phrase, all));
  return Math.min(NO_MATCH, ...ranks);
}

function rankOfPhrase(
  span: readonly string[],
  phrase: readonly string[],
  all: readonly Subject[],
): number {
  if (span.length !== phrase.length) return NO_MATCH;
  const ranks = phrase.map((word, index) => rankOfWord(span[index] ?? "", word, all));
  const mistyped = ranks.filter((rank) => rank === 3).length;
  return mistyped > 1 ? NO_MATCH : Math.max(...ranks);
}

function rankOfWord(typed: string, word: string, all: readonly Subject[]): number {
  if (typed === word) return 0;
  if (withoutPlural(typed) === withoutPlural(word)) return 1;
  if (areSynonyms(typed, word, all)) return 2;
  return isMistyped(typed, word) ? 3 : NO_MATCH;
}

/** A word in the singular, as far as its ending tells. */
export function withoutPlural(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return word.length > 3 && /[^su]s$/u.test(word) ? word.slice(0, -1) : word;
}

function areSynonyms(typed: string, word: string, all: readonly Subject[]): boolean {
  return SYNONYMS.some(({ words, doubtfulWith }) => {
    if (!words.includes(typed) || !words.includes(word)) return false;
    const present = all.flatMap(({ name, label }) => [...wordsOfName(name), ...wordsOfName(label)]);
    return !present.some((one) => doubtfulWith.includes(one));
  });
}

/** Endings that make another word, not a mistyped one: "infections" is not "infectious". */
const DERIVED = /(?:ions?|ed|ing|ings|er|ers|y|ies|ivity|ive|ives|s)$/u;

function isMistyped(typed: string, word: string): boolean {
  if (typed.length < TYPO_LENGTH_MIN || word.length < TYPO_LENGTH_MIN) return false;
  if (typed[0] !== word[0]) return false;
  const ending = DERIVED.exec(typed)?.[0];
  if (ending !== undefined && !word.endsWith(ending)) return false;
  return areOneEditApart(typed, word);
}

function areOneEditApart(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  const [restLeft, restRight] = [left.slice(start), right.slice(start)];
  const isSubstituted = restLeft.slice(1) === restRight.slice(1);
  const isAdded = restLeft.slice(1) === restRight || restLeft === restRight.slice(1);
  const isSwapped =
    restLeft.slice(2) === restRight.slice(2) &&
    restLeft[0] === restRight[1] &&
    restLeft[1] === restRight[0];
  return isSubstituted || isAdded || isSwapped;
}
