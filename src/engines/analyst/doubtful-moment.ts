import { EPIDEMIC_VARIABLE } from "./lexicon.ts";
import { matchSubject } from "./match-subject.ts";
import type { Reading } from "./read-question.ts";
import type { AnalystTable } from "./table.ts";

const INFECTED_SO_FAR =
  /\b(?:been|get|got|become|became) infected\b|\binfected (?:by|after|in the end|ultimately|eventually|finally)\b|\b(?:ultimately|eventually|finally|ends? up|ended up)\b.*\binfected\b/iu;

/** The reason when two careful readers would read the moment in a question differently. */
export function doubtfulMoment(
  question: string,
  reading: Reading,
  table: AnalystTable,
): string | undefined {
  // "How many recovered on day 30": those who had by then, or those who did on that day?
  const isOfEvent = /\bhow many\b.*\p{L}ed on\b/iu.test(question);
  if (isOfEvent && !/\b(?:are|is|have|has|had)\b/iu.test(question)) {
    return "“On” a day could mean what happened that day; say “at” for the level at that time.";
  }
  // "How many have been infected by day 30" counts those who have recovered since.
  if (INFECTED_SO_FAR.test(question)) {
    return "Those infected so far are not those infected at one time; say “infected at”.";
  }
  // "How many are recovered at the peak": at the peak of the recovered, or of the epidemic?
  const isOfSomePeak = /\bat (?:the )?(?:peak|maximum)\b(?! of| value| level| number)/iu;
  const epidemic = matchSubject([EPIDEMIC_VARIABLE], table.subjects);
  const isPlain = reading.subjects.some(
    (one) => epidemic?.type === "one" && one === epidemic.subject,
  );
  if (!isOfSomePeak.test(question) || isPlain) return undefined;
  return "“At the peak” of what? Say “at its peak”, or “when” another variable peaks.";
}
