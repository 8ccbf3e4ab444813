/** Has a step's input or output edited until it is right or given up, then plans what it would do. */
import type { Result } from "../base/result.ts";
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { StepEdit } from "../orchestrator/step-edit.ts";
import { readEdit, textToEdit, withProblem } from "../orchestrator/step-edit.ts";
import type { RunId } from "../protocol/ids.ts";
import type { ForkWish } from "../protocol/rerun.ts";
import type { Action } from "./model/actions.ts";

/** Lets the operator write; resolves with the text, or with why there is none. */
export type EditText = (text: string) => Promise<Result<string, string>>;

/** Resolves with what the screen is to be told. */
export async function editStep(
  handle: Pick<ConsoleHandle, "plan">,
  edit: StepEdit,
  editText: EditText,
): Promise<Action> {
  let text = textToEdit(edit);
  for (let problem: string | undefined; ; ) {
    const written = await editText(text);
    if (!written.ok) return told("error", written.error);
    const answer = readEdit(edit, written.value);
    if (answer.kind === "wish") return await planFork(handle, edit.runId, answer.wish);
    if (answer.kind === "unchanged") return told("info", "nothing was changed");
    // Left as it was with its problem, it is given up: the editor would come back for ever.
    if (problem !== undefined && written.value === text)
      return told("info", `given up: ${problem}`);
    problem = answer.message;
    text = withProblem(written.value, problem);
  }
}

/** Plans a fork; resolves with what the screen is to be told. */
export async function planFork(
  handle: Pick<ConsoleHandle, "plan">,
  runId: RunId,
  wish: ForkWish,
): Promise<Action> {
  const plan = await handle.plan(runId, wish);
  if (plan === undefined) return told("error", `the run ${runId} is no longer here`);
  const { refusal } = plan;
  return refusal === undefined ? { type: "planned", runId, plan } : told("error", refusal.message);
}

function told(level: "info" | "error", text: string): Action {
  return { type: "notice", level, text };
}
