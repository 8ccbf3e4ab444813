/** The form for the answer to a step that waits, as lines. */
import type { VerdictChoice, VerdictForm } from "../model/verdict-form.ts";
import { chosen, verdictProblem } from "../model/verdict-form.ts";
import type { Line } from "../spans.ts";
import { span, wrapText } from "../spans.ts";
import { fieldLine, keysLine } from "./dialog-parts.ts";

/** Most choices that are shown at once. */
const SHOWN_CHOICES = 6;

/** The question, the choices, and a field for words where the choice takes some. */
export function verdictLines(form: VerdictForm, width: number): readonly Line[] {
  const start = Math.max(0, form.row - SHOWN_CHOICES + 1);
  const choices = form.choices.slice(start, start + SHOWN_CHOICES).map((choice, index): Line => {
    const active = start + index === form.row;
    return [
      span(active ? "› " : "  ", "accent", true),
      span(choiceText(choice), active ? "accent" : "text", active),
    ];
  });
  const problem = verdictProblem(form);
  const question = wrapText(form.question, width).slice(0, 4);
  return [
    ...question.map((line): Line => [span(line)]),
    [],
    ...choices,
    [],
    ...wordsLines(form, width),
    problem === undefined ? [] : [span(`✗ ${problem}`, "bad")],
    keysLine([
      ["enter", "do it"],
      ["↑/↓", "choose"],
      ["esc", "close"],
    ]),
  ];
}

function choiceText(choice: VerdictChoice): string {
  switch (choice.kind) {
    case "approve":
      return "Approve: the step begins";
    case "reject":
      return "Reject: the step fails";
    case "push-back":
      return `Send back to ${choice.to}: ${choice.plan.reset.join(", ")} again`;
  }
}

/** As high for every choice, so that nothing jumps. */
function wordsLines(form: VerdictForm, width: number): readonly Line[] {
  const choice = chosen(form);
  if (choice.kind === "approve") return [[], []];
  const label =
    choice.kind === "reject" ? "The reason, kept with the run:" : `What ${choice.to} is told:`;
  return [[span(label, "muted")], fieldLine(form.words, width, true)];
}
