/**
 * Follow-up questions: what is left out is taken from the question before, and nothing is guessed.
 *
 * F1 A question that can be understood by itself is read by itself.
 * F2 A follow-up is read as the question before with one thing changed (another variable, time,
 *    limit, or side of it), or as a whole question about the variable of the one before.
 * F3 Where the one before speaks of several variables, "it" is none of them.
 */
import type { Intent, Parsed, TimeWindow } from "./intent.ts";
import type { Cue } from "./lexicon.ts";
import { parseQuestion, readChecked } from "./parse-question.ts";
import type { Reading } from "./read-question.ts";
import { abstain, understood } from "./rule.ts";
import type { AnalystTable, Subject } from "./table.ts";
import { withPoint, withSubject, withThreshold, withWindow } from "./vary-intent.ts";

/** A question understood, and the one it was understood by; null when by itself. */
export interface ParsedInContext {
  readonly parsed: Parsed;
  readonly after: string | null;
}

/** Understands a question that may go on from earlier ones, the oldest first. */
export function parseInContext(
  question: string,
  earlier: readonly string[],
  table: AnalystTable,
): ParsedInContext {
  let before: Before | undefined;
  for (const one of earlier) {
    const { parsed } = parseAfter(one, before, table);
    if (parsed.status === "understood") before = { question: one, intent: parsed.intent };
  }
  return parseAfter(question, before, table);
}

interface Before {
  readonly question: string;
  readonly intent: Intent;
}

function parseAfter(
  question: string,
  before: Before | undefined,
  table: AnalystTable,
): ParsedInContext {
  const alone = parseQuestion(question, table);
  if (alone.status === "understood" || before === undefined) return { parsed: alone, after: null }; // F1
  const parsed = followUp(question, before.intent, table);
  return parsed === undefined ? { parsed: alone, after: null } : { parsed, after: before.question };
}

const OPENING =
  /^(?:(?:ok|okay|so|and|then|also|but|now|alright)\b[\s,]*)+|^(?:what|how) about\b\s*/iu;
const PREPOSITION = /^(?:for|of|in|with)\b\s*/iu;
const THEN = /[\s,]*\b(?:then|at (?:that|the same|this) (?:time|moment|point|day|week|month))$/iu;

/** F2; undefined when it is no follow-up of anything. */
function followUp(question: string, before: Intent, table: AnalystTable): Parsed | undefined {
  let text = question.trim().replace(/[?!.\s]+$/u, "");
  while (OPENING.test(text)) text = text.replace(OPENING, "");
  if (THEN.test(text)) return atThatTime(text.replace(THEN, ""), before, table);
  const whole = parseQuestion(text, table);
  if (whole.status === "understood") return whole;
  const reading = readChecked(text.replace(PREPOSITION, ""), table);
  if (typeof reading === "string") return undefined;
  return reading.subjects.length === 0
    ? aboutSame(text, reading, { before, table })
    : aboutAnother(reading, before);
}

/** "What is recovered then?": at the time that the question before asked for or found. */
function atThatTime(text: string, before: Intent, table: AnalystTable): Parsed | undefined {
  const reading = readChecked(text, table);
  if (typeof reading === "string") return undefined;
  const [variable] = reading.subjects;
  if (variable === undefined || reading.subjects.length > 1 || !isPlain(reading)) return undefined;
  if (!hasOnly(reading, {})) return undefined;
  if (before.type === "value-at") return withSubject(before, variable);
  if (before.type !== "extreme" || !before.window.whole || variable.constant !== null) {
    return undefined;
  }
  return understood({ type: "value-when", variable, other: before.variable, which: before.which });
}

/** "And recovered?", "what about recovered in the first 30 days?" */
function aboutAnother(reading: Reading, before: Intent): Parsed | undefined {
  const [subject] = reading.subjects;
  if (subject === undefined || reading.subjects.length > 1 || !isPlain(reading)) return undefined;
  if (!hasOnly(reading, { windows: 1 })) return undefined;
  const swapped = withSubject(before, subject);
  const [window] = reading.windows;
  if (window === undefined || swapped?.status !== "understood") return swapped;
  return withWindow(swapped.intent, window);
}

