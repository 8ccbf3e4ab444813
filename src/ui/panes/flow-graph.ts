/** The graph of a run: stages left to right, parallel branches stacked, edges between them. */
import type { RunView } from "../../console/console-state.ts";
import type { Step } from "../../orchestrator/flow.ts";
import type { Slot } from "../model/graph-layers.ts";
import { isLinked, layersOf } from "../model/graph-layers.ts";
import { selectedStep } from "../model/selection.ts";
import type { Line } from "../spans.ts";
import { span, widthOf } from "../spans.ts";
import { drawEdges } from "./graph-edges.ts";
import type { PaneInput } from "./pane.ts";
import { windowStart } from "./pane.ts";
import { CARD_ROWS, cardLines, PLAIN_EXTRAS } from "./step-card.ts";

/** How narrow cards may become: framed ones, and those of one row. */
const NARROWEST = { framed: 22, plain: 16 } as const;
const WIDEST_CARD = 40;

/** A stage with the row where each of its places begins. */
interface Column {
  readonly slots: readonly Slot<Step>[];
  readonly tops: readonly number[];
}

/** A graph measured in rows, not yet in columns. */
interface Skeleton {
  readonly columns: readonly Column[];
  /** `gaps[n]` stands left of column n; the first is empty. */
  readonly gaps: readonly (readonly string[])[];
  readonly cardRows: number;
  readonly height: number;
}

/** The rows a run's graph takes at best, title included. */
export function flowRowsOf(run: RunView | undefined): number {
  return run === undefined ? 12 : 1 + skeletonOf(run, CARD_ROWS).height;
}

/** The graph, as much of it as fits around the selected step. */
export function graphLines(input: PaneInput, run: RunView): readonly Line[] {
  const skeleton = fittingSkeleton(run, input);
  const { columns, gaps, cardRows, height } = skeleton;
  const selected = selectedStep(input.screen, input.state)?.definition;
  const at = Math.max(
    0,
    columns.findIndex(({ slots }) => slots.some((slot) => isOf(slot, selected))),
  );
  const { first, count, width } = windowOf(skeleton, at, input.width - 2);
  const context = { input, run, width, cardRows };
  const shown = columns.slice(first, first + count);
  const parts = shown.flatMap((column, index) => [
    ...(index === 0 ? [] : [(gaps[first + index] ?? []).map((text) => [span(text, "muted")])]),
    columnLines(column, context, height),
  ]);
  const more = {
    left: first > 0 ? "‹" : " ",
    right: first + count < columns.length ? "›" : " ",
  };
  const lines = Array.from({ length: height }, (_, row): Line => {
    const middle = row === Math.floor(height / 2);
    return [
      span(middle ? more.left : " ", "accent"),
      ...parts.flatMap((part) => part[row] ?? []),
      span(middle ? more.right : " ", "accent"),
    ];
  });
  if (height <= input.height) return lines;
  const focused = columns[at];
  const row = focused?.tops[focused.slots.findIndex((slot) => isOf(slot, selected))] ?? 0;
  const start = windowStart(row, height, input.height);
  return lines.slice(start, start + input.height);
}

function isOf(slot: Slot<Step>, step: Step | undefined): boolean {
  return slot.kind === "step" && slot.step === step;
}

/** Framed cards when the whole graph fits with them; plain ones when it fits only so. */
function fittingSkeleton(run: RunView, { width, height }: PaneInput): Skeleton {
  const framed = skeletonOf(run, CARD_ROWS);
  const plain = skeletonOf(run, 1);
  const isWide = (one: Skeleton): boolean => windowOf(one, 0, width - 2).count < one.columns.length;
  if (framed.height > height) return plain;
  return isWide(framed) && !isWide(plain) ? plain : framed;
}

/** Where everything is from top to bottom, with cards of `cardRows` rows. */
function skeletonOf(run: RunView, cardRows: number): Skeleton {
  const layers = layersOf(run.state.origin.flow.steps);
  const heightOf = (slots: readonly Slot<Step>[], rows: number): number =>
    slots.reduce((sum, slot) => sum + (slot.kind === "step" ? rows : 1), 0);
  const height = Math.max(cardRows, ...layers.map((slots) => heightOf(slots, cardRows)));
  const columns = layers.map((slots): Column => {
    let top = Math.floor((height - heightOf(slots, cardRows)) / 2);
    const tops = slots.map((slot) => {
      const its = top;
      top += slot.kind === "step" ? cardRows : 1;
      return its;
    });
    return { slots, tops };
  });
  const gaps = columns.map((column, index) =>
    gapBetween(columns[index - 1], column, { cardRows, height }),
  );
  return { columns, gaps, cardRows, height };
}

function gapBetween(
  left: Column | undefined,
  right: Column,
  { cardRows, height }: Pick<Skeleton, "cardRows" | "height">,
): readonly string[] {
  if (left === undefined) return [];
  const portOf = ({ slots, tops }: Column, at: number): number =>
    (tops[at] ?? 0) + (slots[at]?.kind === "step" && cardRows > 1 ? 1 : 0);
  const edges = left.slots.flatMap((slot, from) =>
    right.slots.flatMap((other, to) =>
      isLinked(slot, other) ? [{ from: portOf(left, from), to: portOf(right, to) }] : [],
    ),
  );
  const steps = new Set(
    right.slots.flatMap((slot, at) => (slot.kind === "step" ? [portOf(right, at)] : [])),
  );
  return drawEdges(edges, height, (row) => steps.has(row));
}

/** The stages that fit around stage `at`, and how wide their cards are. */
function windowOf(
  { columns, gaps, cardRows }: Skeleton,
  at: number,
  room: number,
): { readonly first: number; readonly count: number; readonly width: number } {
  const narrowest = cardRows > 1 ? NARROWEST.framed : NARROWEST.plain;
  const widest = cardRows > 1 ? WIDEST_CARD : plainWidth(columns);
  for (let count = columns.length; count > 1; count -= 1) {
    const first = windowStart(at, columns.length, count);
    const between = gaps.slice(first + 1, first + count);
    const left = room - between.reduce((sum, gap) => sum + (gap[0]?.length ?? 0), 0);
    const width = Math.min(widest, Math.floor(left / count));
    if (width >= Math.min(narrowest, widest)) return { first, count, width };
  }
  return { first: at, count: 1, width: Math.min(widest, room) };
}

/** What a plain card takes with its longest name, its state and its time. */
function plainWidth(columns: readonly Column[]): number {
  const names = columns.flatMap(({ slots }) => slots.map((slot) => widthOf(slot.from)));
  return Math.min(WIDEST_CARD, Math.max(...names) + PLAIN_EXTRAS);
}

function columnLines(
  { slots, tops }: Column,
  context: Parameters<typeof cardLines>[1],
  height: number,
): readonly Line[] {
  const blank: Line = [span(" ".repeat(context.width))];
  const lines: Line[] = Array.from({ length: height }, () => blank);
  slots.forEach((slot, index) => {
    const top = tops[index] ?? 0;
    const rows: readonly Line[] =
      slot.kind === "step"
        ? cardLines(slot.step, context)
        : [[span("─".repeat(context.width), "muted")]];
    rows.forEach((line, row) => {
      lines[top + row] = line;
    });
  });
  return lines;
}
