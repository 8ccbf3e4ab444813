/** The timeline: a bar per step on one axis, so that parallel work is seen to overlap. */
import type { RunView } from "../../console/console-state.ts";
import { instanceOf } from "../../orchestrator/instances.ts";
import { formatDuration } from "../format.ts";
import { selectedStep } from "../model/selection.ts";
import type { Axis, TimelineRow } from "../model/timeline.ts";
import { axisOf, placeOn, timelineRows } from "../model/timeline.ts";
import type { Line, Span } from "../spans.ts";
import { cell, fitLine, span, widthOf } from "../spans.ts";
import { stepLook } from "../theme.ts";
import { countSpans, fanOutCounts } from "./fan-out.ts";
import type { PaneInput } from "./pane.ts";
import { windowStart } from "./pane.ts";
import { stepWord } from "./step-facts.ts";

const LONGEST_NAME = 18;
/** `12.3s, was 11.9s` at the right. */
const TIME_WIDTH = 19;

/** A scale from the axis to columns of the screen. */
interface Scale {
  readonly axis: Axis;
  readonly width: number;
}

/** The rows of the timeline with its axis below. */
export function timelineLines(input: PaneInput, run: RunView): readonly Line[] {
  const selected = selectedStep(input.screen, input.state)?.key;
  const rows = timelineRows(run, input.state.now, selected);
  const axis = axisOf(rows);
  const nameWidth = Math.min(
    LONGEST_NAME,
    Math.max(4, ...rows.map((row) => widthOf(nameOf(row, run)))),
  );
  const scale: Scale = { axis, width: Math.max(8, input.width - nameWidth - TIME_WIDTH - 7) };
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === selected),
  );
  const room = Math.max(1, input.height - 2);
  const start = windowStart(at, rows.length, Math.min(room, rows.length));
  const body = rows.slice(start, start + room).map((row): Line => {
    const chosen = row.key === selected;
    const look = stepLook(stepWord(run, row.step));
    return fitLine(
      [
        span(chosen ? "› " : "  ", "accent", true),
        span(`${look.glyph} `, look.tone, true),
        span(`${cell(nameOf(row, run), nameWidth)} `, chosen ? "accent" : "text", chosen),
        ...barSpans(row, scale, look.tone),
        span(" "),
        ...fitLine(timeLine(row, run), TIME_WIDTH),
      ],
      input.width,
    );
  });
  if (axis.length === 0) return body;
  return [...body, ...axisLines(scale, nameWidth + 5)];
}

/** A step by its name, an instance by its place below it. */
function nameOf({ key }: TimelineRow, run: RunView): string {
  const instance = instanceOf(key);
  if (instance !== undefined) return `  [${instance.index}]`;
  const counts = fanOutCounts(run, key);
  return counts === undefined ? key : `${key} ×${counts.total}`;
}

/** What an attempt took, and what the one before did; of a fan-out, what it comes to. */
function timeLine({ key, bar, ghostMs, step }: TimelineRow, run: RunView): Line {
  if (bar === null) return [span(step.progress.status, "muted")];
  const took = cell(formatDuration(bar.to - bar.from), 7, "right");
  const counts = fanOutCounts(run, key);
  if (counts !== undefined) {
    return [span(`${took} `, "muted"), ...countSpans(counts.words, "")];
  }
  return [span(ghostMs === null ? took : `${took}, was ${formatDuration(ghostMs)}`, "muted")];
}

function columnOf({ axis, width }: Scale, moment: number): number {
  return (placeOn(axis, moment) / Math.max(1, axis.length)) * width;
}

/** The bar before its ghost; both in whole columns, at least one. */
function barSpans(
  { bar, ghostMs }: TimelineRow,
  scale: Scale,
  tone: Span["tone"],
): readonly Span[] {
  if (bar === null) return [span(" ".repeat(scale.width))];
  const from = Math.min(scale.width - 1, Math.floor(columnOf(scale, bar.from)));
  const end = (moment: number): number =>
    Math.min(scale.width, Math.max(from + 1, Math.round(columnOf(scale, moment))));
  const to = end(bar.to);
  const ghost = ghostMs === null ? to : Math.max(to, end(bar.from + ghostMs));
  return [
    span(" ".repeat(from)),
    span("█".repeat(to - from), tone),
    span("░".repeat(ghost - to), "muted"),
    span(" ".repeat(scale.width - ghost)),
  ];
}

/** A rule with a mark where time is folded, and below it the times. */
function axisLines(scale: Scale, indent: number): readonly Line[] {
  const { axis, width } = scale;
  const folds = axis.stretches.slice(1).map(({ at }) => Math.round((at / axis.length) * width));
  const ticks = Math.max(1, Math.floor(width / 16));
  const rule: string[] = Array.from({ length: width }, (_, at) => (folds.includes(at) ? "⌇" : "─"));
  const labels = new Array<string>(width + 8).fill(" ");
  for (let tick = 0; tick <= ticks; tick += 1) {
    const at = Math.round((tick / ticks) * width);
    const text = formatDuration((tick / ticks) * axis.length);
    if (at < width && !folds.includes(at)) rule[at] = "┬";
    [...text].forEach((letter, index) => {
      labels[at + index] = letter;
    });
  }
  const space = span(" ".repeat(indent));
  return [
    [space, span(rule.join(""), "muted")],
    [space, span(labels.join("").trimEnd(), "muted")],
  ];
}
