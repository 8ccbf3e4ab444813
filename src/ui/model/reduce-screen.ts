/** The screen's reducer: what a key or an answer makes of what the operator sees. Pure. */
import type { Intent } from "../../console/intents.ts";
import { instanceOf } from "../../orchestrator/instances.ts";
import type { StepEdit } from "../../orchestrator/step-edit.ts";
import { stepEdit } from "../../orchestrator/step-edit.ts";
import type { RunId } from "../../protocol/ids.ts";
import type { Action, ActionName, MoveAction } from "./actions.ts";
import type { Step } from "./dialogs.ts";
import {
  approveDialog,
  askDialog,
  cancelDialog,
  changeRunDialog,
  deleteDialog,
  dismiss,
  edit,
  insert,
  moveRow,
  newRunDialog,
  quit,
  renameDialog,
  restartDialog,
  submit,
  undo,
} from "./dialogs.ts";
import { diffDialog, nextDiff, scrollDiff, scrolled, turnDiff } from "./diff-dialog.ts";
import { placeOf } from "./draft-place.ts";
import { currentItem, FOLLOWING } from "./log-view.ts";
import { moveIn } from "./move.ts";
import type { PaneId } from "./pane-ids.ts";
import { PANE_IDS } from "./pane-ids.ts";
import { forkDialog, planDialog } from "./plan-dialog.ts";
import type { Dialog, Screen, View } from "./screen.ts";
import {
  artifactOf,
  eventSource,
  instanceToOpen,
  messageSource,
  selectedRun,
  selectedSession,
  selectedStep,
  selectedTopic,
  selectedWorker,
  stepText,
} from "./selection.ts";
import { backToAnswer, goToSource, moveSource } from "./sources-dialog.ts";
import { fieldOf, textOf } from "./text-field.ts";
import { trustDialog } from "./trust-dialog.ts";

/** Panes that share a place remember which of them was there last. */
const SHARING: readonly PaneId[] = ["events", "topics", "runs", "sessions"];

type Handler = (screen: Screen, view: View) => Step;

/** Reacts to one action. */
export function reduceScreen(screen: Screen, action: Action, view: View): Step {
  switch (action.type) {
    case "do":
      return HANDLERS[action.name]({ ...screen, notice: null }, view);
    case "insert":
      return [liveFilter(insert(screen, view, action.text)), []];
    case "notice": {
      const { level, text } = action;
      return [{ ...screen, notice: { level, text, at: view.state.now } }, []];
    }
    case "planned":
      // The form the plan came from can be brought back when the plan is not wanted.
      return [{ ...dismiss(screen), dialog: forkDialog(action, view) }, []];
    case "outcome":
      return [withOutcome(screen, action, view), []];
  }
}

function withOutcome(
  screen: Screen,
  { intent, outcome }: Extract<Action, { type: "outcome" }>,
  { state }: View,
): Screen {
  // A question that comes while another one is open must not take its keys.
  if (!outcome.ok && outcome.trust !== undefined && screen.dialog === null) {
    return { ...screen, dialog: trustDialog(outcome.trust, wishBehind(intent)) };
  }
  if (!outcome.ok) {
    const kept = isWritten(intent) ? ". What you wrote is kept: edit the step again" : "";
    const text = `${outcome.message} — ${outcome.nextStep}${kept}`;
    return { ...screen, notice: { level: "error", text, at: state.now } };
  }
  const { type } = wishBehind(intent);
  const begins = type === "start-run" || type === "ask-question" || type === "fork-run";
  if (!begins || outcome.runId === null) return screen;
  if (intent.type === "ask-question") return answerOf(screen, outcome.runId);
  return { ...focusOn(screen, "flow"), runId: outcome.runId, stepKey: null, detailTop: null };
}

/** What was wished for before any question of trust came: a run may need several programs. */
function wishBehind(intent: Intent): Intent {
  return intent.type === "trust-program" ? intent.before : intent;
}

/** The place where the answer will stand; it is there that it is seen being written. */
function answerOf(screen: Screen, runId: RunId): Screen {
  const chosen = { runId, stepKey: null, detailTab: "output", detailTop: null } as const;
  return { ...focusOn(screen, "detail"), ...chosen };
}

