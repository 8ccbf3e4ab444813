/** Opens dialogs, and turns what was said in them into wishes. */
import { earlierQuestions } from "../../console/earlier-questions.ts";
import type { FormField, RunForm } from "./run-form.ts";
import {
  changeWish,
  checkForm,
  chooserRows,
  flowOfForm,
  formOf,
  formOfRun,
  formRows,
  startableFlows,
} from "./run-form.ts";
import type { Dialog, Screen, Undo, View, Wish } from "./screen.ts";
import {
  activeRuns,
  clamp,
  selectedRun,
  selectedSession,
  selectedWorker,
  stepToApprove,
} from "./selection.ts";
import type { EditAction, TextField } from "./text-field.ts";
import { editField, fieldOf, insertText, textOf } from "./text-field.ts";
import { choose, verdictForm, verdictIntent, verdictProblem } from "./verdict-form.ts";

/** A new screen and what it wants done. */
export type Step = readonly [Screen, readonly Wish[]];

type Prompt = Extract<Dialog, { kind: "prompt" }>;

/** The form for the answer to a step that waits for a person. */
export function approveDialog(screen: Screen, { state }: View): Dialog | null {
  const run = selectedRun(screen, state);
  const waiting = stepToApprove(screen, state);
  if (run === undefined || waiting === undefined) return null;
  const form = verdictForm(run, waiting);
  return form === undefined ? null : { kind: "verdict", form };
}

/** The confirmation of a cancellation. */
export function cancelDialog(screen: Screen, { state }: View): Dialog | null {
  const run = selectedRun(screen, state);
  if (run === undefined) return null;
  return {
    kind: "confirm",
    title: "Cancel the run",
    lines: [
      `${run.state.origin.flow.name}  ${run.runId}`,
      "Steps under way are told to stop; finished steps keep their results.",
    ],
    confirmLabel: "cancel the run",
    enterConfirms: true,
    intent: { type: "cancel-run", runId: run.runId },
  };
}

/** The confirmation of a worker's restart. */
export function restartDialog(screen: Screen, { state }: View): Dialog | null {
  const worker = selectedWorker(screen, state);
  if (worker === undefined) return null;
  return {
    kind: "confirm",
    title: "Restart a worker",
    lines: [worker.slot, "It finishes or hands over its task, then its process starts again."],
    confirmLabel: "restart",
    enterConfirms: true,
    intent: { type: "restart-worker", slot: worker.slot },
  };
}

/** The confirmation of a deletion; only `y` says yes. */
export function deleteDialog(screen: Screen, { state }: View): Dialog | null {
  const session = selectedSession(screen, state);
  if (session === undefined) return null;
  return {
    kind: "confirm",
    title: "Delete a session",
    lines: [
      `${session.name}: ${session.runCount} ${session.runCount === 1 ? "run" : "runs"}`,
      "It is deleted here and in Redis, and cannot be brought back.",
    ],
    confirmLabel: "delete",
    enterConfirms: false,
    intent: { type: "delete-session", sessionId: session.sessionId },
  };
}

const OF_ITS_OWN = "Answered from its results; the answer is a run of its own.";

/** The prompt for a question. */
export function askDialog(screen: Screen, { state }: View): Dialog | null {
  const run = selectedRun(screen, state);
  if (run === undefined) return null;
  const before = earlierQuestions(run).at(-1);
  return {
    kind: "prompt",
    title: "Ask a question of this run",
    hint: before === undefined ? OF_ITS_OWN : `It may go on from “${before}”`,
    purpose: { kind: "ask", runId: run.runId },
    field: fieldOf(""),
  };
}

/** The prompt for a session's name. */
export function renameDialog(screen: Screen, { state }: View): Dialog | null {
  const session = selectedSession(screen, state);
  if (session === undefined) return null;
  return {
    kind: "prompt",
    title: "Rename the session",
    hint: "",
    purpose: { kind: "rename", sessionId: session.sessionId },
    field: fieldOf(session.name),
  };
}

