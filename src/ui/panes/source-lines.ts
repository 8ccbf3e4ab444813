/** Where the numbers of an answer come from, as the rows of a window. */
import { formatBytes } from "../format.ts";
import { answerSources, makerOf } from "../model/answer-sources.ts";
import type { Dialog } from "../model/screen.ts";
import { selectedStep } from "../model/selection.ts";
import type { Line } from "../spans.ts";
import { cell, span, widthOf } from "../spans.ts";
import { keysLine } from "./dialog-parts.ts";
import type { PaneInput } from "./pane.ts";
import { windowStart } from "./pane.ts";

/** Rows of the window that are no numbers. */
const FRAME_ROWS = 5;

/** Each number with its place, and the table they are all from. */
export function sourceLines(
  { row }: Extract<Dialog, { kind: "sources" }>,
  input: PaneInput,
  rows: number,
): readonly Line[] {
  const selected = selectedStep(input.screen, input.state);
  const sources = selected === undefined ? undefined : answerSources(selected);
  if (selected === undefined || sources === undefined)
    return [[span("There is no answer here any more.", "muted")]];
  const { numbers, data } = sources;
  const place = makerOf(sources, selected, input.state.runs);
  const widest = Math.max(...numbers.map(({ shown }) => widthOf(shown)));
  const page = Math.max(1, rows - FRAME_ROWS);
  const top = windowStart(row, numbers.length, page);
  const from =
    place === undefined ? "a run that is not in this session" : `${place.runId} ${place.stepKey}`;
  return [
    [],
    ...numbers.slice(top, top + page).map(({ shown, says }, index): Line => {
      const isChosen = top + index === row;
      return [
        span(isChosen ? "▸ " : "  ", "accent", true),
        span(cell(shown, widest, "right"), isChosen ? "accent" : "text", true),
        span(`  ${says}`, isChosen ? "text" : "muted"),
      ];
    }),
    [],
    [span(`table  ${data.name}, ${formatBytes(data.bytes)}, made by ${from}`, "muted")],
    [],
    keysLine([
      ["j/k", "choose"],
      ["enter", "go there"],
      ["esc", "close"],
    ]),
  ];
}
