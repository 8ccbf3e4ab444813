/** Has a step's input or output edited until it is right or given up, then plans what it would do. */
import type { Result } from "../base/result.ts";
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { StepEdit } from "../orchestrator/step-edit.ts";
import { readEdit, textToEdit, withProblem } from "../orchestrator/step-edit.ts";
import type { RunId } from "../protocol/ids.ts";
import type { ForkWish } from "../protocol/rerun.ts";
import type { EditDrafts } from "./edit-drafts.ts";
import type { Action } from "./model/actions.ts";

/** Lets the operator write; resolves with the text, or with why there is none. */
export type EditText = (text: string) => Promise<Result<string, string>>;

/** Who plans, who lets the operator write, and where what was written is kept. */
export interface EditTools {
  readonly handle: Pick<ConsoleHandle, "plan">;
  readonly editText: EditText;
  readonly drafts: EditDrafts;
}

/** What stands above a text that was written before. */
const WRITTEN_BEFORE = "You wrote this before. Leave the file empty to throw it away.";

/** Resolves with what the screen is to be told. */
export async function editStep(tools: EditTools, edit: StepEdit): Promise<Action> {
  const { editText, drafts } = tools;
  let text = offeredText(drafts, edit);
  for (let problem: string | undefined; ; ) {
    const written = await editText(text);
    if (!written.ok) return told("error", written.error);
    // Left as it was with its problem, it is given up: the editor would come back for ever.
    if (problem !== undefined && written.value === text) {
      return told("info", `given up, the text is kept: ${problem}`);
    }
    const answer = readEdit(edit, written.value);
    if (answer.kind === "unchanged") {
      drafts.drop(edit);
      return told("info", "nothing was changed");
    }
    drafts.keep(edit, written.value);
    const next =
      answer.kind === "problem"
        ? answer.message
        : await planned(tools.handle, edit.runId, answer.wish);
    if (typeof next !== "string") return next;
    problem = next;
    text = withProblem(written.value, problem);
  }
}

function offeredText(drafts: EditDrafts, edit: StepEdit): string {
  const draft = drafts.of(edit);
  return draft === undefined ? textToEdit(edit) : withProblem(draft, WRITTEN_BEFORE);
}

/** Plans a fork; resolves with what the screen is to be told. */
export async function planFork(
  handle: Pick<ConsoleHandle, "plan">,
  runId: RunId,
  wish: ForkWish,
): Promise<Action> {
  const answer = await planned(handle, runId, wish);
  return typeof answer === "string" ? told("error", answer) : answer;
}

/** The plan of a wish, as the screen shows it; the text of its refusal when it cannot be. */
async function planned(
  handle: Pick<ConsoleHandle, "plan">,
  runId: RunId,
  wish: ForkWish,
): Promise<Action | string> {
  const plan = await handle.plan(runId, wish);
  if (plan === undefined) return told("error", `the run ${runId} is no longer here`);
  const { refusal } = plan;
  if (refusal === undefined) return { type: "planned", runId, plan };
  const { message, nextStep } = refusal;
  return nextStep === undefined ? message : `${message}: ${nextStep}`;
}

function told(level: "info" | "error", text: string): Action {
  return { type: "notice", level, text };
}