/** The form of a new run, at the flow that is offered. */
export function newRunDialog(
  screen: Screen,
  { state, offeredFlow }: View,
  flowIndex?: number,
): Dialog {
  const flows = startableFlows(state);
  const placeOf = (name: string | undefined): number =>
    flows.findIndex((view) => view.flow.name === name);
  const selected = placeOf(selectedRun(screen, state)?.state.origin.flow.name);
  const index = flowIndex ?? (selected < 0 ? placeOf(offeredFlow) : selected);
  return { kind: "new-run", form: formOf(state, Math.max(0, index), chooserRows(state)) };
}

/** The form of a run's parameters; what is changed in it makes a forked run. */
export function changeRunDialog(screen: Screen, { state }: View): Dialog | null {
  const run = selectedRun(screen, state);
  return run === undefined ? null : { kind: "new-run", form: formOfRun(run) };
}

/** Leaves, or asks first when runs are under way. */
export function quit(screen: Screen, { state }: View): Step {
  const active = activeRuns(state);
  if (active === 0) return [screen, [{ type: "quit", runsActive: null }]];
  return [{ ...screen, dialog: { kind: "quit", active } }, []];
}

/** Says yes to the open dialog. */
export function submit(screen: Screen, view: View): Step {
  const { dialog } = screen;
  const closed: Screen = { ...screen, dialog: null };
  if (dialog?.kind === "confirm") return [closed, [{ type: "dispatch", intent: dialog.intent }]];
  if (dialog?.kind === "prompt") {
    return submitPrompt({ ...closed, undo: undoOf(dialog, view) ?? screen.undo }, dialog);
  }
  if (dialog?.kind === "new-run") return submitForm(screen, dialog.form, view);
  if (dialog?.kind === "verdict") {
    if (verdictProblem(dialog.form) !== undefined) return [screen, []];
    return [closed, [{ type: "dispatch", intent: verdictIntent(dialog.form) }]];
  }
  return [closed, []];
}

/** A renaming is taken back by the name before. */
function undoOf({ purpose }: Prompt, { state }: View): Undo | undefined {
  if (purpose.kind !== "rename") return undefined;
  const { sessionId } = purpose;
  const before = state.sessions.find((one) => one.sessionId === sessionId)?.name;
  if (before === undefined) return undefined;
  const intent = { type: "rename-session", sessionId, name: before } as const;
  return { kind: "intent", intent, says: `the session is called ${before} again` };
}

/** Closes the dialog; a form can be brought back. */
export function dismiss(screen: Screen): Screen {
  const { dialog } = screen;
  const isForm =
    dialog?.kind === "prompt" || dialog?.kind === "new-run" || dialog?.kind === "verdict";
  return { ...screen, dialog: null, undo: isForm ? { kind: "dialog", dialog } : screen.undo };
}

/** Takes back the last thing that can be taken back, once. */
export function undo(screen: Screen, { state }: View): Step {
  const last = screen.undo;
  const cleared: Screen = { ...screen, undo: null };
  if (last === null) return [screen, []];
  if (last.kind === "dialog") return [{ ...cleared, dialog: last.dialog }, []];
  const notice = { level: "info", text: last.says, at: state.now } as const;
  return [{ ...cleared, notice }, [{ type: "dispatch", intent: last.intent }]];
}

function submitPrompt(closed: Screen, dialog: Prompt): Step {
  const text = textOf(dialog.field).trim();
  const { purpose } = dialog;
  if (text === "") return [closed, []];
  return purpose.kind === "ask"
    ? [
        closed,
        [
          {
            type: "dispatch",
            intent: { type: "ask-question", runId: purpose.runId, question: text },
          },
        ],
      ]
    : [
        closed,
        [
          {
            type: "dispatch",
            intent: { type: "rename-session", sessionId: purpose.sessionId, name: text },
          },
        ],
      ];
}

