/** The panes, in the order of their numbers. */
export const PANE_IDS = [
  "flow",
  "detail",
  "runs",
  "agents",
  "topics",
  "events",
  "sessions",
] as const;
/** A pane. */
export type PaneId = (typeof PANE_IDS)[number];
