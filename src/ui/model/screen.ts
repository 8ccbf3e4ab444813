/** What the operator sees and has chosen, apart from what the console knows. */
import type { ConsoleState, EventLine, TopicMessage } from "../../console/console-state.ts";
import type { Intent } from "../../console/intents.ts";
import type { Ring } from "../../console/ring.ts";
import type { RerunPlan } from "../../orchestrator/rerun-plan.ts";
import type { StepEdit } from "../../orchestrator/step-edit.ts";
import type { Artifact } from "../../protocol/artifact.ts";
import type { RunId, SessionId, StepKey, WorkerSlot } from "../../protocol/ids.ts";
import type { ForkWish } from "../../protocol/rerun.ts";
import type { ActionName } from "./actions.ts";
import type { LogView } from "./log-view.ts";
import { FOLLOWING } from "./log-view.ts";
import type { PaneId } from "./pane-ids.ts";
import type { RunForm } from "./run-form.ts";
import type { TextField } from "./text-field.ts";
import type { VerdictForm } from "./verdict-form.ts";

/** What the detail pane can show of a step. */
export const DETAIL_TABS = ["output", "input", "log", "attempts", "chart", "why"] as const;
export type DetailTab = (typeof DETAIL_TABS)[number];

/** What a prompt's text is for. */
export type PromptPurpose =
  | { readonly kind: "ask"; readonly runId: RunId }
  | { readonly kind: "rename"; readonly sessionId: SessionId };

/** Two runs, or two attempts of a step of one run; `left` is the one before. */
export type Comparison =
  | { readonly kind: "runs"; readonly left: RunId; readonly right: RunId }
  | {
      readonly kind: "attempts";
      readonly runId: RunId;
      readonly stepKey: StepKey;
      readonly left: number;
      readonly right: number;
    };

/** Something the palette can do or go to. */
export interface PaletteItem {
  readonly label: string;
  readonly detail: string;
  /** The key that does the same. */
  readonly key?: string;
  /** Why it cannot be done now; null when it can. */
  readonly reason: string | null;
  readonly goal:
    | { readonly kind: "action"; readonly action: ActionName }
    | { readonly kind: "form"; readonly flowIndex: number }
    | { readonly kind: "run"; readonly runId: RunId }
    | { readonly kind: "session"; readonly sessionId: SessionId };
}

/** A window over the panes that takes all keys. */
export type Dialog =
  | { readonly kind: "help"; readonly top: number }
  | { readonly kind: "why" }
  /** Where the numbers of the answer come from; the chosen one. */
  | { readonly kind: "sources"; readonly row: number }
  | {
      readonly kind: "diff";
      readonly comparison: Comparison;
      readonly view: "values" | "chart";
      /** The first row that is shown, or the first line of the chart. */
      readonly top: number;
    }
  | {
      readonly kind: "confirm";
      readonly title: string;
      readonly lines: readonly string[];
      readonly confirmLabel: string;
      /** Whether Enter says yes; a deletion wants `y`. */
      readonly enterConfirms: boolean;
      readonly intent: Intent;
      /** What would be done again; drawn on the flow meanwhile. */
      readonly plan?: RerunPlan;
    }
  | { readonly kind: "quit"; readonly active: number }
  | {
      readonly kind: "prompt";
      readonly title: string;
      readonly hint: string;
      readonly purpose: PromptPurpose;
      readonly field: TextField;
      /** The earlier question that is shown, and what was being written before it. */
      readonly recall?: { readonly at: number; readonly draft: TextField };
    }
  | { readonly kind: "new-run"; readonly form: RunForm }
  | { readonly kind: "verdict"; readonly form: VerdictForm }
  | { readonly kind: "palette"; readonly field: TextField; readonly row: number };

/** How the last thing that can be taken back is taken back. */
export type Undo =
  | { readonly kind: "intent"; readonly intent: Intent; readonly says: string }
  /** A form that was closed, with what had been written in it. */
  | { readonly kind: "dialog"; readonly dialog: Dialog };