/** Whether a wish carries what the operator wrote in an editor. */
function isWritten(intent: Intent): boolean {
  if (intent.type === "trust-program") return isWritten(intent.before);
  return intent.type === "fork-run" && placeOf(intent.runId, intent.wish) !== undefined;
}

/** Gives a pane the focus. */
function focusOn(screen: Screen, pane: PaneId): Screen {
  const lower = SHARING.includes(pane) ? pane : screen.lower;
  return { ...screen, focus: pane, lower };
}

const still =
  (change: (screen: Screen, view: View) => Screen): Handler =>
  (screen, view) => [change(screen, view), []];

const focus = (pane: PaneId): Handler => still((screen) => focusOn(screen, pane));

const opens = (dialog: (screen: Screen, view: View) => Dialog | null): Handler =>
  still((screen, view) => ({ ...screen, dialog: dialog(screen, view) }));

const moves = (action: MoveAction): Handler =>
  still((screen, view) => {
    const { dialog } = screen;
    if (dialog?.kind === "help") {
      const top = scrolled(dialog.top, action, { length: view.helpLines, page: view.helpPage });
      return { ...screen, dialog: { kind: "help", top } };
    }
    if (dialog?.kind === "sources") {
      return { ...screen, dialog: moveSource(dialog, action, { screen, state: view.state }) };
    }
    return dialog?.kind === "diff"
      ? { ...screen, dialog: scrollDiff(dialog, action, view) }
      : moveIn(screen, action, view);
  });

const edits = (action: Parameters<typeof edit>[2]): Handler =>
  still((screen, view) => liveFilter(edit(screen, view, action)));

const HANDLERS: Readonly<Record<ActionName, Handler>> = {
  up: moves("up"),
  down: moves("down"),
  "page-up": moves("page-up"),
  "page-down": moves("page-down"),
  top: moves("top"),
  end: moves("end"),
  left: moves("left"),
  right: moves("right"),
  "edit-left": edits("edit-left"),
  "edit-right": edits("edit-right"),
  "edit-home": edits("edit-home"),
  "edit-end": edits("edit-end"),
  "edit-backspace": edits("edit-backspace"),
  "edit-delete": edits("edit-delete"),
  "edit-clear": edits("edit-clear"),
  "edit-word": edits("edit-word"),
  "focus-flow": focus("flow"),
  "focus-detail": focus("detail"),
  "focus-runs": focus("runs"),
  "focus-agents": focus("agents"),
  "focus-topics": focus("topics"),
  "focus-events": focus("events"),
  "focus-sessions": focus("sessions"),
  "focus-next": still((screen) => focusOn(screen, paneAfter(screen.focus, 1))),
  "focus-previous": still((screen) => focusOn(screen, paneAfter(screen.focus, -1))),
  open: openSelected,
  back: still(goBack),
  zoom: still((screen) => ({ ...screen, zoomed: !screen.zoomed })),
  "toggle-timeline": still((screen) => ({
    ...focusOn(screen, "flow"),
    flowView: screen.flowView === "graph" ? "timeline" : "graph",
  })),
  "new-run": opens((screen, view) => newRunDialog(screen, view)),
  "rerun-step": opens(planDialog("from")),
  "rerun-only": opens(planDialog("only")),
  "retry-failed": opens(planDialog("failed")),
  "refresh-stale": opens(planDialog("stale")),
  "change-input": writes("input"),
  "pin-output": writes("output"),
  "change-parameters": opens(changeRunDialog),
  "pause-run": pauseOrResume,
  "approve-step": opens(approveDialog),
  "cancel-run": opens(cancelDialog),
  "ask-question": opens(askDialog),
  "show-why": opens(() => ({ kind: "why" })),
  "show-diff": opens(diffDialog),
  "show-sources": opens(() => ({ kind: "sources", row: 0 })),
  "mark-run": still((screen, { state }) => {
    const run = selectedRun(screen, state)?.runId ?? null;
    return { ...screen, markedRun: screen.markedRun === run ? null : run };
  }),
  "diff-view": still(turnDiff),
  "diff-other": still(nextDiff),
  "show-help": opens(() => ({ kind: "help", top: 0 })),
  "open-palette": opens(() => ({ kind: "palette", field: fieldOf(""), row: 0 })),
  filter: still((screen) => ({ ...screen, filterField: fieldOf(logOf(screen).filter) })),
  follow: still((screen) => withLog(screen, { ...logOf(screen), cursor: null, bottom: null })),
  "restart-worker": opens(restartDialog),
  "scale-up": scales(1),
  "scale-down": scales(-1),
  "open-artifact": openArtifact,
  copy: copySelected,
  "delete-session": opens(deleteDialog),
  "rename-session": opens(renameDialog),
  confirm: submit,
  dismiss: still(dismiss),
  undo,
  submit: (screen, view) => {
    if (screen.dialog?.kind === "palette") return choose(screen, screen.dialog.row, view);
    if (screen.dialog?.kind === "sources") return [goToSource(screen, screen.dialog, view), []];
    return screen.filterField === null
      ? submit(screen, view)
      : [{ ...screen, filterField: null }, []];
  },
  "next-field": still((screen, view) => moveRow(screen, view, 1)),
  "previous-field": still((screen, view) => moveRow(screen, view, -1)),
  suspend: (screen) => [screen, [{ type: "suspend" }]],
  quit,
  "quit-wait": (screen) => [{ ...screen, dialog: null }, [{ type: "quit", runsActive: "wait" }]],
  "quit-cancel": (screen) => [
    { ...screen, dialog: null },
    [{ type: "quit", runsActive: "cancel" }],
  ],
  "quit-leave": (screen) => [{ ...screen, dialog: null }, [{ type: "quit", runsActive: "leave" }]],
};

