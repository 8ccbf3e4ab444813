/** The flow as a graph: stages left to right, parallel branches stacked, edges between them. */
import type { RunView } from "../../console/console-state.ts";
import type { Step } from "../../orchestrator/flow.ts";
import { stagesOf } from "../../orchestrator/graph.ts";
import type { StepState } from "../../orchestrator/state.ts";
import { formatDuration, formatPercent, progressBar } from "../format.ts";
import { selectedRun, selectedStep } from "../model/selection.ts";
import type { Line, Span, Tone } from "../spans.ts";
import { cell, fitLine, span, widthOf } from "../spans.ts";
import { stepLook } from "../theme.ts";
import type { PaneContent, PaneInput } from "./pane.ts";
import { windowStart } from "./pane.ts";
import { progressOf, stepElapsedMs, stepWord, workerOf } from "./step-facts.ts";
import { welcomeLines } from "./welcome.ts";

const CARD_ROWS = 4;
const GAP = 5;
const NARROWEST_CARD = 22;
const WIDEST_CARD = 40;

/** The rows a run's graph takes at best, title included. */
export function flowRowsOf(run: RunView | undefined): number {
  if (run === undefined) return 12;
  const stages = stagesOf(run.state.origin.flow.steps);
  return 1 + CARD_ROWS * Math.max(1, ...stages.map((stage) => stage.length));
}

/** The flow pane. */
export function flowPane(input: PaneInput): PaneContent {
  const run = selectedRun(input.screen, input.state);
  if (run === undefined) return { title: "Flow", info: [], lines: welcomeLines(input) };
  const { flow } = run.state.origin;
  if (flow.steps.length === 0) {
    const why = run.state.failure?.message ?? "the flow has no steps";
    return { title: "Flow", info: [], lines: [[span(` ✗ failed: ${why}`, "bad")]] };
  }
  const succeeded = Object.values(run.state.steps).filter(
    (step) => step.progress.status === "succeeded",
  ).length;
  return {
    title: "Flow",
    info: [span(`${succeeded}/${flow.steps.length} steps done`, "muted")],
    lines: graphLines(input, run),
  };
}

interface Column {
  readonly stage: number;
  readonly steps: readonly Step[];
  /** The row of each step's card, and of its edge's port. */
  readonly tops: readonly number[];
}

function graphLines(input: PaneInput, run: RunView): readonly Line[] {
  const all = stagesOf(run.state.origin.flow.steps);
  const tallest = Math.max(...all.map((stage) => stage.length));
  const cardRows = tallest * CARD_ROWS <= input.height ? CARD_ROWS : 1;
  const height = tallest * cardRows;
  const selected = selectedStep(input.screen, input.state)?.definition;
  const at = Math.max(
    0,
    all.findIndex((stage) => selected !== undefined && stage.includes(selected)),
  );
  const fitting = Math.max(1, Math.floor((input.width - 2 + GAP) / (NARROWEST_CARD + GAP)));
  const first = windowStart(at, all.length, Math.min(fitting, all.length));
  const shown = all.slice(first, first + fitting);
  const width = Math.min(
    WIDEST_CARD,
    Math.floor((input.width - 2 - GAP * (shown.length - 1)) / shown.length),
  );
  const columns = shown.map((steps, index): Column => {
    const offset = Math.floor((height - steps.length * cardRows) / 2);
    return { stage: first + index, steps, tops: steps.map((_, row) => offset + row * cardRows) };
  });
  const cards = columns.map((column) =>
    columnLines(column, { input, run, width, cardRows, height }),
  );
  const gaps = columns
    .slice(1)
    .map((column, index) => gapLines(columns[index], column, { cardRows, height }));
  const lines = Array.from({ length: height }, (_, row): Line => {
    const parts = cards.flatMap((card, index) => [
      ...(card[row] ?? []),
      ...(gaps[index]?.[row] ?? []),
    ]);
    return [span(" "), ...parts];
  });
  const row = columns.find((column) => column.stage === at);
  const focusRow = selected === undefined ? 0 : (row?.tops[row.steps.indexOf(selected)] ?? 0);
  const start = height <= input.height ? 0 : windowStart(focusRow, height, input.height);
  return lines.slice(start, start + input.height);
}

interface CardContext {
  readonly input: PaneInput;
  readonly run: RunView;
  readonly width: number;
  readonly cardRows: number;
  readonly height: number;
}

function columnLines(column: Column, context: CardContext): readonly Line[] {
  const blank: Line = [span(" ".repeat(context.width))];
  const lines: Line[] = Array.from({ length: context.height }, () => blank);
  column.steps.forEach((definition, index) => {
    const top = column.tops[index] ?? 0;
    cardLines(definition, context).forEach((line, row) => {
      lines[top + row] = line;
    });
  });
  return lines;
}

