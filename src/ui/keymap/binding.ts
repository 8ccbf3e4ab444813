import type { ActionName } from "../model/actions.ts";
import type { DisabledReason } from "../model/availability.ts";
import type { PaneId } from "../model/pane-ids.ts";

/** Where a key has its meaning; the first context that knows a key wins. */
export type Context =
  | PaneId
  | "messages"
  | "welcome"
  | "panes"
  | "help"
  | "why"
  | "sources"
  | "diff"
  | "confirm"
  | "confirm-danger"
  | "quit"
  | "text"
  | "form"
  | "prompt"
  | "verdict"
  | "palette";

/** One row of the table. */
export interface Binding {
  readonly action: ActionName;
  /** Names of keys, the usual one first. */
  readonly keys: readonly string[];
  readonly contexts: readonly Context[];
  /** One or two words for the footer. */
  readonly label: string;
  /** A sentence for the help. */
  readonly help: string;
  /** Place in the footer, 1 first; absent keys are in the help only. */
  readonly footer?: number;
  readonly disabledReason?: DisabledReason;
  /** Whether it may change something: not done by a console that only looks. */
  readonly changes?: true;
}
