/**
 * Filters for lines: a substring, or a regular expression between slashes; `!` inverts either.
 *
 * F1 A regular expression takes time in proportion to the text, whatever it is (RE2): a screen must not
 *    hang on one.
 * F2 What was judged once is remembered with its filter: a frame costs what came since the last.
 * F3 A filter that cannot be read hides nothing, and says why.
 */
import { RE2JS } from "re2js";

/** A filter made ready. */
export interface TextFilter {
  /** Why it cannot be used; null when it can (F3). */
  readonly problem: string | null;
  /** Whether a line passes; an item has one text for good (F2). */
  passes(item: object, textOf: () => string): boolean;
}

/** Longest regular expression, characters. */
const LONGEST_PATTERN = 500;

/** Filters that stay ready: those of the panes, and some that were typed on the way. */
const KEPT_FILTERS = 8;

const ready = new Map<string, TextFilter>();

/** The filter of a text as it was typed. */
export function textFilter(typed: string): TextFilter {
  const known = ready.get(typed);
  const filter = known ?? remembering(typed);
  ready.delete(typed);
  ready.set(typed, filter);
  const oldest = ready.keys().next();
  if (ready.size > KEPT_FILTERS && !oldest.done) ready.delete(oldest.value);
  return filter;
}

function remembering(typed: string): TextFilter {
  const test = testOf(typed);
  if (typeof test === "string") return { problem: test, passes: () => true };
  const judged = new WeakMap<object, boolean>();
  return {
    problem: null,
    passes(item, textOf) {
      const before = judged.get(item);
      if (before !== undefined) return before;
      const verdict = test(textOf());
      judged.set(item, verdict);
      return verdict;
    },
  };
}

/** The test of a filter, or what is wrong with it. */
function testOf(typed: string): ((text: string) => boolean) | string {
  const inverted = typed.startsWith("!");
  const body = inverted ? typed.slice(1) : typed;
  if (body === "") return () => true;
  const holds = isPattern(body) ? patternTest(body.slice(1, -1)) : substringTest(body);
  if (typeof holds === "string") return holds;
  return inverted ? (text) => !holds(text) : holds;
}

function isPattern(body: string): boolean {
  return body.length > 2 && body.startsWith("/") && body.endsWith("/");
}

function substringTest(body: string): (text: string) => boolean {
  const wanted = body.toLowerCase();
  return (text) => text.toLowerCase().includes(wanted);
}

/** F1 */
function patternTest(pattern: string): ((text: string) => boolean) | string {
  if (pattern.length > LONGEST_PATTERN) return `longer than ${LONGEST_PATTERN} characters`;
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
    return (text) => compiled.matcher(text).find();
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** `error parsing regexp: missing closing ): …` without what everybody sees. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : "not a regular expression";
  return message.replace(/^error parsing regexp: /u, "").replace(/: `[^`]*`?$/u, "");
}