function cardLines(definition: Step, context: CardContext): readonly Line[] {
  const { run, input, width } = context;
  const entry = Object.entries(run.state.steps).find(([key]) => key === String(definition.id));
  if (entry === undefined) return [];
  const [, step] = entry;
  const look = stepLook(stepWord(run, step));
  const chosen = selectedStep(input.screen, input.state)?.definition === definition;
  const elapsed = stepElapsedMs(run, step, input.state.now);
  const clock = elapsed === null ? "" : formatDuration(elapsed);
  const status: Line = [
    span(`${look.glyph} `, look.tone),
    span(cell(look.word, 11), look.tone, true),
  ];
  if (context.cardRows === 1) {
    const name = span(cell(`${chosen ? "›" : " "} ${definition.id}`, width - 22), "text", chosen);
    return [fitLine([name, ...status, span(cell(clock, 8, "right"), "muted")], width)];
  }
  const frame = frameOf(chosen, input.focused);
  const inner = width - 4;
  const side = span(frame.side, frame.tone, chosen);
  const row = (line: Line): Line => [side, span(" "), ...fitLine(line, inner), span(" "), side];
  const name = ` ${definition.id} `;
  const rule = frame.rule.repeat(Math.max(0, width - 3 - name.length));
  return [
    [
      span(frame.topLeft + frame.rule, frame.tone, chosen),
      span(name, chosen ? frame.tone : "text", true),
      span(rule + frame.topRight, frame.tone, chosen),
    ],
    row([...fitLine(status, Math.max(0, inner - 9)), span(cell(clock, 9, "right"))]),
    row(secondRow(run, step, inner)),
    [span(frame.bottomLeft + frame.rule.repeat(width - 2) + frame.bottomRight, frame.tone, chosen)],
  ];
}

/** A bar while the step is live, then who did it in which attempt. */
function secondRow(run: RunView, step: StepState, width: number): Line {
  const word = stepWord(run, step);
  const attempts = step.attempts.length;
  const progress = progressOf(run, step);
  if (word === "running" && progress !== undefined)
    return liveRow(progress.fraction, attempts, width);
  const { progress: at } = step;
  if (at.status === "blocked") return [span(`by ${at.by}`, "muted")];
  if (attempts === 0) return [];
  const worker = workerOf(run, step);
  const said = worker === "" ? `attempt ${attempts}` : `attempt ${attempts} · ${worker}`;
  return [span(widthOf(said) <= width ? said : `#${attempts} · ${worker}`, "muted")];
}

function liveRow(fraction: number | null, attempts: number, width: number): Line {
  const note = attempts > 1 ? ` #${attempts}` : "";
  if (fraction === null) return [span(`working…${note}`, "muted")];
  const room = Math.max(4, width - 5 - note.length);
  return [
    span(progressBar(fraction, room), "live"),
    span(cell(formatPercent(fraction), 5, "right")),
    span(note, "muted"),
  ];
}

interface CardFrame {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly rule: string;
  readonly side: string;
  readonly tone: Tone;
}

function frameOf(chosen: boolean, focused: boolean): CardFrame {
  const [topLeft = "", topRight = "", bottomLeft = "", bottomRight = "", rule = "", side = ""] =
    chosen ? ["┏", "┓", "┗", "┛", "━", "┃"] : ["╭", "╮", "╰", "╯", "─", "│"];
  const tone: Tone = chosen ? (focused ? "accent" : "text") : "muted";
  return { topLeft, topRight, bottomLeft, bottomRight, rule, side, tone };
}

const UP = 1;
const DOWN = 2;
const LEFT = 4;
const RIGHT = 8;

/** Box-drawing characters by the directions they reach. */
const JOINTS: Readonly<Record<number, string>> = {
  [UP | DOWN]: "│",
  [LEFT | RIGHT]: "─",
  [DOWN | RIGHT]: "╭",
  [UP | RIGHT]: "╰",
  [DOWN | LEFT]: "╮",
  [UP | LEFT]: "╯",
  [UP | DOWN | RIGHT]: "├",
  [UP | DOWN | LEFT]: "┤",
  [DOWN | LEFT | RIGHT]: "┬",
  [UP | LEFT | RIGHT]: "┴",
  [UP | DOWN | LEFT | RIGHT]: "┼",
  [LEFT]: "─",
  [RIGHT]: "─",
};

/** The edges between two neighbouring stages, on one shared upright. */
function gapLines(
  from: Column | undefined,
  to: Column,
  { cardRows, height }: { readonly cardRows: number; readonly height: number },
): readonly Line[] {
  const port = cardRows === 1 ? 0 : 1;
  const bits = new Array<number>(height).fill(0);
  const reach = (row: number, direction: number): void => {
    bits[row] = (bits[row] ?? 0) | direction;
  };
  from?.steps.forEach((source, index) => {
    const start = (from.tops[index] ?? 0) + port;
    to.steps.forEach((target, at) => {
      if (!target.needs.includes(source.id)) return;
      const end = (to.tops[at] ?? 0) + port;
      reach(start, LEFT);
      reach(end, RIGHT);
      for (let row = Math.min(start, end); row < Math.max(start, end); row += 1) {
        reach(row, DOWN);
        reach(row + 1, UP);
      }
    });
  });
  return bits.map((bit): Line => [edgeSpan(bit)]);
}

function edgeSpan(bit: number): Span {
  const left = bit & LEFT ? "──" : "  ";
  const right = bit & RIGHT ? "─▸" : "  ";
  return span(left + (JOINTS[bit] ?? " ") + right, "muted");
}