/** A question that names no variable: of that of the question before. */
function aboutSame(
  text: string,
  reading: Reading,
  { before, table }: { readonly before: Intent; readonly table: AnalystTable },
): Parsed | undefined {
  const [point] = reading.points;
  const [window] = reading.windows;
  const [threshold] = reading.thresholds;
  const isBare = isPlain(reading);
  if (isBare && point !== undefined && hasOnly(reading, { points: 1 })) {
    return withPoint(before, point);
  }
  if (isBare && window !== undefined && hasOnly(reading, { windows: 1 })) {
    return withWindow(before, window);
  }
  if (isBare && threshold !== undefined && hasOnly(reading, { thresholds: 1 })) {
    return withThreshold(before, threshold);
  }
  const side = hasOnly(reading, {}) ? otherSide(reading, before, text) : undefined;
  return side ?? ofTheVariable(text, { before, table, windows: reading.windows });
}

const SIDES: readonly Cue[] = [
  "what",
  "how-many",
  "when",
  "time-of",
  "and",
  "comma",
  "last",
  "first",
];

/** "And when?" of a value, "and how high?" of a time, "and the last time?" of a crossing. */
function otherSide({ cues }: Reading, before: Intent, text: string): Parsed | undefined {
  if (![...cues].every((cue) => SIDES.includes(cue))) return undefined;
  const isTime = cues.has("when") || cues.has("time-of") || /\btime\b/iu.test(text);
  if (before.type === "crossing") return otherCrossing(cues, before, isTime);
  if (before.type !== "extreme" || cues.has("first") || cues.has("last")) return undefined;
  if (isTime) return understood({ ...before, wants: "time" });
  const isValue = cues.has("what") || cues.has("how-many") || /\bvalue\b/iu.test(text);
  return isValue ? understood({ ...before, wants: "value" }) : undefined;
}

function otherCrossing(
  cues: Reading["cues"],
  before: Extract<Intent, { type: "crossing" }>,
  isTime: boolean,
): Parsed | undefined {
  const [first, last] = [cues.has("first"), cues.has("last")];
  if (first && last) return undefined;
  if (!first && !last && !isTime) return undefined;
  return understood({ ...before, wants: last ? "last" : "first" });
}

const POSSESSIVE = /\b(?:its|their)\b/iu;
const PRONOUN = /\b(?:it|they|them|that|this)\b/iu;

/** A whole question once the variable is in it: "when does it peak?", "the minimum?" */
function ofTheVariable(
  text: string,
  {
    before,
    table,
    windows,
  }: {
    readonly before: Intent;
    readonly table: AnalystTable;
    readonly windows: readonly TimeWindow[];
  },
): Parsed | undefined {
  const [only, ...others] = subjectsOf(before);
  if (only === undefined) return undefined;
  if (others.length > 0) return abstain(severalMeant([only, ...others])); // F3
  const pronoun = [POSSESSIVE, PRONOUN].find((one) => one.test(text));
  const whole =
    pronoun === undefined ? `${text} of ${only.label}` : text.replace(pronoun, only.label);
  const parsed = parseQuestion(whole, table);
  if (parsed.status === "abstained") return parsed.reason === UNCLEAR ? undefined : parsed;
  // "And its minimum?" after a question about the first 30 days is about those days too.
  const period = "window" in before && !before.window.whole ? before.window : undefined;
  if (period === undefined || windows.length > 0) return parsed;
  return withWindow(parsed.intent, period) ?? parsed;
}

const UNCLEAR = "I understand the words, but not what they ask for together.";

function severalMeant(subjects: readonly Subject[]): string {
  const names = subjects.map(({ label }) => `“${label}”`).join(" or ");
  return `I can't see which is meant, ${names}: name it.`;
}

/** The variables a question is about. */
function subjectsOf(intent: Intent): readonly Subject[] {
  switch (intent.type) {
    case "compare":
      return [intent.left, intent.right];
    case "share":
      return [intent.part, intent.whole];
    case "value-when":
      return [intent.variable, intent.other];
    case "constant":
      return [intent.subject];
    case "extreme":
    case "value-at":
    case "aggregate":
    case "change":
    case "crossing":
    case "duration":
      return [intent.variable];
  }
}

/** Whether a reading asks for nothing by itself. */
function isPlain({ cues }: Reading): boolean {
  return [...cues].every(
    (cue) => cue === "what" || cue === "how-many" || cue === "and" || cue === "comma",
  );
}

/** Whether it has these times and limits and no others. */
function hasOnly(
  { points, windows, thresholds }: Reading,
  expected: { readonly points?: 1; readonly windows?: 1; readonly thresholds?: 1 },
): boolean {
  return (
    points.length === (expected.points ?? 0) &&
    windows.length <= (expected.windows ?? 0) &&
    thresholds.length === (expected.thresholds ?? 0)
  );
}
