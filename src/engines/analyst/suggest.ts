/** Questions that can be asked of a run, made of its own variables; each of them is answered. */
import { formatTime } from "./format-number.ts";
import { parseQuestion } from "./parse-question.ts";
import type { AnalystTable, Subject } from "./table.ts";
import { calendarUnitOf } from "./time-unit.ts";

const SUGGESTIONS_MAX = 8;
const SUGGESTION_LENGTH_MAX = 300;

/** Some questions the analyst answers about a run, the most telling first. */
export function suggestQuestions(table: AnalystTable): readonly string[] {
  const rank = (subject: Subject) => {
    const index = table.highlights.indexOf(subject.name);
    return index === -1 ? table.highlights.length : index;
  };
  const changing = table.subjects
    .filter(({ constant }) => constant === null)
    .sort((left, right) => rank(left) - rank(right));
  const constants = table.subjects.filter(({ constant }) => constant !== null);
  const perSubject = changing.slice(0, 4).map((subject) => questionsAbout(subject, table));
  // One question of each kind in turn, so that a few suggestions show the whole range.
  const turns = [0, 1, 2, 3].flatMap((turn) => {
    return perSubject.flatMap((questions, index) => questions[(turn + index) % 4] ?? []);
  });
  const fixed = constants.slice(0, 1).map(({ label }) => `What is ${label}?`);
  const found = [...turns.slice(0, SUGGESTIONS_MAX - fixed.length), ...fixed];
  return found.filter(
    (question) =>
      question.length <= SUGGESTION_LENGTH_MAX &&
      parseQuestion(question, table).status === "understood",
  );
}

function questionsAbout({ label }: Subject, table: AnalystTable): readonly string[] {
  const middle = formatTime((table.startTime + table.stopTime) / 2);
  const unit = calendarUnitOf(table.timeUnit) ?? "time";
  return [
    `What is the peak of ${label}, and when does it occur?`,
    `What is ${label} at ${unit} ${middle}?`,
    `What is the average of ${label}?`,
    `How much does ${label} change between the start and the end?`,
  ];
}
