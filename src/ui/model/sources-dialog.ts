/** The window of an answer's sources: opened, moved in, and left for the place of a number. */
import type { MoveAction } from "./actions.ts";
import { answerSources, makerOf } from "./answer-sources.ts";
import type { Dialog, Screen, View } from "./screen.ts";
import { clamp, selectedStep } from "./selection.ts";

type SourcesDialog = Extract<Dialog, { kind: "sources" }>;

/** The choice after a move. */
export function moveSource(
  dialog: SourcesDialog,
  action: MoveAction,
  { screen, state }: { readonly screen: Screen; readonly state: View["state"] },
): SourcesDialog {
  const selected = selectedStep(screen, state);
  const count = selected === undefined ? 0 : (answerSources(selected)?.numbers ?? []).length;
  const by: Partial<Record<MoveAction, number>> = { up: -1, down: 1, top: -count, end: count };
  return { ...dialog, row: clamp(dialog.row + (by[action] ?? 0), count) };
}

/** Goes to the results that the chosen number comes from. */
export function goToSource(screen: Screen, dialog: SourcesDialog, { state }: View): Screen {
  const closed: Screen = { ...screen, dialog: null };
  const selected = selectedStep(screen, state);
  const sources = selected === undefined ? undefined : answerSources(selected);
  if (selected === undefined || sources === undefined) return closed;
  const { numbers, data } = sources;
  const place = makerOf(sources, selected, state.runs);
  if (place === undefined) {
    const text = `the run that made ${data.name} is not in this session any more`;
    return { ...closed, notice: { level: "info", text, at: state.now } };
  }
  const variable = numbers[dialog.row]?.variable;
  return {
    ...closed,
    ...place,
    focus: "detail",
    detailTab: "output",
    detailTop: null,
    mark: variable === undefined ? null : { ...place, variable },
    cameFrom: { runId: selected.run.runId, stepKey: selected.key, row: dialog.row, to: place },
  };
}

/** Back at the answer whose number led here; undefined when nothing did, or one has gone on. */
export function backToAnswer(screen: Screen): Screen | undefined {
  const { cameFrom } = screen;
  if (cameFrom === null || screen.focus !== "detail") return undefined;
  const { runId, stepKey, row, to } = cameFrom;
  if (screen.runId !== to.runId || screen.stepKey !== to.stepKey) return undefined;
  const answer = { runId, stepKey, detailTab: "output", detailTop: null } as const;
  return { ...screen, ...answer, mark: null, cameFrom: null, dialog: { kind: "sources", row } };
}
