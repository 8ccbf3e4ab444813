/** The window of a comparison: opened, scrolled, turned to the chart, and to another side. */
import type { MoveAction } from "./actions.ts";
import { comparisonsFor } from "./comparison.ts";
import type { Comparison, Dialog, Screen, View } from "./screen.ts";
import { clamp } from "./selection.ts";

type DiffDialog = Extract<Dialog, { kind: "diff" }>;

/** The comparison that is most natural now; null when there is nothing to compare with. */
export function diffDialog(screen: Screen, { state }: View): DiffDialog | null {
  const [comparison] = comparisonsFor(screen, state);
  return comparison === undefined ? null : { kind: "diff", comparison, view: "values", top: 0 };
}

/** The other view of what is compared. */
export function turnDiff(screen: Screen): Screen {
  const { dialog } = screen;
  if (dialog?.kind !== "diff") return screen;
  const view = dialog.view === "values" ? "chart" : "values";
  return { ...screen, dialog: { ...dialog, view, top: 0 } };
}

/** The same compared with the next thing it can be compared with. */
export function nextDiff(screen: Screen, { state }: View): Screen {
  const { dialog } = screen;
  if (dialog?.kind !== "diff") return screen;
  const all = comparisonsFor(screen, state);
  const at = all.findIndex((one) => isSame(one, dialog.comparison));
  const comparison = all[(at + 1) % all.length] ?? dialog.comparison;
  return { ...screen, dialog: { ...dialog, comparison, top: 0 } };
}

function isSame(one: Comparison, other: Comparison): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A move in the window. */
export function scrollDiff(dialog: DiffDialog, action: MoveAction, view: View): DiffDialog {
  const { diffLines: length, diffPage: page } = view;
  return { ...dialog, top: scrolled(dialog.top, action, { length, page }) };
}

/** The first of `length` rows after a move, in a window of `page` rows. */
export function scrolled(
  top: number,
  action: MoveAction,
  { length, page }: { readonly length: number; readonly page: number },
): number {
  const by: Partial<Record<MoveAction, number>> = {
    up: -1,
    down: 1,
    "page-up": -page,
    "page-down": page,
    top: -length,
    end: length,
  };
  return clamp(top + (by[action] ?? 0), Math.max(1, length - page + 1));
}