/** Does what the chosen row of the palette says. */
function choose(screen: Screen, row: number, view: View): Step {
  const item = view.palette[row];
  const closed: Screen = { ...screen, dialog: null };
  if (item === undefined) return [closed, []];
  if (item.reason !== null) {
    const notice = { level: "info", text: item.reason, at: view.state.now } as const;
    return [{ ...closed, notice }, []];
  }
  const { goal } = item;
  switch (goal.kind) {
    case "action":
      return HANDLERS[goal.action](closed, view);
    case "form":
      return [{ ...closed, dialog: newRunDialog(screen, view, goal.flowIndex) }, []];
    case "run":
      return [
        { ...focusOn(closed, "flow"), runId: goal.runId, stepKey: null, detailTop: null },
        [],
      ];
    case "session": {
      const intent = { type: "open-session", sessionId: goal.sessionId } as const;
      return [
        { ...focusOn(closed, "flow"), runId: null, stepKey: null },
        [{ type: "dispatch", intent }],
      ];
    }
  }
}

/** One worker more, or one less, of the selected one's agent. */
function scales(change: 1 | -1): Handler {
  return (screen, { state }) => {
    const worker = selectedWorker(screen, state);
    if (worker === undefined) return [screen, []];
    const intent = { type: "scale-agent", agent: worker.agent, change } as const;
    return [screen, [{ type: "dispatch", intent }]];
  };
}

/** Has the operator write a part of the selected step. */
function writes(part: StepEdit["part"]): Handler {
  return (screen, { state }) => {
    const selected = selectedStep(screen, state);
    if (selected === undefined) return [screen, []];
    const edit = stepEdit(selected.run.state, selected.key, part);
    return [screen, edit.ok ? [{ type: "edit", edit: edit.value }] : []];
  };
}

/** Pausing loses nothing and is undone by the same key, so it is not confirmed. */
function pauseOrResume(screen: Screen, { state }: View): Step {
  const run = selectedRun(screen, state);
  if (run === undefined) return [screen, []];
  const type = run.state.status === "paused" ? "resume-run" : "pause-run";
  return [screen, [{ type: "dispatch", intent: { type, runId: run.runId } }]];
}

function paneAfter(pane: PaneId, delta: number): PaneId {
  const index = PANE_IDS.indexOf(pane) + delta;
  return PANE_IDS[(index + PANE_IDS.length) % PANE_IDS.length] ?? "flow";
}