/** A short word of the screen itself. */
export interface ScreenNotice {
  readonly at: number;
  readonly level: "info" | "error";
  readonly text: string;
}

/** The operator's choices. `null` selections mean the first or newest there is. */
export interface Screen {
  readonly focus: PaneId;
  readonly zoomed: boolean;
  /** How the flow pane shows the run. */
  readonly flowView: "graph" | "timeline";
  readonly lower: PaneId;
  readonly runId: RunId | null;
  readonly stepKey: StepKey | null;
  /** The run that others are compared with; null when none is marked. */
  readonly markedRun: RunId | null;
  readonly slot: WorkerSlot | null;
  readonly topic: string | null;
  readonly sessionId: SessionId | null;
  /** The topic whose messages are shown instead of the list. */
  readonly openTopic: string | null;
  readonly detailTab: DetailTab;
  /** First line shown in the detail pane; null is the start, the mark, or the end of a log. */
  readonly detailTop: number | null;
  /** The row of a simulation's summary that a number of an answer was traced to. */
  readonly mark: {
    readonly runId: RunId;
    readonly stepKey: StepKey;
    readonly variable: string;
  } | null;
  /** The answer, and the row of its sources, that led `to` the place that is shown. */
  readonly cameFrom: {
    readonly runId: RunId;
    readonly stepKey: StepKey;
    readonly row: number;
    readonly to: { readonly runId: RunId; readonly stepKey: StepKey };
  } | null;
  readonly events: LogView;
  readonly messages: LogView;
  /** The filter being typed. */
  readonly filterField: TextField | null;
  readonly dialog: Dialog | null;
  readonly notice: ScreenNotice | null;
  readonly undo: Undo | null;
}

/** The screen one starts with. */
export const FIRST_SCREEN: Screen = {
  focus: "flow",
  zoomed: false,
  flowView: "graph",
  lower: "events",
  runId: null,
  stepKey: null,
  markedRun: null,
  slot: null,
  topic: null,
  sessionId: null,
  openTopic: null,
  detailTab: "output",
  detailTop: null,
  mark: null,
  cameFrom: null,
  events: FOLLOWING,
  messages: FOLLOWING,
  filterField: null,
  dialog: null,
  notice: null,
  undo: null,
};

/** What the reducer may look at besides the screen. */
export interface View {
  readonly state: ConsoleState;
  readonly events: Ring<EventLine>;
  readonly messages: Ring<TopicMessage>;
  /** Rows of content the focused pane shows. */
  readonly page: number;
  /** Lines the detail pane has. */
  readonly detailLines: number;
  /** The first line the detail pane shows of its own accord. */
  readonly detailStart: number;
  /** Lines the help has, and how many fit. */
  readonly helpLines: number;
  readonly helpPage: number;
  /** How far the open comparison can be scrolled, and how many rows of it fit. */
  readonly diffLines: number;
  readonly diffPage: number;
  /** What the palette offers for what was typed; empty while it is closed. */
  readonly palette: readonly PaletteItem[];
  /** The flow that Enter starts while the session has no run. */
  readonly offeredFlow: string;
}

/** What a screen wants done. */
export type Wish =
  | { readonly type: "dispatch"; readonly intent: Intent }
  | { readonly type: "copy"; readonly text: string }
  | { readonly type: "open-artifact"; readonly artifact: Artifact }
  /** Goes behind the shell until it is called back. */
  | { readonly type: "suspend" }
  /** Hands the terminal to the operator's editor. */
  | { readonly type: "edit"; readonly edit: StepEdit }
  /** Has a fork planned; the plan comes back as an action. */
  | { readonly type: "plan"; readonly runId: RunId; readonly wish: ForkWish }
  | {
      readonly type: "quit";
      readonly runsActive: "wait" | "cancel" | "leave" | null;
    };