function submitForm(screen: Screen, form: RunForm, { state }: View): Step {
  const flow = flowOfForm(state, form);
  if (flow === undefined) return [{ ...screen, dialog: null }, []];
  const { values, problems } = checkForm(flow, form, state);
  const wrong = form.fields.findIndex(({ name }) => problems.has(name));
  if (wrong >= 0) {
    const row = wrong + chooserRows(state, form);
    return [{ ...screen, dialog: { kind: "new-run", form: { ...form, row } } }, []];
  }
  if (form.changes !== undefined) {
    const wish = changeWish(form, values);
    // The form stays until the plan is there: a plan that is refused is corrected in it.
    return Object.keys(wish.parameters).length === 0
      ? [{ ...screen, notice: { level: "info", text: NOTHING_CHANGED, at: state.now } }, []]
      : [screen, [{ type: "plan", runId: form.changes.runId, wish }]];
  }
  return [
    { ...screen, dialog: null },
    [
      {
        type: "dispatch",
        intent: { type: "start-run", flowName: flow.name, parameters: values },
      },
    ],
  ];
}

const NOTHING_CHANGED = "nothing was changed: write another value, or esc";

/** Moves between the rows of the form. */
export function moveRow(screen: Screen, { state, palette }: View, delta: number): Screen {
  if (screen.dialog?.kind === "verdict") {
    return { ...screen, dialog: { kind: "verdict", form: choose(screen.dialog.form, delta) } };
  }
  if (screen.dialog?.kind === "palette") {
    const row = clamp(screen.dialog.row + delta, palette.length);
    return { ...screen, dialog: { ...screen.dialog, row } };
  }
  if (screen.dialog?.kind === "prompt") {
    return { ...screen, dialog: recallQuestion(screen.dialog, state.questions, -delta) };
  }
  if (screen.dialog?.kind !== "new-run") return screen;
  const { form } = screen.dialog;
  const count = Math.max(1, formRows(state, form));
  const row = (form.row + delta + count) % count;
  return { ...screen, dialog: { kind: "new-run", form: { ...form, row } } };
}

/** An earlier question in place of what is written, or the later one; then the draft again. */
function recallQuestion(prompt: Prompt, questions: readonly string[], older: number): Prompt {
  if (prompt.purpose.kind !== "ask") return prompt;
  const { recall, ...rest } = prompt;
  const at = Math.min((recall?.at ?? -1) + older, questions.length - 1);
  const draft = recall?.draft ?? prompt.field;
  const question = at < 0 ? undefined : questions[at];
  return question === undefined
    ? { ...rest, field: draft }
    : { ...rest, field: fieldOf(question), recall: { at, draft } };
}

/** Edits the text that has the cursor, wherever it is. */
export function edit(screen: Screen, view: View, action: EditAction): Screen {
  return withField(screen, view, (field) => editField(field, action), action);
}

/** Types or pastes text where the cursor is. */
export function insert(screen: Screen, view: View, text: string): Screen {
  return withField(screen, view, (field) => insertText(field, text));
}

function withField(
  screen: Screen,
  view: View,
  change: (field: TextField) => TextField,
  action?: EditAction,
): Screen {
  const { dialog, filterField } = screen;
  if (dialog?.kind === "prompt") {
    return { ...screen, dialog: { ...dialog, field: change(dialog.field) } };
  }
  if (dialog?.kind === "palette") {
    return { ...screen, dialog: { ...dialog, field: change(dialog.field), row: 0 } };
  }
  if (dialog?.kind === "verdict") {
    const form = { ...dialog.form, words: change(dialog.form.words) };
    return { ...screen, dialog: { ...dialog, form } };
  }
  if (dialog?.kind === "new-run") {
    const form = changeForm(dialog.form, view, { change, action });
    return { ...screen, dialog: { ...dialog, form } };
  }
  return filterField === null ? screen : { ...screen, filterField: change(filterField) };
}

function changeForm(
  form: RunForm,
  { state }: View,
  edited: {
    readonly change: (field: TextField) => TextField;
    readonly action: EditAction | undefined;
  },
): RunForm {
  const index = form.row - chooserRows(state, form);
  if (index < 0) return chooseFlow(form, state, edited.action);
  return {
    ...form,
    fields: form.fields.map(
      (one, at): FormField => (at === index ? { ...one, field: edited.change(one.field) } : one),
    ),
  };
}

function chooseFlow(form: RunForm, state: View["state"], action: EditAction | undefined): RunForm {
  const delta = action === "edit-left" ? -1 : action === "edit-right" ? 1 : 0;
  if (delta === 0) return form;
  return formOf(state, clamp(form.flowIndex + delta, startableFlows(state).length), form.row);
}