function openSelected(screen: Screen, view: View): Step {
  const { state } = view;
  switch (screen.focus) {
    case "flow":
      return openFlow(screen, view);
    case "detail":
      return [{ ...screen, zoomed: true }, []];
    case "runs":
      return [{ ...focusOn(screen, "flow"), zoomed: false, stepKey: null }, []];
    case "topics": {
      const topic = selectedTopic(screen, state)?.topic ?? null;
      return [{ ...screen, openTopic: topic, topic, messages: FOLLOWING }, []];
    }
    case "sessions": {
      const session = selectedSession(screen, state);
      if (session === undefined) return [screen, []];
      const intent = { type: "open-session", sessionId: session.sessionId } as const;
      return [
        { ...focusOn(screen, "flow"), runId: null, stepKey: null },
        [{ type: "dispatch", intent }],
      ];
    }
    case "agents":
    case "events":
      return [{ ...screen, zoomed: true }, []];
  }
}

function openFlow(screen: Screen, { state, offeredFlow }: View): Step {
  const instance = instanceToOpen(screen, state);
  if (instance !== undefined) return [{ ...screen, stepKey: instance, detailTop: null }, []];
  if (selectedRun(screen, state) !== undefined) return [focusOn(screen, "detail"), []];
  const intent = { type: "start-run", flowName: offeredFlow, parameters: {} } as const;
  return [screen, [{ type: "dispatch", intent }]];
}

/** One level up: a filter being typed, an unfolded step, an answer, a zoom, an open topic, a filter, the flow. */
function goBack(screen: Screen): Screen {
  if (screen.filterField !== null) return withLog({ ...screen, filterField: null }, FOLLOWING);
  const unfolded = screen.stepKey === null ? undefined : instanceOf(screen.stepKey)?.parent;
  if (screen.focus === "flow" && unfolded !== undefined) {
    return { ...screen, stepKey: unfolded, detailTop: null };
  }
  const answer = backToAnswer(screen);
  if (answer !== undefined) return answer;
  if (screen.zoomed) return { ...screen, zoomed: false };
  if (screen.focus === "topics" && screen.openTopic !== null) {
    return { ...screen, openTopic: null, messages: FOLLOWING };
  }
  if (screen.focus === "events" && screen.events.filter !== "") {
    return { ...screen, events: FOLLOWING };
  }
  return focusOn(screen, "flow");
}

/** The log the focused pane shows. */
function logOf(screen: Screen): Screen["events"] {
  return screen.focus === "topics" ? screen.messages : screen.events;
}

function withLog(screen: Screen, log: Screen["events"]): Screen {
  return screen.focus === "topics" ? { ...screen, messages: log } : { ...screen, events: log };
}

/** A filter works while it is typed. */
function liveFilter(screen: Screen): Screen {
  if (screen.filterField === null) return screen;
  return withLog(screen, { ...FOLLOWING, filter: textOf(screen.filterField) });
}

function openArtifact(screen: Screen, { state }: View): Step {
  const selected = selectedStep(screen, state);
  const artifact = selected === undefined ? undefined : artifactOf(selected.step);
  return [screen, artifact === undefined ? [] : [{ type: "open-artifact", artifact }]];
}

function copySelected(screen: Screen, view: View): Step {
  const text = textToCopy(screen, view);
  if (text === undefined || text === "") return [screen, []];
  const notice = { level: "info", text: `copied ${text.length} characters` } as const;
  return [{ ...screen, notice: { ...notice, at: view.state.now } }, [{ type: "copy", text }]];
}

function textToCopy(screen: Screen, { state, events, messages }: View): string | undefined {
  switch (screen.focus) {
    case "flow":
    case "runs":
      return selectedRun(screen, state)?.runId;
    case "detail": {
      const selected = selectedStep(screen, state);
      return selected === undefined ? undefined : stepText(selected.step);
    }
    case "agents":
      return selectedWorker(screen, state)?.slot;
    case "sessions":
      return selectedSession(screen, state)?.sessionId;
    case "events":
      return currentItem(eventSource(screen, events), screen.events)?.text;
    case "topics":
      return screen.openTopic === null
        ? selectedTopic(screen, state)?.topic
        : currentItem(messageSource(screen, messages), screen.messages)?.text;
  }
}
