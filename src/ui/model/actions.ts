/** Everything a key can mean. */
import type { Intent, IntentOutcome } from "../../console/intents.ts";
import type { RerunPlan } from "../../orchestrator/rerun-plan.ts";
import type { RunId } from "../../protocol/ids.ts";
import type { PaneId } from "./pane-ids.ts";
import type { EditAction } from "./text-field.ts";

/** A move of a selection or of a window. */
export type MoveAction = "up" | "down" | "page-up" | "page-down" | "top" | "end" | "left" | "right";

/** A wish without further data; the keymap gives each its keys. */
export type ActionName =
  | MoveAction
  | EditAction
  | `focus-${PaneId}`
  | "focus-next"
  | "focus-previous"
  | "open"
  | "back"
  | "zoom"
  | "toggle-timeline"
  | "new-run"
  | "rerun-step"
  | "rerun-only"
  | "retry-failed"
  | "refresh-stale"
  | "change-input"
  | "pin-output"
  | "change-parameters"
  | "pause-run"
  | "approve-step"
  | "cancel-run"
  | "ask-question"
  | "show-why"
  | "show-diff"
  | "show-sources"
  | "mark-run"
  | "undo"
  | "diff-view"
  | "diff-other"
  | "open-palette"
  | "show-help"
  | "filter"
  | "follow"
  | "restart-worker"
  | "scale-up"
  | "scale-down"
  | "open-artifact"
  | "copy"
  | "delete-session"
  | "rename-session"
  | "confirm"
  | "dismiss"
  | "submit"
  | "next-field"
  | "previous-field"
  | "suspend"
  | "quit"
  | "quit-wait"
  | "quit-cancel"
  | "quit-leave";

/** What the screen model reacts to. */
export type Action =
  | { readonly type: "do"; readonly name: ActionName }
  | { readonly type: "insert"; readonly text: string }
  | { readonly type: "outcome"; readonly intent: Intent; readonly outcome: IntentOutcome }
  /** What an edit would do is known. */
  | { readonly type: "planned"; readonly runId: RunId; readonly plan: RerunPlan }
  | { readonly type: "notice"; readonly level: "info" | "error"; readonly text: string };
